import { epochSeconds } from './epoch-seconds.js';
import { type Exemplar, exemplarOf, type TraceContext } from './exemplar.js';
import { type Part, PLAIN_PART } from './protocol.js';

// Exemplars are stored in a ring: the exemplars of plain responses would displace the exemplars that tell something.
const PLAIN_EXEMPLAR_SECONDS = 60;

/** How many requests one series of a counter has counted. */
export class Tally {
  requests = 0;
  /** Epoch seconds at which the counter was zero. */
  createdAt: number;
  /** The exemplar of the counter, if it counts errors. */
  exemplar: Exemplar | undefined;

  constructor(createdAt: number) {
    this.createdAt = createdAt;
  }

  /** Counts a request. Its trace, if it is given, becomes the exemplar of the counter. */
  count(context: TraceContext | undefined): void {
    this.requests++;
    if (context !== undefined) this.exemplar = exemplarOf(context, 1, epochSeconds());
  }

  /** Sets the count to zero in place. */
  reset(createdAt: number): void {
    this.requests = 0;
    this.createdAt = createdAt;
    this.exemplar = undefined;
  }
}

/**
 * The numbers of one set of labels, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
export class Cell extends Tally {
  /**
   * Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent before the first observation.
   */
  timings: number[] | undefined;
  /** Epoch seconds at which the histogram was zero. */
  timedFrom = 0;
  /** Exemplars by bucket, in the order of {@link timings}; absent until there is one. */
  exemplars: (Exemplar | undefined)[] | undefined;
  /** The counts by {@link Part}; absent until something is counted in another part than the plain one. */
  parts: Map<Part, Cell> | undefined;

  /** Counts one duration, in seconds, and returns the index of its bucket. */
  observe(seconds: number, bounds: readonly number[]): number {
    const timings = this.timings ?? openTimings(this, bounds);
    // Most requests are fast, so the scan from below ends early; a dozen bounds never pay for a binary search.
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    (timings[i] as number)++;
    (timings[bounds.length + 1] as number) += seconds;
    return i;
  }

  /**
   * Keeps a request as the exemplar of its bucket. A request that tells little (`isPlain`) replaces an exemplar only
   * rarely.
   */
  exemplifyBucket(context: TraceContext, bucket: number, seconds: number, isPlain: boolean): void {
    const now = epochSeconds();
    this.exemplars ??= [];
    const last = this.exemplars[bucket];
    if (isPlain && last !== undefined && now - last.timestamp < PLAIN_EXEMPLAR_SECONDS) return;
    this.exemplars[bucket] = exemplarOf(context, seconds, now);
  }

  /** Returns the cell of a part. Call it before this cell counts what the part counts. */
  under(part: Part): Cell {
    this.parts ??= new Map([[PLAIN_PART, copyOf(this)]]);
    const known = this.parts.get(part);
    if (known !== undefined) return known;
    const cell = new Cell(epochSeconds());
    this.parts.set(part, cell);
    return cell;
  }

  override reset(createdAt: number): void {
    super.reset(createdAt);
    for (const part of this.parts?.values() ?? []) part.reset(createdAt);
  }

  /** Sets the histogram to zero in place. */
  resetTimings(createdAt: number): void {
    this.timings?.fill(0);
    this.timedFrom = createdAt;
    this.exemplars = undefined;
    for (const part of this.parts?.values() ?? []) part.resetTimings(createdAt);
  }
}

// Functions, because a private member would make the classes of ESM and of CommonJS differ for TypeScript.

/** Creates the histogram of a cell, at zero. An array takes half the memory of a typed array of this length. */
function openTimings(cell: Cell, bounds: readonly number[]): number[] {
  cell.timedFrom = epochSeconds();
  cell.timings = new Array<number>(bounds.length + 2).fill(0);
  return cell.timings;
}

/** Returns a copy of the numbers of a cell: until another part came, all of them were in the plain part. */
function copyOf({ createdAt, requests, timings }: Cell): Cell {
  const cell = new Cell(createdAt);
  cell.requests = requests;
  cell.timings = timings?.slice();
  return cell;
}
