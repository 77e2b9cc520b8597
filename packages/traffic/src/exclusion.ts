/** Why an exchange does not belong to a user. */
export type ExclusionReason = 'health' | 'metrics' | 'route' | 'signed' | 'trusted' | 'custom';

/** The decision that an exchange does not belong to a user. */
export interface Exclusion {
  readonly reason: ExclusionReason;
  /**
   * What vouches for it: the pattern of a route, the id of a key, `peer` or `forwarded`, or the string that `when`
   * returned.
   */
  readonly authority: string;
}
