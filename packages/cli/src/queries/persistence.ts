/**
 * When a difference between canary and stable is proven. The numbers are those of the simulation in docs/analysis.md: time
 * tells a release that is bad from one client that goes wrong on one connection, and no confidence level does.
 */
export const PERSISTENCE = {
  /** Spans that do not overlap; each of them has to hold evidence. */
  spans: 5,
  /** Standard errors between the two shares, by the arcsine of their roots, above which a span holds evidence. */
  z: 2,
  /** Events of the canary without which a span holds no evidence. */
  events: 2,
  /** How much larger a share of a route's requests has to be than stable's, to turn users away on a large scale. */
  large: 0.2,
} as const;
