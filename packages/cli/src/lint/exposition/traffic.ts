import type { Names } from '@coalmine/metrics';
import { OBJECTIVE } from '../../queries/agreement.js';
import { countingSamplesOf, type Exposition, type Family } from './exposition.js';

/** The families in an exposition that describe the requests of users, whatever library wrote it. */
export interface Traffic {
  readonly counter: Family | undefined;
  readonly durations: Family | undefined;
  readonly summary: Family | undefined;
  readonly errors: Family | undefined;
  /** The counter of requests over the objective of their route, which shows slowness without a histogram. */
  readonly slow: Family | undefined;
  /** The objective of the app, in seconds. */
  readonly objective: number | undefined;
  /** The family that counts requests: the counter, otherwise the histogram or the summary. */
  readonly family: Family | undefined;
  /** The names of its labels; `undefined` for a label that it does not have. */
  readonly labels: { readonly method?: string; readonly route?: string; readonly status?: string };
  readonly requests: readonly Requests[];
}

/** The requests of one method, route and status. */
export interface Requests {
  readonly method: string;
  readonly route: string;
  readonly status: string;
  readonly count: number;
  readonly line: number;
}

// The names of the usual libraries. The configured name comes first.
const METHODS = ['method', 'http_request_method', 'http_method', 'verb'];
const ROUTES = ['route', 'path', 'http_route', 'handler', 'uri', 'url', 'endpoint', 'url_path', 'http_target'];
const STATUSES = [
  'status_code',
  'status',
  'code',
  'http_response_status_code',
  'http_status_code',
  'statusCode',
  'response_code',
  'http_status',
];

// Names of requests that users did not send to this service.
const OTHERS = /^coalmine_|excluded|client|outgoing|fetch|upstream|size|bytes|in_?flight|active/;
const ERRORS = /errors?(?:_|$)|fail(?:ed|ures?)?(?:_|$)/;

/** Finds the requests of users: by the configured names, otherwise by the usual names of libraries. */
export function trafficIn({ families }: Exposition, names: Names): Traffic {
  const isRequests = (name: string): boolean => /requests?(?:_|$)|^http_server_/.test(name) && !OTHERS.test(name);
  const findNamed = (type: Family['type'], name: string, isIt: (name: string) => boolean): Family | undefined => {
    const ofType = families.filter((family) => isOfType(family, type));
    return (
      ofType.find((family) => totalName(family) === name || family.name === name) ??
      mostSeries(ofType.filter((family) => isIt(withoutDots(family.name))))
    );
  };
  const counter = findNamed(
    'counter',
    names.requests,
    (name) => isRequests(name) && !ERRORS.test(name) && !/seconds|duration/.test(name),
  );
  const errors = findNamed(
    'counter',
    names.errors,
    (name) => /^(?:http|requests?)_/.test(name) && ERRORS.test(name) && !OTHERS.test(name),
  );
  const durations = findNamed('histogram', names.duration, isRequests);
  const summary = findNamed('summary', names.duration, isRequests);
  const slow = families.find((each) => isOfType(each, 'counter') && totalName(each) === names.slow);
  const objective = families.find(({ name }) => name === OBJECTIVE)?.samples[0]?.value;
  const family = counter ?? durations ?? summary;
  const known = labelNames(family);
  const label = (first: string, others: readonly string[]): string | undefined => {
    if (known.has(first)) return first;
    const byDialect = new Map([...known].map((name) => [withoutDots(name), name]));
    const dialect = others.find((name) => byDialect.has(name));
    return dialect === undefined ? undefined : byDialect.get(dialect);
  };
  const { method, route, status } = {
    method: label(names.labels.method, METHODS),
    route: label(names.labels.route, ROUTES),
    status: label(names.labels.status_code, STATUSES),
  };
  const labels = { ...(method && { method }), ...(route && { route }), ...(status && { status }) };
  return { counter, durations, summary, errors, slow, objective, family, labels, requests: requestsIn(family, labels) };
}

/**
 * Returns a name in the form of Prometheus 2: `http.server.request.duration` becomes `http_server_request_duration`.
 */
function withoutDots(name: string): string {
  return name.replace(/\W/g, '_');
}

/** Returns the name of a counter in a query. */
export function totalName({ name, samples }: Family): string {
  return samples.some((sample) => sample.name === `${name}_total`) ? `${name}_total` : name;
}

/** Returns the names of all labels in the series of a family, except bounds. */
export function labelNames(family: Family | undefined): ReadonlySet<string> {
  return new Set(family === undefined ? [] : countingSamplesOf(family).flatMap(({ labels }) => [...labels.keys()]));
}

/** Returns the first digit of a status, or of a class such as `5xx`. */
export function classOf(status: string): string {
  return /^[1-5](?:\d\d|xx)$/i.test(status) ? status.slice(0, 1) : '';
}

function requestsIn(family: Family | undefined, { method, route, status }: Traffic['labels']): readonly Requests[] {
  if (family === undefined) return [];
  const textOf = (labels: ReadonlyMap<string, string>, label: string | undefined): string =>
    labels.get(label ?? '') ?? '';
  return countingSamplesOf(family).map(({ labels, value, line }) => ({
    method: textOf(labels, method),
    route: textOf(labels, route),
    status: textOf(labels, status),
    count: value,
    line,
  }));
}

function isOfType({ name, type, samples }: Family, wanted: Family['type']): boolean {
  // Without a # TYPE line, or with a type that a client cannot give it, a counter is recognised by its suffix.
  if (wanted === 'counter' && type === 'unknown') return name.endsWith('_total') && samples.length > 0;
  return type === wanted;
}

function mostSeries(families: readonly Family[]): Family | undefined {
  return [...families].sort((a, b) => labelNames(b).size - labelNames(a).size)[0];
}
