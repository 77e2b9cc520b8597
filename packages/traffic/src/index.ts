// In order: a monitor signs its request; a service takes the marker off and judges it, then the address, then the
// user's rule.
export { signExclusion, type SignExclusionOptions } from './sign-exclusion.js';
export { createTraffic, type Traffic, type TrafficHooks } from './traffic.js';
export type { TrafficOptions } from './traffic-options.js';
export type { SignedOptions } from './signed-options.js';
export type { TrustedOptions } from './trusted-options.js';
export type { When } from './when.js';
export type { SigningKey } from './signing-key.js';
export type { Request } from './request.js';
export { EXCLUSION_HEADER } from './marker.js';
export { CLAIM_REJECTIONS, type ClaimRejection } from './claim-rejection.js';
export type { Exclusion, ExclusionReason } from './exclusion.js';
// Names that clients give themselves: an additional condition, or a label, and never proof.
export { type AgentName, type AgentPreset, agents } from './agents.js';
export { syntheticType } from './synthetic-type.js';
