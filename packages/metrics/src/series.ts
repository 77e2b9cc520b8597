import type { Exemplar } from './exemplar.js';
import type { Labels } from './names.js';

/** One set of labels of a metric. */
export interface Series {
  readonly labels: Labels;
  /** The labels as exposition text, without braces. */
  readonly text: string;
}

/** One series of a counter, as the counter is now. */
export interface CounterSeries extends Series {
  readonly requests: number;
  /** Epoch seconds at which the counter was zero. */
  readonly createdAt: number;
  readonly exemplar: Exemplar | undefined;
}

/** The durations of a histogram, read from where they are counted. */
export type Timings = ArrayLike<number> & Iterable<number>;

/** All series of a histogram that differ in their bucket alone, as the histogram is now. */
export interface HistogramSeries extends Series {
  /** Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent without an observation. */
  readonly timings: Timings | undefined;
  /** Epoch seconds at which the histogram was zero. */
  readonly timedFrom: number;
  /** Exemplars by bucket. */
  readonly exemplars: readonly (Exemplar | undefined)[] | undefined;
}

/** What a metric shows. */
export interface Source<Shown extends Series> {
  /** Returns the series as they are now. */
  series(): Iterable<Shown>;
  /** Sets the series to zero, from `createdAt` on, in epoch seconds. */
  reset(createdAt: number): void;
}
