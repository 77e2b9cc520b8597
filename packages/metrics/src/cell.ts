import { epochSeconds } from './epoch-seconds.js';
import { type Exemplar, exemplarOf, type TraceContext } from './exemplar.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';
import { type Part, PLAIN_PART } from './protocol.js';

// A store of exemplars is a ring: those of plain answers would push out those that tell something.
const PLAIN_EXEMPLAR_SECONDS = 60;

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
  /** One of the counters, of a cell whose status is an error. */
  exemplar: Exemplar | undefined;
  /** By bucket, as {@link timings} has them; absent until one is there. */
  exemplars: (Exemplar | undefined)[] | undefined;
  /** What is counted here by {@link Part}, once anything was in another part than the plain one; absent until then. */
  parts: Map<Part, Cell> | undefined;

  constructor(labels: Labels) {
    this.labels = Object.freeze(labels);
    this.text = labelText(labels);
    this.createdAt = epochSeconds();
  }

  /** Counts one duration, in seconds, in its bucket; answers which that is. */
  observe(seconds: number, bounds: readonly number[]): number {
    const timings = this.timings ?? this.#openTimings(bounds);
    // Most requests are fast, so the scan from below ends early; a dozen bounds never pay for a binary search.
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    (timings[i] as number)++;
    (timings[bounds.length + 1] as number) += seconds;
    return i;
  }

  /** Has a failed request stand for those that the counters count. */
  exemplify(context: TraceContext): void {
    this.exemplar = exemplarOf(context, 1, epochSeconds());
  }

  /** Has a request stand for those in its bucket; one that tells little (`isPlain`) not more often than now and then. */
  exemplifyBucket(context: TraceContext, bucket: number, seconds: number, isPlain: boolean): void {
    const now = epochSeconds();
    this.exemplars ??= [];
    const last = this.exemplars[bucket];
    if (isPlain && last !== undefined && now - last.timestamp < PLAIN_EXEMPLAR_SECONDS) return;
    this.exemplars[bucket] = exemplarOf(context, seconds, now);
  }

  /** Returns the cell of a part. To be asked before this cell counts what is to be counted there. */
  under(part: Part): Cell {
    this.parts ??= new Map([[PLAIN_PART, this.#soFar()]]);
    const known = this.parts.get(part);
    if (known !== undefined) return known;
    const cell = new Cell(this.labels);
    this.parts.set(part, cell);
    return cell;
  }

  /** Back to zero in place: routes hold on to their cells. */
  reset(createdAt: number): void {
    this.requests = 0;
    this.createdAt = createdAt;
    this.exemplar = undefined;
    for (const part of this.parts?.values() ?? []) part.reset(createdAt);
  }

  /** Back to zero in place, for the histogram. */
  resetTimings(createdAt: number): void {
    this.timings?.fill(0);
    this.timedFrom = createdAt;
    this.exemplars = undefined;
    for (const part of this.parts?.values() ?? []) part.resetTimings(createdAt);
  }

  /** Makes the histogram exist, at zero. */
  #openTimings(bounds: readonly number[]): Float64Array {
    this.timedFrom = epochSeconds();
    this.timings = new Float64Array(bounds.length + 2);
    return this.timings;
  }

  /** A copy of the numbers: until something else came, all of them were in the plain part. */
  #soFar(): Cell {
    const cell = new Cell(this.labels);
    cell.requests = this.requests;
    cell.timings = this.timings?.slice();
    return cell;
  }
}
