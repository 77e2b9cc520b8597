import protobuf from 'protobufjs';

/** The value of an attribute, in which one of the fields is set. 64-bit numbers are text. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface Resource {
  readonly attributes?: readonly KeyValue[];
}

interface Scope {
  readonly name?: string;
}

/** The bytes of an id, which are hexadecimal digits in JSON. */
export type Id = string | Uint8Array;

/** The part of the body of `/v1/traces` that the tests read. */
export interface TracesRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly { readonly scope?: Scope; readonly spans?: readonly SpanMessage[] }[];
  }[];
}

export interface SpanMessage {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly parentSpanId?: Id;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string | number;
  readonly endTimeUnixNano?: string | number;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

/** The part of the body of `/v1/metrics` that the tests read. */
export interface MetricsRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: Resource;
    readonly scopeMetrics?: readonly { readonly scope?: Scope; readonly metrics?: readonly MetricMessage[] }[];
  }[];
}

export interface MetricMessage {
  readonly name: string;
  readonly unit?: string;
  readonly gauge?: { readonly dataPoints?: readonly PointMessage[] };
  readonly sum?: {
    readonly dataPoints?: readonly PointMessage[];
    readonly aggregationTemporality?: number;
    readonly isMonotonic?: boolean;
  };
  readonly histogram?: { readonly dataPoints?: readonly PointMessage[]; readonly aggregationTemporality?: number };
}

/** A point of any type. The points of a histogram have counts. */
export interface PointMessage {
  readonly attributes?: readonly KeyValue[];
  readonly startTimeUnixNano?: string | number;
  readonly timeUnixNano?: string | number;
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}

// https://github.com/open-telemetry/opentelemetry-proto: the fields that the tests read. The parser skips the others.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      Values array_value = 5; Attributes kvlist_value = 6;
    }
  }
  message Values { repeated AnyValue values = 1; }
  message Attributes { repeated KeyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; }

  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }

  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Metric {
    string name = 1; string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  }
  message Gauge { repeated NumberPoint data_points = 1; }
  message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
  message NumberPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated KeyValue attributes = 7;
  }
  message HistogramPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
    repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
  }
`);

/** Returns a request in protobuf in the shape that it has in JSON. Throws if the bytes are no such request. */
export function decoded(message: 'Traces' | 'Metrics', body: Uint8Array): TracesRequest | MetricsRequest {
  const type = root.lookupType(message);
  return type.toObject(type.decode(body), { longs: String });
}
