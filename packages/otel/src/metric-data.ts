import type { Attributes, HrTime, ValueType } from '@opentelemetry/api';

// The shapes of `@opentelemetry/sdk-metrics` 2 and 3 that a producer needs. Nothing of the SDK is loaded at run time,
// and both versions take the same objects.

/** Fits the SDK's `MetricProducer`. */
export interface MetricProducer {
  collect(): Promise<CollectionResult>;
}

export interface CollectionResult {
  resourceMetrics: {
    /** A reader uses the resource of the SDK, and does not merge it; its type requires this one. */
    resource: { readonly attributes: Attributes; merge<T>(other: T | null): T; getRawAttributes(): [] };
    scopeMetrics: ScopeMetrics[];
  };
  errors: unknown[];
}

export interface ScopeMetrics {
  scope: { name: string };
  metrics: MetricData[];
}

/** The numbers are the values of the SDK's enumerations. */
export type MetricData = {
  descriptor: { name: string; description: string; unit: string; valueType: ValueType };
  aggregationTemporality: 0 | 1;
} & (
  | { dataPointType: 0; dataPoints: DataPoint<HistogramValue>[] }
  | { dataPointType: 2; dataPoints: DataPoint<number>[] }
  | { dataPointType: 3; dataPoints: DataPoint<number>[]; isMonotonic: boolean }
);

export const HISTOGRAM = 0;
export const GAUGE = 2;
export const SUM = 3;
export const DELTA = 0;
export const CUMULATIVE = 1;

export interface DataPoint<T> {
  startTime: HrTime;
  endTime: HrTime;
  attributes: Attributes;
  value: T;
}

export interface HistogramValue {
  buckets: { boundaries: number[]; counts: number[] };
  sum: number;
  count: number;
}

export const NO_RESOURCE: CollectionResult['resourceMetrics']['resource'] = {
  attributes: {},
  merge: <T>(other: T | null): T => (other ?? NO_RESOURCE) as T,
  getRawAttributes: () => [],
};
