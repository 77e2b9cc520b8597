import type { Release } from '../../release/release.js';
import { podsOf } from '../rules.js';
import { lines, type Panel } from './panel.js';

/** Returns the panels that show each release by its template hash, so that canary and stable can be compared. */
export function releases(release: Release): readonly Panel[] {
  const { names, objective, labels } = release;
  const rate = (metric: string): string => `sum by (${labels.hash}) (rate(${each(release, metric)}[$__rate_interval]))`;
  const one = (title: string, unit: string, expr: string, bound?: number): Panel =>
    lines({ title, unit, bound, queries: [{ expr, legend: `{{${labels.hash}}}` }] });
  return [
    one('Requests per second', 'reqps', rate(names.requests)),
    one(
      'Share of failed requests',
      'percentunit',
      `${rate(names.failed)} / ${rate(names.requests)}`,
      objective.errorRatio,
    ),
    one(
      'Share over the objective of the route',
      'percentunit',
      `${rate(names.slow)} / ${rate(names.timed)}`,
      objective.overShare,
    ),
    one(
      '95th percentile, interpolated',
      's',
      `histogram_quantile(0.95, sum by (${labels.hash}, le) (rate(${each(release, `${names.duration}_bucket`)}[$__rate_interval])))`,
      objective.latency,
    ),
    one('Overdue requests', 'short', `sum by (${labels.hash}) (${each(release, names.overdue)})`),
    one('Requests in flight', 'short', `sum by (${labels.hash}) (${each(release, names.inFlight)})`),
  ];
}

/** Returns the panels that show the state of the pods of each release. */
export function pods(release: Release): readonly Panel[] {
  const { hash } = release.labels;
  const warm = each(release, 'coalmine_pod_warm');
  const one = (title: string, unit: string, expr: string, legend = ''): Panel =>
    lines({ title, unit, queries: [{ expr, legend: `{{${hash}}}${legend}` }] });
  return [
    one('Cold pods', 'short', `count by (${hash}) (${warm} == 0) or 0 * count by (${hash}) (${warm})`),
    one(
      'Restarts',
      'short',
      // The same query as the question `restarts`: changes() would count one more on VictoriaMetrics.
      `sum by (${hash}) (resets((-${each(release, 'coalmine_pod_ready_timestamp_seconds')})[$__range:$__interval]))`,
    ),
    one(
      'Kept out of the metrics, by reason',
      'reqps',
      `sum by (${hash}, reason) (rate(${each(release, 'coalmine_excluded_requests_total')}[$__rate_interval]))`,
      ' {{reason}}',
    ),
    one(
      'State of the schema',
      'short',
      `max by (${hash}, source, state) (${each(release, 'coalmine_schema_state')}) > 0`,
      ' {{source}}: {{state}}',
    ),
  ];
}

function each(release: Release, metric: string): string {
  return `${metric}{${podsOf(release, `${release.labels.hash}=~"$hash"`)}}`;
}
