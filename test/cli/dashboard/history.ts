/** A series: its value at each minute, or nothing while the series does not exist. */
export interface Scripted {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  valueAt(minute: number): number | undefined;
}

export const MINUTES = 30;
/** The times of the events, in minutes. */
export const CANARY_STARTS = 10;
export const STEP_DONE = [12, 16] as const;
export const ENDS = 20;

export const HASHES = { stable: '5f6c7d8b9c', canary: '7d9c4b8f6d' } as const;
type Side = keyof typeof HASHES;

const PER_MINUTE = { stable: 600, canary: 60 } as const;
/** A fifth of the canary's requests to `/pay` fail. Stable never fails. A tenth of all requests are slow. */
const FAILING = { stable: 0, canary: 0.2 } as const;

/** Returns the series of a service in the namespace `eu` and of both sides of its release. */
export function serviceSeries(name: string, hashes: Readonly<Record<Side, string>>): readonly Scripted[] {
  return (['stable', 'canary'] as const).flatMap((side) => podSeries(name, side, hashes[side]));
}

function podSeries(name: string, side: Side, hash: string): readonly Scripted[] {
  const pod = { namespace: 'eu', pod: `${name}-${hash}-x7k2p`, rollouts_pod_template_hash: hash };
  const from = side === 'canary' ? CANARY_STARTS : 0;
  const total = (metric: string, labels: Readonly<Record<string, string>>, perMinute: number): Scripted => ({
    metric,
    labels: { ...pod, ...labels },
    valueAt: (minute) => (minute < from ? undefined : perMinute * (minute - from)),
  });
  const gauge = (metric: string, value: number, labels: Readonly<Record<string, string>> = {}): Scripted => ({
    metric,
    labels: { ...pod, ...labels },
    valueAt: (minute) => (minute < from ? undefined : value),
  });
  const ofRoute = (method: string, route: string, perMinute: number, failing: number): readonly Scripted[] => [
    total('http_requests_total', { method, route, status_code: '200' }, perMinute * (1 - failing)),
    total('http_requests_total', { method, route, status_code: '500' }, perMinute * failing),
    total('http_requests_failed_total', { method, route }, perMinute * failing),
    total('http_requests_timed_total', { method, route }, perMinute),
    total('http_requests_slow_total', { method, route }, perMinute / 10),
  ];
  const all = PER_MINUTE[side];
  return [
    ...ofRoute('GET', '/items/:id', 0.75 * all, 0),
    ...ofRoute('POST', '/pay', 0.25 * all, FAILING[side]),
    total('http_request_duration_seconds_bucket', { le: '0.5' }, 0.9 * all),
    total('http_request_duration_seconds_bucket', { le: '+Inf' }, all),
    total('coalmine_excluded_requests_total', { reason: 'health', code_class: '2xx' }, 12),
    total('nodejs_eventloop_time_seconds_total', { nodejs_eventloop_state: 'active' }, 6),
    total('nodejs_eventloop_time_seconds_total', { nodejs_eventloop_state: 'idle' }, 54),
    gauge('coalmine_objective_latency_seconds', 0.5),
    gauge('coalmine_pod_ready_timestamp_seconds', 60 * from),
    gauge('coalmine_pod_warm', 1),
    gauge('coalmine_schema_state', 1, { source: 'prisma', state: 'compatible' }),
    gauge('http_requests_overdue', 0),
    gauge('http_requests_in_flight', 1),
  ];
}

/** Returns what Argo Rollouts exports of a rollout that is aborted, scraped without `honor_labels`. */
export function argoSeries(name: string, canary: string): readonly Scripted[] {
  const labels = { namespace: 'argo-rollouts', exported_namespace: 'eu', name };
  const info = (phase: string, from: number, to: number): Scripted => ({
    metric: 'rollout_info',
    labels: { ...labels, strategy: 'canary', traffic_router: 'nginx', phase },
    valueAt: (minute) => (from <= minute && minute < to ? 1 : undefined),
  });
  const events = (reason: string, ...times: readonly number[]): Scripted => ({
    metric: 'rollout_events_total',
    labels: { ...labels, type: 'Normal', reason },
    valueAt: (minute) => times.filter((at) => at <= minute).length || undefined,
  });
  const ofRun = (metric: string, phase: string, from: number, to: number): Scripted => ({
    metric: 'analysis_run_metric_phase',
    labels: { ...labels, name: `${name}-${canary}-2-1`, metric, type: 'Prometheus', dry_run: 'false', phase },
    valueAt: (minute) => (minute < CANARY_STARTS ? undefined : Number(from <= minute && minute < to)),
  });
  return [
    info('Completed', 0, CANARY_STARTS),
    info('Progressing', CANARY_STARTS, ENDS),
    info('Abort', ENDS, MINUTES + 1),
    events('RolloutUpdated', CANARY_STARTS),
    events('RolloutStepCompleted', ...STEP_DONE),
    events('AnalysisRunFailed', ENDS),
    events('RolloutAborted', ENDS),
    ofRun('error-ratio', 'Running', CANARY_STARTS, ENDS),
    ofRun('error-ratio', 'Failed', ENDS, MINUTES + 1),
    ofRun('hangs', 'Successful', CANARY_STARTS, MINUTES + 1),
  ];
}

/** Returns what Flagger exports of a canary that is promoted, scraped with `honor_labels`. */
export function flaggerSeries(name: string): readonly Scripted[] {
  const labels = { namespace: 'eu', name };
  const weights = [
    [0, 0],
    [STEP_DONE[0], 10],
    [STEP_DONE[1], 20],
    [ENDS, 0],
  ] as const;
  return [
    {
      metric: 'flagger_canary_weight',
      labels: { namespace: 'eu', workload: name },
      valueAt: (minute) => weights.findLast(([at]) => at <= minute)?.[1],
    },
    {
      metric: 'flagger_canary_status',
      labels,
      valueAt: (minute) => Number(minute < CANARY_STARTS || minute >= ENDS),
    },
    {
      metric: 'flagger_canary_successes_total',
      labels: { ...labels, deployment_strategy: 'canary', analysis_status: 'completed' },
      valueAt: (minute) => (minute < ENDS ? undefined : 1),
    },
  ];
}

/** Returns the OpenMetrics text of series, with a sample every 15 s from a given time on. */
export function openMetricsOf(series: readonly Scripted[], beginsAt: number): readonly string[] {
  const families = [...new Set(series.map(({ metric }) => metric))];
  const text = families.flatMap((family) => series.filter(({ metric }) => metric === family).map(samplesOf));
  return [...text, '# EOF\n'];

  function samplesOf({ metric, labels, valueAt }: Scripted): string {
    const named = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const samples: string[] = [];
    for (let second = 0; second <= 60 * MINUTES; second += 15) {
      const value = valueAt(second / 60);
      if (value !== undefined) samples.push(`${metric}{${named}} ${value} ${beginsAt + second}\n`);
    }
    return samples.join('');
  }
}
