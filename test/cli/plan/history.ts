import { chance } from '../../verdict/chance.js';
import { createDraws } from '../../verdict/statistics/draws.js';

/** A stored history of a service: the counts of each of its pods at each scrape. */
export interface ServiceHistory {
  readonly namespace: string;
  readonly name: string;
  readonly routes: readonly Route[];
  readonly pods: readonly PodHistory[];
  /** The requests per second of the whole service at a time. All existing pods get the same number. */
  readonly perSecond: (at: number) => number;
  readonly scrapeSeconds: number;
  readonly seed: number;
  /** The stored series: the counters of Coalmine, the histogram of an app without Coalmine, or both. */
  readonly stored: 'counters' | 'histogram' | 'both';
  /** When the pods got a label with the hash, in epoch seconds. Before, only their names have the hash. @defaultValue 0 */
  readonly labelledFrom?: number;
  /** The objective that a hash reports, in seconds. @defaultValue 0.3 */
  readonly objective?: (hash: string) => number;
}

export interface PodHistory {
  readonly hash: string;
  /** The end of its name. */
  readonly suffix: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
}

export interface Route {
  readonly pattern: string;
  /** The share of the traffic. */
  readonly share: number;
  /** The share of its requests that fail, for a hash and a time. */
  readonly failing: (hash: string, at: number) => number;
  /** The share of its requests that takes longer than the objective of 0.3 s. */
  readonly slow: number;
}

/** The name of a metric family, and its samples in OpenMetrics. */
export type Family = readonly [family: string, samples: string];

interface Counts {
  all: number;
  failed: number;
  slow: number;
}

const OBJECTIVE_SECONDS = 0.3;
// The share within each bound, for requests that are not slow and for slow requests.
const BOUNDS = ['0.05', '0.1', '0.3', '0.5', '1.0'];
const FAST_WITHIN = [0.5, 0.8, 1, 1, 1];
const SLOW_WITHIN = [0, 0, 0, 0.5, 0.9];

/** Yields an OpenMetrics text with timestamps: each family once, with the samples of all services. */
export function* openMetricsOf(services: readonly ServiceHistory[], more: Iterable<Family>): Generator<string> {
  const families = new Map<string, string[]>();
  for (const [family, samples] of [...services.flatMap((service) => [...familiesOf(service)]), ...more]) {
    const all = families.get(family) ?? [];
    all.push(samples);
    families.set(family, all);
  }
  for (const [family, samples] of families) {
    yield `# TYPE ${family} ${typeOf(family)}\n`;
    yield* samples;
  }
  yield '# EOF\n';
}

function typeOf(family: string): string {
  if (family === 'http_request_duration_seconds') return 'histogram';
  return /^(?:coalmine|process)_|_overdue$/.test(family) ? 'gauge' : 'counter';
}

function* familiesOf(service: ServiceHistory): Generator<Family> {
  const { pods, scrapeSeconds, seed } = service;
  const draws = createDraws(chance(seed));
  const podsAt = (at: number): number => pods.filter(({ from, to }) => from <= at && at < to).length;
  for (const [index, pod] of pods.entries()) {
    const lines = new Map<string, string[]>();
    const counts = service.routes.map((): Counts => ({ all: 0, failed: 0, slow: 0 }));
    // Prometheus scrapes each pod at a different offset.
    const first = Math.ceil(pod.from / scrapeSeconds) * scrapeSeconds + ((0.37 * index) % scrapeSeconds);
    for (let at = first; at < pod.to; at += scrapeSeconds) {
      const mean = at === first ? 0 : (service.perSecond(at) * scrapeSeconds) / podsAt(at);
      for (const [i, { share, failing, slow }] of service.routes.entries()) {
        const count = counts[i] as Counts;
        const more = draws.poisson(mean * share);
        count.all += more;
        count.failed += draws.successes(more, failing(pod.hash, at));
        count.slow += draws.successes(more, slow);
      }
      for (const [series, value] of samplesOf(service, pod, counts, at)) {
        const all = lines.get(series) ?? [];
        all.push(`${series} ${value} ${at.toFixed(3)}\n`);
        lines.set(series, all);
      }
    }
    for (const [series, all] of lines) yield [familyOf(series), all.join('')];
  }
}

function familyOf(series: string): string {
  const [name = ''] = series.split('{', 1);
  return name.replace(/_(?:total|bucket|count)$/, '');
}

/** Yields the samples of one scrape of a pod. */
function* samplesOf(
  { namespace, name, routes, stored, labelledFrom = 0, objective }: ServiceHistory,
  { hash, suffix, from }: PodHistory,
  counts: readonly Counts[],
  at: number,
): Generator<readonly [series: string, value: number]> {
  const label = at >= labelledFrom ? `,rollouts_pod_template_hash="${hash}"` : '';
  const target = `namespace="${namespace}",pod="${name}-${hash}-${suffix}"${label}`;
  for (const [i, { all, failed, slow }] of counts.entries()) {
    const labels = `${target},method="GET",route="${routes[i]?.pattern}"`;
    if (stored !== 'histogram') {
      yield [`http_requests_total{${labels},status_code="200"}`, all - failed];
      yield [`http_requests_total{${labels},status_code="500"}`, failed];
      yield [`http_requests_failed_total{${labels}}`, failed];
      yield [`http_requests_timed_total{${labels}}`, all];
      yield [`http_requests_slow_total{${labels}}`, slow];
      yield [`http_requests_overdue{${labels}}`, 0];
    }
    if (stored === 'counters') continue;
    for (const [status, requests, over] of [
      ['200', all - failed, Math.min(slow, all - failed)],
      ['500', failed, 0],
    ] as const) {
      const own = `${labels},status_code="${status}"`;
      for (const [bound, le] of BOUNDS.entries()) {
        const within = (requests - over) * (FAST_WITHIN[bound] ?? 1) + over * (SLOW_WITHIN[bound] ?? 1);
        yield [`http_request_duration_seconds_bucket{${own},le="${le}"}`, Math.floor(within)];
      }
      yield [`http_request_duration_seconds_bucket{${own},le="+Inf"}`, requests];
      yield [`http_request_duration_seconds_count{${own}}`, requests];
    }
  }
  if (stored === 'histogram') {
    yield [`process_start_time_seconds{${target}}`, from];
    return;
  }
  yield [`coalmine_objective_latency_seconds{${target}}`, objective?.(hash) ?? OBJECTIVE_SECONDS];
  yield [`coalmine_pod_ready_timestamp_seconds{${target}}`, from];
  yield [`nodejs_eventloop_time_seconds_total{${target},nodejs_eventloop_state="active"}`, 0.2 * (at - from)];
  yield [`nodejs_eventloop_time_seconds_total{${target},nodejs_eventloop_state="idle"}`, 0.8 * (at - from)];
}
