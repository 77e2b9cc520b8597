/**
 * When a difference between canary and stable is proven for one route and one class of responses. The numbers come from
 * the simulation in docs/analysis.md: only time tells a bad release from one faulty client on one connection, whatever
 * the confidence level.
 */
export const PERSISTENCE = {
  /** Consecutive spans that must each hold evidence: longer than a client stays wrong. */
  spans: 5,
  /** Standard errors between the shares of canary and stable, on the arcsine scale, above which a span holds evidence. */
  z: 3,
  /** The same for a difference that must also be large, without half an event of the canary. */
  zOfLarge: 2.25,
  /** Requests that the canary must be expected to have, in each span, of what stable serves and the canary has lost. */
  events: 2,
  /** How much the canary's share of a route's requests must exceed stable's, in each span, to roll back for 3xx and 4xx. */
  large: 0.2,
  /** The same for failed requests, as a multiple of the allowed error ratio: with retries, one failure is several. */
  timesErrorRatio: 5,
  /** The same for slow requests, as a multiple of the allowed share. */
  timesOverShare: 2,
  /** How much the canary's share of 3xx and 4xx among the requests to all routes must exceed stable's, in each span. */
  most: 0.8,
  /** The number of these responses in each span, below which chance could cause the difference. */
  mostEvents: 10,
  /** How much the share of a route's clients that leave before the response must exceed stable's, in each span, to pause. */
  left: 0.4,
} as const;

/**
 * Returns the number of bad requests that a proof needs, if only `minRequests` requests are judged: with 20, all of the
 * events.
 */
export function leastEvents(events: number, minRequests: number): number {
  return Math.min(events, (minRequests * events) / 20);
}

/** When it is proven that the canary as a whole misses its objective. */
export const SERVICE = {
  /** Failed or slow requests in the window below which nothing is proven: one request and its retries are one failure. */
  events: 15,
  /** The same since the start of the canary, where nothing else tells one incident from many. */
  eventsSinceStart: 20,
  /** Latest spans that must each exceed the allowed share, for failures in the window and for slowness in either view. */
  spans: 3,
  /** How many times stable's share the canary may have. */
  timesStable: 1.5,
} as const;
