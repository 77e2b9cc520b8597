import { number } from '../queries/evidence.js';
import { questionsOf } from '../queries/queries.js';
import type { Question } from '../queries/question.js';
import { seconds } from '../queries/series.js';
import type { Release } from '../release/release.js';
import { targetOf, workloadsOf } from '../release/workload.js';
import { flaggerSides } from './flagger-sides.js';
import { podNamesWithPrimary } from './pod-name.js';

/** Returns rules that a dashboard reads: the numbers of each release of the service, by its template hash. */
export function recordingRules(release: Release): readonly object[] {
  const { names, analysis, labels } = release;
  const window = seconds(analysis.windowSeconds);
  const by = `sum by (${labels.namespace}, ${labels.hash})`;
  const rate = (metric: string): string => `${by} (rate(${metric}{${podsOf(release)}}[${window}]))`;
  return [
    { record: `coalmine:http_requests:rate${window}`, expr: rate(names.requests) },
    {
      record: `coalmine:http_error_ratio:rate${window}`,
      expr: `${rate(names.failed)}\n/ (${rate(names.requests)} > 0)`,
    },
    { record: `coalmine:http_slow_ratio:rate${window}`, expr: `${rate(names.slow)}\n/ (${rate(names.timed)} > 0)` },
  ];
}

/** An alert in the form of a rule file. */
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'info' | 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** Returns alerts on what makes a verdict doubtful, each with its section of the runbook. */
export function alerts(release: Release): readonly object[] {
  return doubts(release).map(({ annotations, ...alert }) => ({
    ...alert,
    annotations: { ...annotations, runbook_url: `${release.runbook}#${alert.alert.toLowerCase()}` },
  }));
}

/** Returns alerts on excluded requests, missing scrapes, stuck warm-ups, and doubts that Flagger is not asked about. */
function doubts(release: Release): readonly Alert[] {
  const { names, labels, analysis } = release;
  const pods = podsOf(release);
  const by = `by (${labels.namespace}, ${labels.pod})`;
  const excluded = `sum(rate(coalmine_excluded_requests_total{${podsOf(release, 'reason!~"health|metrics"')}}[10m]))`;
  return [
    {
      alert: 'CoalmineMuchExcluded',
      expr: `${excluded}\n/ (${excluded} + sum(rate(${names.requests}{${pods}}[10m])))\n> 0.5`,
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'More than half of the requests are excluded from the metrics',
        description:
          'A leaked key or a range that is too wide hides users: see coalmine_excluded_requests_total by reason.',
      },
    },
    {
      alert: 'CoalmineClaimsRejected',
      expr: `sum by (reason) (increase(coalmine_exclusion_claims_rejected_total{${pods}}[10m])) > 0`,
      labels: { severity: 'info' },
      annotations: {
        summary: 'Requests claim to be internal and cannot prove it ({{ $labels.reason }})',
        description: 'A rotated key, a wrong clock, or an attempt to hide. Such requests count as requests of users.',
      },
    },
    {
      alert: 'CoalminePodStuckCold',
      expr: `max ${by} (coalmine_pod_warm{${pods}}) == 0\nand max ${by} (time() - coalmine_pod_ready_timestamp_seconds{${pods}}) > 600`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The warm-up of {{ $labels.pod }} does not end',
        description: 'Its durations are withheld, so nobody judges its latency: see warmup.maxSeconds.',
      },
    },
    {
      alert: 'CoalmineSchemaUnfit',
      expr: `max by (${labels.namespace}, ${labels.hash}, source, state) (coalmine_schema_state{${podsOf(release, 'state=~"behind|unmigrated|incompatible|failed"')}}) == 1`,
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'The schema of {{ $labels.source }} is {{ $labels.state }} for a running release',
        description: 'Pods that serve stay ready; new pods do not become ready.',
      },
    },
    {
      alert: 'CoalmineSeriesDropped',
      expr: `sum(increase(coalmine_series_dropped_total{${pods}}[1h])) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Routes are counted as (overflow)',
        description: 'More routes than metrics.maxRoutes: something turns a parameter into routes.',
      },
    },
    {
      alert: 'CoalmineNotScraped',
      expr: `absent(${names.requests}{${pods}})`,
      for: seconds(Math.max(300, 2 * analysis.windowSeconds)),
      labels: { severity: 'warning' },
      annotations: {
        summary: `No pod of ${release.name} ${release.push ? 'sends its metrics' : 'is scraped'}`,
        description: 'The next release would pause because of missing data.',
      },
    },
    // A pod that pushes may have several processes that push.
    ...(release.push
      ? []
      : [
          {
            alert: 'CoalmineScrapedTwice',
            expr: `count ${by} (coalmine_pod_warm{${pods}}) > 1`,
            for: '10m',
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.pod }} is scraped {{ $value }} times',
              description:
                'Each of its requests counts several times, so chance looks like evidence. Keep one of the scrapes.',
            },
          } as const,
        ]),
    {
      alert: 'CoalmineRequestsOverdue',
      expr: `sum by (${labels.namespace}, ${labels.hash}) (${names.overdue}{${pods}}) > 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $value }} requests have been in flight for longer than the patience',
        description: `A histogram shows them only when their clients give up. The share that may be slow: ${number(100 * release.objective.overShare)} %.`,
      },
    },
    {
      alert: 'CoalmineRoutesDiffer',
      expr: `(${differing(release)})\n> 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary:
          '{{ $value }} kinds of responses (3xx, 4xx, 499, 202, 204) of the canary are more frequent than on its primary',
        description: 'Flagger has no pause, so the release continues: a person should look at the routes.',
      },
    },
  ];
}

/** Returns the sum of the queries for which a gate of Argo Rollouts pauses. Without a primary of Flagger, it returns nothing. */
function differing(release: Release): string {
  const sides = flaggerSides(release, release.namespace, targetOf(release));
  const compared = questionsOf({ ...release, analysis: { ...release.analysis, compareWithStable: true } }, sides);
  const queryOf = (name: string): string =>
    `(${(compared.find((question) => question.name === name) as Question).query})`;
  return `${queryOf('routes-differing')}\n+ ${queryOf('unmatched-differing')}`;
}

/** Returns the pods of a service in all its releases, as label matchers, including the primary under Flagger. */
export function podsOf(release: Release, matcher?: string): string {
  const { namespace, labels } = release;
  const names = workloadsOf(release).map(podNamesWithPrimary).join('|');
  const pods = `${labels.namespace}="${namespace}",${labels.pod}=~"${names}"`;
  return matcher === undefined ? pods : `${pods},${matcher}`;
}
