// The letters that Kubernetes and Argo Rollouts make suffixes of: no vowels, so that neither `-primary` nor `-redis` is
// one of them.
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]';

/** A pattern of the names that the pods of a Deployment or a Rollout have: its own, the template hash, five letters. */
export function podNames(workload: string): string {
  return `${workload}-${SUFFIX}+-${SUFFIX}{5}`;
}
