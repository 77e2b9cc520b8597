import { epochSeconds } from './epoch-seconds.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';

/**
 * What one set of labels has seen, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
export class Cell {
  /** Full label set, shared by every row that is handed to a registry. */
  readonly labels: Labels;
  /** The label set as exposition text, without braces. */
  readonly text: string;
  /** Epoch seconds of the counter's zero. */
  createdAt: number;
  requests = 0;
  /** Non-cumulative bucket counts, the last one for +Inf, then the sum in seconds; absent until first observed. */
  timings: Float64Array | undefined;
  /** Epoch seconds of the histogram's zero. */
  timedFrom = 0;

  constructor(labels: Labels) {
    this.labels = Object.freeze(labels);
    this.text = labelText(labels);
    this.createdAt = epochSeconds();
  }

  /** Makes the histogram exist, at zero. */
  openTimings(bounds: readonly number[]): Float64Array {
    this.timedFrom = epochSeconds();
    this.timings = new Float64Array(bounds.length + 2);
    return this.timings;
  }

  /** Counts one duration, in seconds, in its bucket. */
  observe(seconds: number, bounds: readonly number[]): void {
    const timings = this.timings ?? this.openTimings(bounds);
    // Most requests are fast, so the scan from below ends early; a dozen bounds never pay for a binary search.
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    (timings[i] as number)++;
    (timings[bounds.length + 1] as number) += seconds;
  }

  /** Back to zero in place: routes hold on to their cells. */
  reset(createdAt: number): void {
    this.requests = 0;
    this.createdAt = createdAt;
  }

  /** Back to zero in place, for the histogram. */
  resetTimings(createdAt: number): void {
    this.timings?.fill(0);
    this.timedFrom = createdAt;
  }
}
