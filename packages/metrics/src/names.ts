import { InvalidOption, isMapping, keysOf, objectOption } from '@coalmine/options';

/** Other names for our series and labels, so that existing dashboards keep working. */
export interface NameMap {
  /** @defaultValue `http_requests_total` */
  readonly requests?: string;
  /** @defaultValue `http_errors_total` */
  readonly errors?: string;
  /** @defaultValue `http_request_duration_seconds` */
  readonly duration?: string;
  /** @defaultValue `http_requests_timed_total` */
  readonly timed?: string;
  /** @defaultValue `http_requests_slow_total` */
  readonly slow?: string;
  /** @defaultValue `http_requests_failed_total` */
  readonly failed?: string;
  /** @defaultValue `http_requests_in_flight` */
  readonly inFlight?: string;
  /** @defaultValue `http_requests_overdue` */
  readonly overdue?: string;
  /** Label names. @defaultValue `{ method: 'method', route: 'route', status_code: 'status_code' }` */
  readonly labels?: {
    readonly method?: string;
    readonly route?: string;
    readonly status_code?: string;
    /** An additional label on responses of 500 and above, with their status. @defaultValue none */
    readonly error_type?: string;
  };
}

/** A parsed {@link NameMap}: every name present, valid and distinct. */
export interface Names {
  readonly requests: string;
  readonly errors: string;
  readonly duration: string;
  readonly timed: string;
  readonly slow: string;
  readonly failed: string;
  readonly inFlight: string;
  readonly overdue: string;
  readonly labels: {
    readonly method: string;
    readonly route: string;
    readonly status_code: string;
    readonly error_type?: string;
  };
}

/** Constant labels: name to value. */
export type Labels = Readonly<Record<string, string>>;

const DEFAULTS = {
  requests: 'http_requests_total',
  errors: 'http_errors_total',
  duration: 'http_request_duration_seconds',
  timed: 'http_requests_timed_total',
  slow: 'http_requests_slow_total',
  failed: 'http_requests_failed_total',
  inFlight: 'http_requests_in_flight',
  overdue: 'http_requests_overdue',
} as const;
const LABELS = { method: 'method', route: 'route', status_code: 'status_code' } as const;

/**
 * The names that a Prometheus gives to OpenTelemetry's metrics for HTTP servers. OpenTelemetry has no names for the
 * others, so these are named in the same manner. Sources: OpenTelemetry semantic conventions, HTTP metrics;
 * OpenTelemetry specification, Prometheus compatibility.
 */
const OTEL: NameMap = {
  requests: 'http_server_requests_total',
  errors: 'http_server_errors_total',
  duration: 'http_server_request_duration_seconds',
  timed: 'http_server_timed_requests_total',
  slow: 'http_server_slow_requests_total',
  failed: 'http_server_failed_requests_total',
  inFlight: 'http_server_active_requests',
  overdue: 'http_server_overdue_requests',
  labels: {
    method: 'http_request_method',
    route: 'http_route',
    status_code: 'http_response_status_code',
    error_type: 'error_type',
  },
};

// https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const READABLE_LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Parses the name map, or the name of a preset. Throws {@link InvalidOption}. */
export function parseNames(map: NameMap | 'otel' | undefined): Names {
  if (typeof map === 'string' && map !== 'otel') throw new InvalidOption('names', "'otel' or an object of names", map);
  const given = objectOption('names', map === 'otel' ? OTEL : map, [...keysOf(DEFAULTS), 'labels']);
  const givenLabels = objectOption('names.labels', given.labels, [...keysOf(LABELS), 'error_type']);
  const names = { ...DEFAULTS, ...defined(given), labels: { ...LABELS, ...defined(givenLabels) } };
  const { labels, ...metrics } = names;
  distinct('names', metrics, isReadableMetricName, 'a Prometheus metric name');
  distinct('names.labels', labels, isLabelName, 'a Prometheus label name other than le');
  return names;
}

// Labels of the series that are not by route.
const TAKEN = ['reason', 'code_class', 'source', 'state', 'check'];

/** Parses constant labels, which must not collide with the labels of {@link Names}. Throws {@link InvalidOption}. */
export function parseLabels(labels: Labels | undefined, names: Names): Labels {
  if (labels === undefined) return {};
  if (!isMapping(labels)) throw new InvalidOption('labels', 'an object of label names and string values', labels);
  const taken: readonly string[] = [...Object.values(names.labels), ...TAKEN];
  for (const [name, value] of Object.entries(labels)) {
    if (!isLabelName(name) || taken.includes(name)) {
      throw new InvalidOption('labels', `keyed by Prometheus label names other than le, ${taken.join(', ')}`, name);
    }
    if (typeof value !== 'string') throw new InvalidOption(`labels.${name}`, 'a string', value);
  }
  // The order is the same, however the labels were typed.
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a scraper can read a metric of this name. */
export function isReadableMetricName(name: unknown): name is string {
  return typeof name === 'string' && METRIC_NAME.test(name);
}

/** Whether a scraper can read a label of this name. */
export function isReadableLabelName(name: string): boolean {
  return READABLE_LABEL_NAME.test(name);
}

/** Whether a label of ours may have this name: Prometheus reserves a few names. */
function isLabelName(name: string): boolean {
  return isReadableLabelName(name) && !name.startsWith('__') && name !== 'le';
}

function distinct(group: string, names: object, isValid: (name: string) => boolean, accepted: string): void {
  const seen = new Map<unknown, string>();
  for (const [key, name] of Object.entries(names)) {
    if (typeof name !== 'string' || !isValid(name)) throw new InvalidOption(`${group}.${key}`, accepted, name);
    const other = seen.get(name);
    if (other !== undefined) throw new InvalidOption(`${group}.${key}`, `different from ${other}`, name);
    seen.set(name, key);
  }
}

function defined<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).filter(([, name]) => name !== undefined)) as T;
}
