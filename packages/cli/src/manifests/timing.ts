import { PERSISTENCE } from '../queries/persistence.js';
import { rangeOf, spanOf } from '../queries/series.js';
import type { Release } from '../release/release.js';

/** Times and limits that fit each other and what the controllers do, in seconds. */
export interface Timing {
  /** Before the first measurement of a step: the window has filled, and was scraped twice more. */
  readonly settled: number;
  /**
   * Of a question that asks several spans of a step: before its first measurement they have passed, and two more scrapes.
   * It is measured until one span more has passed, since Prometheus has spans begin at whole multiples of their length.
   */
  persisted(spans: number): { readonly delay: number; readonly interval: number; readonly count: number };
  /** As `settled`, where pods have yet to start. */
  readonly started: number;
  /** Measurements in a row that may fail to be made, 10 s apart, before a run is given up. */
  readonly errors: number;
  /** Measurements without an answer before an endless run pauses the rollout. */
  readonly silences: number;
}

export function timingOf({ analysis, recordingRules }: Release): Timing {
  const { windowSeconds, scrapeSeconds, startSeconds, intervalSeconds } = analysis;
  // Rules are evaluated as often as pods are scraped, so that an answer may be one scrape older.
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
