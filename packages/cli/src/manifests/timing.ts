import type { Release } from '../release/release.js';

/** Times and limits that fit each other and what the controllers do, in seconds. */
export interface Timing {
  /** Before the first measurement of a step: the window has filled, and was scraped twice more. */
  readonly settled: number;
  /** The same where pods have yet to start. */
  readonly started: number;
  /** Measurements in a row that may fail to be made, 10 s apart, before a run is given up. */
  readonly errors: number;
  /** Measurements without an answer before an endless run pauses the rollout. */
  readonly silences: number;
}

export function timingOf({ analysis }: Release): Timing {
  const { windowSeconds, scrapeSeconds, startSeconds, intervalSeconds } = analysis;
  const settled = windowSeconds + 2 * scrapeSeconds;
  const started = startSeconds + settled;
  return { settled, started, errors: Math.ceil(started / 10), silences: Math.ceil(300 / intervalSeconds) };
}
