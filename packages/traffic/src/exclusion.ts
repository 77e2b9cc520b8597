/** Why an exchange is no user's. */
export type ExclusionReason = 'health' | 'metrics' | 'route' | 'signed' | 'trusted' | 'custom';

/** The verdict that an exchange is no user's. */
export interface Exclusion {
  readonly reason: ExclusionReason;
  /** Who vouches: the pattern of a route, the id of a key, `peer` or `forwarded`, or what `when` said. */
  readonly authority: string;
}
