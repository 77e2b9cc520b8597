import { PERSISTENCE } from '../queries/persistence.js';
import { rangeOf, spanOf } from '../queries/series.js';
import type { Release } from '../release/release.js';

/** Times and limits that fit each other and the controllers, in seconds. */
export interface Timing {
  /** Seconds before the first measurement of a step: the window has filled, and two more scrapes have come. */
  readonly settled: number;
  /**
   * Returns the times of a question about several spans of a step: before its first measurement the spans have passed,
   * and two more scrapes have come. It is measured until one more span has passed, because Prometheus starts spans at
   * whole multiples of their length.
   */
  persisted(spans: number): { readonly delay: number; readonly interval: number; readonly count: number };
  /** As `settled`, for pods that have to start first. */
  readonly started: number;
  /** Errors in a row, 10 s apart, after which a run is given up. */
  readonly errors: number;
  /** Measurements with an empty result before a run without end pauses the rollout. */
  readonly silences: number;
}

export function timingOf({ analysis, recordingRules }: Release): Timing {
  const { windowSeconds, scrapeSeconds, startSeconds, intervalSeconds } = analysis;
  // Rules are evaluated as often as pods are scraped, so a result may be one scrape older.
  const twoMore = (recordingRules === undefined ? 2 : 3) * scrapeSeconds;
  const settled = Math.max(windowSeconds, rangeOf(analysis)) + twoMore;
  const started = startSeconds + settled;
  const span = spanOf(analysis);
  const interval = Math.max(intervalSeconds, span / 2);
  const persisted: Timing['persisted'] = (spans) => ({
    delay: spans * span + twoMore,
    interval,
    count: Math.ceil(((PERSISTENCE.spans + 1 - spans) * span) / interval) + 1,
  });
  return { settled, persisted, started, errors: Math.ceil(started / 10), silences: Math.ceil(300 / intervalSeconds) };
}
