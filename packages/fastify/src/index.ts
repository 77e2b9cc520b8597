export { type CoalmineConfig, coalmine, coalmine as default } from './coalmine.js';
// One install, one import: what a user of the plugin needs from below it.
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
