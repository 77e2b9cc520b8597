import type { ReleaseOptions } from '@coalmine/cli';

/** A way in which the series in Prometheus, or the names in the templates, differ from the series of the app. */
export interface Relabelling {
  readonly name: string;
  /** The `metric_relabel_configs` of the scrape. */
  readonly configs: readonly object[];
  /** Whether the queries need the missing series, so that a good canary has to wait for a person. */
  readonly isNeeded: boolean;
  /** More options for `coalmine manifests`. */
  readonly manifests?: ReleaseOptions;
}

/** The pods, by their template hash. */
const CANARIES = 'good|bad';
const ROLE = 'rollouts_pod_template_hash';

const SERIES = [
  'http_requests_total',
  'http_requests_failed_total',
  'http_requests_timed_total',
  'http_requests_slow_total',
  'http_requests_overdue',
  'coalmine_objective_latency_seconds',
  'coalmine_pod_ready_timestamp_seconds',
  'nodejs_eventloop_time_seconds_total',
];
const LABELS = ['method', 'route', 'status_code', 'nodejs_eventloop_state', 'namespace', ROLE];
const WITH_SCHEMA = { schema: true };

export const RELABELLINGS: readonly Relabelling[] = [
  { name: 'nothing is missing', configs: [], isNeeded: false },
  { name: 'nothing is missing, and the schema is needed', configs: [], isNeeded: false, manifests: WITH_SCHEMA },
  {
    name: 'what no query asks for is dropped',
    configs: dropped('http_errors_total|http_request_duration_seconds_.*|http_requests_in_flight|coalmine_pod_warm'),
    isNeeded: false,
  },
  ...SERIES.flatMap((series) => [
    { name: `${series} is renamed`, configs: renamed(series), isNeeded: true },
    { name: `${series} is dropped from the canary`, configs: dropped(series, CANARIES), isNeeded: true },
  ]),
  ...SERIES.slice(0, 4).map((series) => ({
    name: `${series} is dropped from stable`,
    configs: dropped(series, 'stable'),
    isNeeded: true,
  })),
  ...LABELS.flatMap((label) => [
    { name: `the label ${label} is dropped`, configs: [labelDropped(label)], isNeeded: true },
    { name: `the label ${label} is renamed`, configs: labelRenamed(label), isNeeded: true },
  ]),
  {
    name: 'the state of the schema is renamed, and needed',
    configs: renamed('coalmine_schema_state'),
    isNeeded: true,
    manifests: WITH_SCHEMA,
  },
  {
    name: 'the label state is dropped, and the schema is needed',
    configs: [labelDropped('state')],
    isNeeded: true,
    manifests: WITH_SCHEMA,
  },
  {
    name: 'the state of the schema is dropped from the canary, and stable has it',
    configs: dropped('coalmine_schema_state', CANARIES),
    isNeeded: true,
  },
  {
    name: 'no app has a schema',
    configs: dropped('coalmine_schema_state'),
    isNeeded: false,
  },
  {
    name: 'all of stable is dropped, as at the first adoption',
    configs: dropped('.*', 'stable'),
    isNeeded: false,
  },
  {
    name: 'the template asks for the names of OpenTelemetry',
    configs: [],
    isNeeded: true,
    manifests: { names: 'otel' },
  },
  {
    name: 'the template asks for another label of the status',
    configs: [],
    isNeeded: true,
    manifests: { names: { labels: { status_code: 'status' } } },
  },
  {
    name: 'the template was told of another objective',
    configs: [],
    isNeeded: true,
    manifests: { objective: { latency: 0.1 } },
  },
];

/** Drops series with a matching name, for all pods or for some. */
function dropped(series: string, pods = '.*'): readonly object[] {
  return [{ source_labels: ['__name__', ROLE], separator: ';', regex: `(?:${series});(?:${pods})`, action: 'drop' }];
}

function renamed(series: string): readonly object[] {
  return [{ source_labels: ['__name__'], regex: series, target_label: '__name__', replacement: `other_${series}` }];
}

function labelDropped(label: string): object {
  return { regex: label, action: 'labeldrop' };
}

function labelRenamed(label: string): readonly object[] {
  return [{ regex: label, replacement: `other_${label}`, action: 'labelmap' }, labelDropped(label)];
}
