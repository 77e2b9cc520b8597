export { CoalmineError, type CoalmineErrorCode } from '@coalmine/options';
// Which pod of which release: read once, told to traces and metrics alike.
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
