import { readIdentity } from './identity.js';
import { identityAttributes } from './identity-attributes.js';
import type { IdentityOptions } from './identity-options.js';

/** A detector for `resourceDetectors` of `@opentelemetry/sdk-node`. */
export interface RolloutDetector {
  detect(): { readonly attributes: Record<string, string> };
}

/**
 * Detects the identity of this process: {@link readIdentity}, as attributes. Throws `InvalidOption`, here and not when
 * it detects: the SDK drops what a detector throws.
 */
export function rolloutDetector(options: IdentityOptions = {}): RolloutDetector {
  const attributes = identityAttributes(readIdentity(options));
  return { detect: () => ({ attributes }) };
}
