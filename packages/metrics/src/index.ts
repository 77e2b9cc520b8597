// A route becomes known, an exchange begins and ends, its cells are counted, a registry is rendered: in that order.

export type { Cell } from './cell.js';
export { CoalmineError, type CoalmineErrorCode } from './coalmine-error.js';
export { CONTENT_TYPES, type Format, renderRegistry } from './exposition.js';
export { Exchange } from './in-flight.js';
export { createMetrics, METRICS_OPTIONS, type Metrics, type MetricsOptions } from './metrics.js';
export type { Labels, NameMap } from './names.js';
export { type Objective, type ObjectiveOptions, parseObjective } from './objective.js';
export {
  booleanOption,
  functionOption,
  InvalidOption,
  integerOption,
  objectOption,
  secondsOption,
  within,
} from './option.js';
export { OVERFLOW, UNMATCHED } from './recorder.js';
export { collectDefaultMetrics, type RegistryLike } from './registry.js';
export type { Route } from './route.js';
