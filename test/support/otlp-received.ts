import type {
  AnyValue,
  Id,
  KeyValue,
  MetricMessage,
  MetricsRequest,
  PointMessage,
  SpanMessage,
  TracesRequest,
} from './otlp-messages.js';

type Attributes = Readonly<Record<string, unknown>>;

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUSES = ['unset', 'ok', 'error'] as const;
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;

/** A received span. Its ids are hexadecimal digits, and its times are epoch seconds. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  readonly traceId: string;
  readonly spanId: string;
  /** `undefined` for a root span. */
  readonly parentSpanId: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly status: { readonly code: (typeof STATUSES)[number]; readonly message: string };
  readonly resource: Attributes;
  /** The name of the instrumentation scope. */
  readonly scope: string;
}

/** A metric of one export. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  /** `undefined` for a gauge. */
  readonly temporality: (typeof TEMPORALITIES)[number] | undefined;
  readonly isMonotonic: boolean;
  readonly points: readonly ReceivedPoint[];
  readonly resource: Attributes;
  readonly scope: string;
}

/** A number, or a histogram in which `counts` has one element more than `bounds`. Times are epoch seconds. */
export interface ReceivedPoint {
  readonly attributes: Attributes;
  readonly startedAt: number;
  readonly at: number;
  readonly value?: number;
  readonly histogram?: {
    readonly count: number;
    readonly sum: number | undefined;
    readonly bounds: readonly number[];
    readonly counts: readonly number[];
  };
}

/** Returns the spans of a request. */
export function spansOf({ resourceSpans = [] }: TracesRequest): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        ...spanOf(span),
        resource: attributesOf(resource?.attributes),
        scope: scope?.name ?? '',
      })),
    ),
  );
}

function spanOf(span: SpanMessage): Omit<ReceivedSpan, 'resource' | 'scope'> {
  const { name = '', kind = 0, status: { code = 0, message = '' } = {} } = span;
  return {
    name,
    kind: KINDS[kind] ?? 'unspecified',
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId ?? '') || undefined,
    startedAt: secondsOf(span.startTimeUnixNano),
    endedAt: secondsOf(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    status: { code: STATUSES[code] ?? 'unset', message },
  };
}

/** Returns the metrics of a request. Throws for a type that the tests do not read. */
export function metricsOf({ resourceMetrics = [] }: MetricsRequest): readonly ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, metrics = [] }) =>
      metrics.map((metric) => ({
        ...metricOf(metric),
        resource: attributesOf(resource?.attributes),
        scope: scope?.name ?? '',
      })),
    ),
  );
}

function metricOf({
  name,
  unit = '',
  gauge,
  sum,
  histogram,
}: MetricMessage): Omit<ReceivedMetric, 'resource' | 'scope'> {
  const accumulated = sum ?? histogram;
  const data = gauge ?? accumulated;
  if (data === undefined) throw new Error(`${name} is neither a gauge nor a sum nor a histogram with bounds`);
  return {
    name,
    unit,
    type: gauge !== undefined ? 'gauge' : sum !== undefined ? 'sum' : 'histogram',
    temporality: accumulated && TEMPORALITIES[accumulated.aggregationTemporality ?? 0],
    isMonotonic: sum?.isMonotonic ?? false,
    points: (data.dataPoints ?? []).map(pointOf),
  };
}

function pointOf(point: PointMessage): ReceivedPoint {
  const { count, sum, bucketCounts = [], explicitBounds = [], asDouble, asInt } = point;
  return {
    attributes: attributesOf(point.attributes),
    startedAt: secondsOf(point.startTimeUnixNano),
    at: secondsOf(point.timeUnixNano),
    ...(count === undefined
      ? { value: Number(asDouble ?? asInt ?? 0) }
      : { histogram: { count: Number(count), sum, bounds: explicitBounds, counts: bucketCounts.map(Number) } }),
  };
}

function attributesOf(attributes: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: AnyValue = {}): unknown {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue } = value;
  if (intValue !== undefined) return Number(intValue);
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(plain);
  if (kvlistValue !== undefined) return attributesOf(kvlistValue.values);
  return stringValue ?? boolValue ?? doubleValue;
}

function hex(id: Id): string {
  return typeof id === 'string' ? id.toLowerCase() : Buffer.from(id).toString('hex');
}

function secondsOf(nanoseconds: string | number = 0): number {
  // A number cannot hold all digits of nanoseconds.
  return Number(BigInt(nanoseconds) / 1000n) / 1e6;
}
