import type { MetricFamily, Metrics, MetricValue } from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';
import { activeByMethod } from './active.js';
import {
  type CountPoint,
  countsOf,
  pointsOf,
  type ScalarPoint,
  selectVarying,
  type TimedPoint,
  withheldPointsOf,
} from './points.js';
import { sameAttributes } from './same-attributes.js';

/** A metric in the form of OpenTelemetry, read when somebody collects. */
export type Instrument = Scalar | Histogram;

interface Described {
  readonly name: string;
  readonly description: string;
  /** In the notation of UCUM. */
  readonly unit: string;
}

export interface Scalar extends Described {
  readonly kind: 'counter' | 'up-down-counter' | 'gauge';
  read(): Iterable<ScalarPoint>;
}

interface Histogram extends Described {
  readonly kind: 'histogram';
  /** Upper bounds of the finite buckets in seconds, ascending. */
  readonly bounds: readonly number[];
  read(): Iterable<TimedPoint>;
}

/**
 * Returns everything that is published of a service. A metric without a name in the semantic conventions gets a name
 * that Prometheus turns into its name in the preset `names: 'otel'`, or in this table. Sources: OpenTelemetry semantic
 * conventions, HTTP metrics; OpenTelemetry specification, Prometheus compatibility.
 */
export function instrumentsOf(metrics: Metrics): readonly Instrument[] {
  const { names, bounds } = metrics;
  const conventional: readonly string[] = [
    names.requests,
    names.errors,
    names.timed,
    names.slow,
    names.failed,
    names.inFlight,
    names.overdue,
  ];
  const rest = metrics.families().filter(({ name, type }) => type !== 'histogram' && !conventional.includes(name));
  const overdue = metrics.families().filter(({ name }) => name === names.overdue);
  return [
    {
      kind: 'histogram',
      name: 'http.server.request.duration',
      description: 'Duration of HTTP server requests of users.',
      unit: 's',
      bounds,
      read: () => pointsOf(metrics),
    },
    {
      kind: 'counter',
      name: 'http.server.requests',
      description: 'HTTP requests of users.',
      unit: '{request}',
      read: () => scalars(pointsOf(metrics)),
    },
    {
      kind: 'counter',
      name: 'http.server.errors',
      description: 'HTTP requests of users with a response status of 400 or above.',
      unit: '{request}',
      read: () => scalars(errorsOf(metrics)),
    },
    {
      kind: 'counter',
      name: 'http.server.timed_requests',
      description: 'HTTP requests of users whose duration counts.',
      unit: '{request}',
      read: () => scalars(countsOf(metrics, 'timed')),
    },
    {
      kind: 'counter',
      name: 'http.server.slow_requests',
      description: 'HTTP requests of users that took longer than the objective of their route.',
      unit: '{request}',
      read: () => scalars(countsOf(metrics, 'slow')),
    },
    {
      kind: 'counter',
      name: 'http.server.failed_requests',
      description: 'HTTP requests of users that the service failed: 5xx of every kind.',
      unit: '{request}',
      read: () => scalars(countsOf(metrics, 'failed')),
    },
    {
      kind: 'up-down-counter',
      name: 'http.server.active_requests',
      description: 'HTTP requests of users that have begun and not ended.',
      unit: '{request}',
      read: activeByMethod(metrics),
    },
    {
      kind: 'up-down-counter',
      name: 'http.server.overdue_requests',
      description: 'HTTP requests of users in flight for longer than the patience.',
      unit: '{request}',
      read: () => overdue.flatMap((family) => rowsOf(family, metrics)),
    },
    {
      kind: 'histogram',
      name: 'coalmine.excluded_request_duration',
      description: 'Durations kept out of the durations of users, by reason.',
      unit: 's',
      bounds,
      read: () => withheldPointsOf(metrics),
    },
    ...rest.map(
      (family): Scalar => ({
        kind: family.type === 'counter' ? 'counter' : 'gauge',
        ...otelNameOf(family.name),
        description: `${family.help}.`,
        read: () => rowsOf(family, metrics),
      }),
    ),
  ];
}

function* errorsOf(metrics: Metrics): Generator<CountPoint, void, undefined> {
  for (const point of pointsOf(metrics)) if (point.status >= 400) yield point;
}

function* scalars(points: Iterable<CountPoint>): Generator<ScalarPoint, void, undefined> {
  for (const { attributes, requests, from } of points) yield { attributes, value: requests, from };
}

function rowsOf(family: MetricFamily, metrics: Metrics): ScalarPoint[] {
  const told = (labels: MetricValue['labels']): Attributes =>
    sameAttributes(metrics, selectVarying(labels, metrics.labels));
  const series = family.series?.();
  return series === undefined
    ? family.get().values.map(({ value, labels }) => ({ value, attributes: told(labels) }))
    : Array.from(series, ({ requests, labels, createdAt }) => ({
        value: requests,
        attributes: told(labels),
        from: createdAt,
      }));
}

/**
 * Returns name and unit in OpenTelemetry: `coalmine_pod_ready_timestamp_seconds` becomes `coalmine.pod_ready_timestamp`
 * with the unit `s`, and `nodejs_eventloop_time_seconds_total` gets the name of the semantic conventions.
 */
function otelNameOf(name: string): Pick<Described, 'name' | 'unit'> {
  const dotted = name
    .replace(/^coalmine_/, 'coalmine.')
    .replace(/^nodejs_eventloop_/, 'nodejs.eventloop.')
    .replace(/_total$/, '');
  return dotted.endsWith('_seconds')
    ? { name: dotted.slice(0, -'_seconds'.length), unit: 's' }
    : { name: dotted, unit: '' };
}
