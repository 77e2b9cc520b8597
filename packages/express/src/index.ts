// One install, one import: what a user of the middleware needs from below it.
export {
  agents,
  CoalmineError,
  type CoalmineErrorCode,
  type ClusterMetrics,
  type CoalmineOptions,
  type FailOptions,
  fail,
  createClusterMetrics,
  type Instrument,
  type NameMap,
  type ObjectiveOptions,
  type RegistryLike,
  type RouteOptions,
  signExclusion,
} from '@coalmine/node';
export { type Coalmine, coalmine, coalmine as default } from './coalmine.js';
export type { CoalmineMiddleware, Middleware } from './middleware.js';
// What stands in `health`: checks, sources of schema versions, and what contract migrations end with.
export {
  createCompatibilityTable,
  createSchema,
  type HealthCheck,
  type HealthOptions,
  raiseFloor,
  readMigrations,
  type Schema,
  type SchemaOptions,
  type SchemaSource,
  type SchemaState,
  type SchemaSupports,
  sources,
  versionCheck,
} from '@coalmine/node';
