import { epochSeconds } from './epoch-seconds.js';
import { type Exemplar, exemplarOf, type TraceContext } from './exemplar.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';
import { type Part, PLAIN_PART } from './protocol.js';

// Exemplars are stored in a ring: the exemplars of plain responses would displace the exemplars that tell something.
const PLAIN_EXEMPLAR_SECONDS = 60;

/**
 * The numbers of one set of labels, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
export class Cell {
  /** The full label set, shared by every row that a registry gets. */
  readonly labels: Labels;
  /** The label set as exposition text, without braces. */
  readonly text: string;
  /** Epoch seconds at which the counter was zero. */
  createdAt: number;
  requests = 0;
  /**
   * Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent before the first observation.
   */
  timings: Float64Array | undefined;
  /** Epoch seconds at which the histogram was zero. */
  timedFrom = 0;
  /** The exemplar of the counters, in a cell whose status is an error. */
  exemplar: Exemplar | undefined;
  /** Exemplars by bucket, in the order of {@link timings}; absent until there is one. */
  exemplars: (Exemplar | undefined)[] | undefined;
  /** The counts by {@link Part}; absent until something is counted in another part than the plain one. */
  parts: Map<Part, Cell> | undefined;

  constructor(labels: Labels) {
    this.labels = Object.freeze(labels);
    this.text = labelText(labels);
    this.createdAt = epochSeconds();
  }

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

  /** Keeps this failed request as the exemplar of its counter. */
  exemplify(context: TraceContext): void {
    this.exemplar = exemplarOf(context, 1, epochSeconds());
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
    const cell = new Cell(this.labels);
    this.parts.set(part, cell);
    return cell;
  }

  /** Sets the counts to zero in place, because routes keep their cells. */
  reset(createdAt: number): void {
    this.requests = 0;
    this.createdAt = createdAt;
    this.exemplar = undefined;
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

/** Creates the histogram of a cell, at zero. */
function openTimings(cell: Cell, bounds: readonly number[]): Float64Array {
  cell.timedFrom = epochSeconds();
  cell.timings = new Float64Array(bounds.length + 2);
  return cell.timings;
}

/** Returns a copy of the numbers of a cell: until another part came, all of them were in the plain part. */
function copyOf({ labels, requests, timings }: Cell): Cell {
  const cell = new Cell(labels);
  cell.requests = requests;
  cell.timings = timings?.slice();
  return cell;
}
