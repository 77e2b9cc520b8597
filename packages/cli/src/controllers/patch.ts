import type { Mapping } from './read.js';

/** Whether a field is a directive of a strategic merge patch, which Kustomize and `kubectl patch` read and nobody applies. */
export function isDirective(name: string): boolean {
  return /^\$(?:patch$|retainKeys$|setElementOrder\/|deleteFromPrimitiveList\/)/.test(name);
}

/** Whether a mapping is a part of a patch, and so has only what it changes. */
export function isPatch(mapping: Mapping): boolean {
  return Object.keys(mapping).some(isDirective);
}
