// One install, one import: what a user of the middleware needs from below it.
export {
  agents,
  CoalmineError,
  type CoalmineErrorCode,
  type CoalmineOptions,
  type Instrument,
  type NameMap,
  type ObjectiveOptions,
  type RegistryLike,
  type RouteOptions,
  signExclusion,
} from '@coalmine/node';
export { type Coalmine, coalmine } from './coalmine.js';
export type { CoalmineMiddleware, Middleware } from './middleware.js';
