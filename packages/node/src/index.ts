// In the order of the data: options are parsed, an instrument starts an exchange, its outcome is settled, an endpoint
// shows the numbers.
export {
  type CoalmineOptions,
  parseRouteOptions,
  type RouteOptions,
  type RouteSettings,
  type WarmupGroup,
} from './options.js';
export { createInstrument, type Framework, type Instrument } from './instrument.js';
export type { RoutePattern } from './route-pattern.js';
export { type ClientWait, type Exchanges, type Failure, HttpExchange, type State } from './http-exchange.js';
// For an adapter that finds routes while the app runs.
export { type CombinedRouteOptions, checkRouteOptions, combineRouteOptions } from './combined-options.js';
export { carrierOf } from './exchange-link.js';
export { foundPattern, methodsWithZeros, warnOfTakenPath, warnOfUnreadRoutes } from './found-route.js';
export { ExchangeName } from './exchange-name.js';
export { type FailOptions, fail } from './fail.js';
export {
  createOperations,
  type Operation,
  type Operations,
  type OperationsOptions,
} from './operations.js';
export type { Outcome } from './outcome.js';
export type { AnyMessage, Listener, Request, Response } from './http.js';
export { type Endpoint, endpointFor, type MountedEndpoint, pathTaken } from './endpoint.js';
export type { Authorize } from './metrics-endpoint.js';
export type { AdminOptions } from './admin.js';
export type { Ending, ServiceTelemetry, Telemetry, TelemetryService } from './telemetry.js';
export { type ClusterMetrics, type ClusterMetricsOptions, createClusterMetrics } from './cluster/cluster-metrics.js';
export { CoalmineError, type CoalmineErrorCode, warn } from '@coalmine/options';
export {
  type Metrics,
  type NameMap,
  type Objective,
  type ObjectiveOptions,
  type RegistryLike,
  type Route,
  UNMATCHED,
} from '@coalmine/metrics';
export { agents, type Exclusion, type ExclusionReason, signExclusion, type TrafficOptions } from '@coalmine/traffic';
export type { PrimeOptions, PrimeRequest, Progress, WarmupOptions } from '@coalmine/warmup';
// The parts of `health`: checks, sources of schema versions, and functions for migrations and builds.
export * from '@coalmine/health';
export type { Backlog } from './backlog.js';
export type { Arrival, Turn } from './event-loop.js';
