import type { Release } from '../release/release.js';
import { podsOf } from './rules.js';

/** A Grafana dashboard of one service: each release by its template hash, so that canary and stable stand side by side. */
export function dashboard(release: Release): object {
  const { names, objective, labels, name } = release;
  const by = `by (${labels.hash})`;
  const pods = podsOf(release, `${labels.hash}=~"$hash"`);
  const hashes = `label_values(${names.requests}{${podsOf(release)}}, ${labels.hash})`;
  const each = (metric: string): string => `${metric}{${pods}}`;
  const rate = (metric: string): string => `sum ${by} (rate(${each(metric)}[$__rate_interval]))`;
  const legend = `{{${labels.hash}}}`;
  const panels: readonly Panel[] = [
    { title: 'Requests per second', unit: 'reqps', query: rate(names.requests), legend },
    {
      title: 'Share of failed requests',
      unit: 'percentunit',
      query: `${rate(names.failed)} / ${rate(names.requests)}`,
      legend,
      bound: objective.errorRatio,
    },
    {
      title: 'Share over the objective of the route',
      unit: 'percentunit',
      query: `${rate(names.slow)} / ${rate(names.timed)}`,
      legend,
      bound: objective.overShare,
    },
    {
      title: '95th percentile, interpolated',
      unit: 's',
      query: `histogram_quantile(0.95, sum by (${labels.hash}, le) (rate(${each(`${names.duration}_bucket`)}[$__rate_interval])))`,
      legend,
      ...(objective.latency === undefined ? {} : { bound: objective.latency }),
    },
    { title: 'Overdue requests', unit: 'short', query: `sum ${by} (${each(names.overdue)})`, legend },
    { title: 'Requests in flight', unit: 'short', query: `sum ${by} (${each(names.inFlight)})`, legend },
    {
      title: 'Cold pods',
      unit: 'short',
      query: `count ${by} (${each('coalmine_pod_warm')} == 0) or 0 * count ${by} (${each('coalmine_pod_warm')})`,
      legend,
    },
    {
      title: 'Restarts',
      unit: 'short',
      // As of the question restarts: changes() would count one more on VictoriaMetrics.
      query: `sum ${by} (resets((-${each('coalmine_pod_ready_timestamp_seconds')})[$__range:$__interval]))`,
      legend,
    },
    {
      title: 'Kept out of the metrics, by reason',
      unit: 'reqps',
      query: `sum by (${labels.hash}, reason) (rate(${each('coalmine_excluded_requests_total')}[$__rate_interval]))`,
      legend: `${legend} {{reason}}`,
    },
    {
      title: 'State of the schema',
      unit: 'short',
      query: `max by (${labels.hash}, source, state) (${each('coalmine_schema_state')}) > 0`,
      legend: `${legend} {{source}}: {{state}}`,
    },
  ];
  return {
    title: `${name}: canary against stable`,
    uid: `coalmine-${name}`.slice(0, 40),
    tags: ['coalmine', 'canary'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        {
          name: 'hash',
          label: 'Release',
          type: 'query',
          datasource: DATASOURCE,
          definition: hashes,
          query: { query: hashes, refId: 'hash' },
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels: panels.map(panelOf),
  };
}

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly query: string;
  readonly legend: string;
  /** Where the objective is. */
  readonly bound?: number;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const [WIDTH, HEIGHT] = [12, 8];

function panelOf({ title, unit, query, legend, bound }: Panel, index: number): object {
  const steps = [{ color: 'green', value: null }, ...(bound === undefined ? [] : [{ color: 'red', value: bound }])];
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    datasource: DATASOURCE,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps },
        custom: { thresholdsStyle: { mode: bound === undefined ? 'off' : 'line' } },
      },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: [{ refId: 'A', datasource: DATASOURCE, expr: query, legendFormat: legend }],
  };
}
