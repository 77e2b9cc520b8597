import type { Attributes, HrTime, ValueType } from '@opentelemetry/api';

// The shapes of `@opentelemetry/sdk-metrics` 2 and 3, as far as a producer of histograms has to do with them: nothing of
// the SDK is loaded at run time, and both versions take the same object.

/** Fits the SDK's `MetricProducer`. */
export interface MetricProducer {
  collect(): Promise<CollectionResult>;
}

export interface CollectionResult {
  resourceMetrics: { resource: NoResource; scopeMetrics: ScopeMetrics[] };
  errors: unknown[];
}

export interface ScopeMetrics {
  scope: { name: string };
  metrics: HistogramData[];
}

export interface HistogramData {
  descriptor: { name: string; description: string; unit: string; valueType: ValueType };
  /** 0 is delta, 1 cumulative. */
  aggregationTemporality: 0 | 1;
  /** 0 is a histogram. */
  dataPointType: 0;
  dataPoints: HistogramPoint[];
}

export interface HistogramPoint {
  startTime: HrTime;
  endTime: HrTime;
  attributes: Attributes;
  value: { buckets: { boundaries: number[]; counts: number[] }; sum: number; count: number };
}

/** A reader takes the resource of the SDK; this one is what its type asks for. */
export interface NoResource {
  readonly attributes: Attributes;
  merge<T>(other: T): T;
  getRawAttributes(): [];
}

export const NO_RESOURCE: NoResource = { attributes: {}, merge: (other) => other, getRawAttributes: () => [] };
