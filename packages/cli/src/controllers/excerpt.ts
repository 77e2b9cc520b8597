import { has, type Mapping, mappingAt } from './read.js';

/** Whether an object of a kind is only a patch of Kustomize, or an excerpt from documentation. */
export function isExcerpt(kind: string, object: Mapping): boolean {
  const spec = mappingAt(object, 'spec');
  if (kind === 'Rollout') return !hasPods(spec);
  return kind === 'Canary' && Object.keys(spec).length > 0 && !has(spec, 'targetRef') && !isComplete(spec);
}

/** Whether a Rollout says which pods are its own. */
function hasPods(spec: Mapping): boolean {
  return has(spec, 'selector') || has(spec, 'workloadRef') || has(spec, 'template', 'metadata', 'labels');
}

/** Whether a Canary has what each Canary needs beside its target. */
function isComplete(spec: Mapping): boolean {
  return has(spec, 'service') && (has(spec, 'analysis') || has(spec, 'canaryAnalysis'));
}
