// In the order of the data: a route becomes known, an exchange starts and ends, its cells count, a registry is
// rendered.
export { createMetrics } from './create-metrics.js';
export type { DeclaredReasons, Metrics } from './metrics.js';
export type { MetricsOptions } from './metrics-options.js';
export { type Objective, type ObjectiveOptions, parseObjective } from './objective.js';
export { type Labels, type NameMap, type Names, parseNames } from './names.js';
export type { DurationStatus } from './recorder.js';
export { OVERFLOW, UNMATCHED } from './route.js';
export type { Route, RouteCounter, StatusCell } from './route.js';
export type { Aggregator, MetricFamily } from './family.js';
export type { LabelledNumber, Read } from './reading.js';
export type { Cell, CellExtras } from './cell.js';
export type { Block, CellNumbers } from './cell-numbers.js';
export type { CounterSeries, HistogramSeries, Series, Timings } from './series.js';
export type { Exemplar, TraceContext } from './exemplar.js';
export { PLAIN_PART, type Part, type Protocol, protocolOf } from './protocol.js';
export { Exchange, type Trace } from './in-flight.js';
export { CONTENT_TYPES, type Format, renderRegistry } from './exposition.js';
export type { MetricType } from './foreign-metric.js';
export { type ClusterAggregator, lastWords, type SnapshotPiece, snapshotRegistry } from './snapshot.js';
export { DepartedNumbers, type FamilyNumbers, ProcessNumbers } from './process-numbers.js';
export { renderProcesses } from './render-processes.js';
export type { Samples } from './samples.js';
export { Slice, Turns } from './slice.js';
export {
  collectDefaultMetrics,
  type MetricObject,
  type MetricValue,
  parseRegistry,
} from './registry.js';
export type { RegistryLike } from './clients.js';
export { CoalmineError, type CoalmineErrorCode } from '@coalmine/options';
