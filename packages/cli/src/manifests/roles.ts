/** A side of a release. */
export type Role = 'canary' | 'stable';

/** The label of pods that says on which side they are. Argo Rollouts changes it in place when they change sides. */
export const ROLE_LABEL = 'release-role';

/** What Argo Rollouts gives the pods of a side: its ephemeral metadata. */
export function metadataOfRole(role: Role): object {
  return { labels: { [ROLE_LABEL]: role } };
}
