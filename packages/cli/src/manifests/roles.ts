/** A side of a release. */
export type Role = 'canary' | 'stable';

/** The label of pods that names their side. Argo Rollouts changes it in place when they change sides. */
export const ROLE_LABEL = 'release-role';

/** Returns the ephemeral metadata that Argo Rollouts gives to the pods of a side. */
export function metadataOfRole(role: Role): object {
  return { labels: { [ROLE_LABEL]: role } };
}
