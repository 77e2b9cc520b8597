// In the order of the data: the trace of a request is found, its span gets the outcome, metrics are published, a reader
// collects.
export { type OtelOptions, otel } from './otel.js';
export { ATTRIBUTES } from './attributes.js';
export { createMetricProducer, type MetricProducerOptions, type Temporality } from './metric-producer.js';
export type {
  CollectionResult,
  DataPoint,
  HistogramValue,
  MetricData,
  MetricProducer,
  ScopeMetrics,
} from './metric-data.js';
export { CoalmineError, type CoalmineErrorCode } from '@coalmine/options';
// The pod and its release: read once, for traces and metrics alike.
export { type Identity, readIdentity } from './identity/identity.js';
export type {
  IdentityOptions,
  IdentityVariables,
  RolloutController,
  RolloutRole,
} from './identity/identity-options.js';
export { identityAttributes } from './identity/identity-attributes.js';
export { type RolloutDetector, rolloutDetector } from './identity/rollout-detector.js';
export { identityLabels } from './identity/identity-labels.js';
