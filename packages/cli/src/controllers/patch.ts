import type { Mapping } from './read.js';

/**
 * Whether a field is a directive of a strategic merge patch, which Kustomize and `kubectl patch` read and which is
 * never applied.
 */
export function isDirective(name: string): boolean {
  return /^\$(?:patch$|retainKeys$|setElementOrder\/|deleteFromPrimitiveList\/)/.test(name);
}

/** Whether a mapping is part of a patch, and so contains only changes. */
export function isPatch(mapping: Mapping): boolean {
  return Object.keys(mapping).some(isDirective);
}
