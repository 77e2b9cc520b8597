import { type Block, CellNumbers } from './cell-numbers.js';
import { epochSeconds } from './epoch-seconds.js';
import { type Exemplar, exemplarOf, type TraceContext } from './exemplar.js';
import { type Part, PLAIN_PART } from './protocol.js';

// Exemplars are stored in a ring: those of plain responses would displace the exemplars of errors and slow requests.
const PLAIN_EXEMPLAR_SECONDS = 60;

// Where the numbers of a cell are, from its start.
const REQUESTS = 0;
const CREATED_AT = 1;
/** Zero before the first observation. */
const TIMED_FROM = 2;
const TIMINGS = 3;

/** Creates the place for the numbers of cells whose histograms have these bounds. */
export function createNumbers(bounds: readonly number[]): CellNumbers {
  // A bucket for each bound and for +Inf, then the sum.
  return new CellNumbers(TIMINGS + bounds.length + 2);
}

/** Data that only few cells need. */
export interface CellExtras {
  exemplar: Exemplar | undefined;
  exemplars: (Exemplar | undefined)[] | undefined;
  parts: Map<Part, Cell> | undefined;
}

/**
 * The numbers of one set of labels, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
export class Cell {
  // A large service has thousands of cells, and each field takes memory in all of them.
  readonly block: Block;
  readonly start: number;
  extras: CellExtras | undefined;

  constructor(numbers: CellNumbers, createdAt: number) {
    const { block, start } = numbers.allocate();
    this.block = block;
    this.start = start;
    this.extras = undefined;
    this.createdAt = createdAt;
  }

  /** How many requests the counter has counted. */
  get requests(): number {
    return this.block.numbers[this.start + REQUESTS] as number;
  }

  set requests(requests: number) {
    this.block.numbers[this.start + REQUESTS] = requests;
  }

  /** Epoch seconds at which the counter was zero. */
  get createdAt(): number {
    return this.block.numbers[this.start + CREATED_AT] as number;
  }

  set createdAt(createdAt: number) {
    this.block.numbers[this.start + CREATED_AT] = createdAt;
  }

  /** Epoch seconds at which the histogram was zero; 0 before the first observation. */
  get timedFrom(): number {
    return this.block.numbers[this.start + TIMED_FROM] as number;
  }

  set timedFrom(timedFrom: number) {
    // Zero says that there is no histogram, also while a test keeps the clock at 1970.
    this.block.numbers[this.start + TIMED_FROM] = timedFrom || Number.MIN_VALUE;
  }

  /**
   * Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent before the first observation.
   * The numbers change as the cell counts.
   */
  get timings(): Float64Array | undefined {
    if (this.timedFrom === 0) return undefined;
    const { numbers, owner } = this.block;
    return numbers.subarray(this.start + TIMINGS, this.start + owner.length);
  }

  /** The exemplar of the counter, if it counts errors. */
  get exemplar(): Exemplar | undefined {
    return this.extras?.exemplar;
  }

  /** Exemplars by bucket, in the order of {@link timings}; absent until there is one. */
  get exemplars(): readonly (Exemplar | undefined)[] | undefined {
    return this.extras?.exemplars;
  }

  /** The counts by {@link Part}; absent until something is counted in another part than the plain one. */
  get parts(): ReadonlyMap<Part, Cell> | undefined {
    return this.extras?.parts;
  }

  /** Counts a request. Its trace, if it is given, becomes the exemplar of the counter. */
  count(context: TraceContext | undefined): void {
    this.requests++;
    if (context !== undefined) extend(this).exemplar = exemplarOf(context, 1, epochSeconds());
  }

  /** Counts one duration, in seconds, and returns the index of its bucket. */
  observe(seconds: number, bounds: readonly number[]): number {
    if (this.timedFrom === 0) this.timedFrom = epochSeconds();
    const { numbers } = this.block;
    const first = this.start + TIMINGS;
    // Most requests are fast, so the scan from below ends early; a dozen bounds never pay for a binary search.
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    (numbers[first + i] as number)++;
    (numbers[first + bounds.length + 1] as number) += seconds;
    return i;
  }

  /**
   * Keeps a request as the exemplar of its bucket. A request that tells little (`isPlain`) replaces an exemplar only
   * rarely.
   */
  exemplifyBucket(context: TraceContext, bucket: number, seconds: number, isPlain: boolean): void {
    const now = epochSeconds();
    const extras = extend(this);
    extras.exemplars ??= [];
    const last = extras.exemplars[bucket];
    if (isPlain && last !== undefined && now - last.timestamp < PLAIN_EXEMPLAR_SECONDS) return;
    extras.exemplars[bucket] = exemplarOf(context, seconds, now);
  }

  /** Returns the cell of a part. Call it before this cell counts what the part counts. */
  under(part: Part): Cell {
    const extras = extend(this);
    extras.parts ??= new Map([[PLAIN_PART, copyOf(this)]]);
    const known = extras.parts.get(part);
    if (known !== undefined) return known;
    const cell = new Cell(this.block.owner, epochSeconds());
    extras.parts.set(part, cell);
    return cell;
  }

  /** Sets the count to zero in place. */
  reset(createdAt: number): void {
    this.requests = 0;
    this.createdAt = createdAt;
    if (this.extras !== undefined) this.extras.exemplar = undefined;
    for (const part of this.parts?.values() ?? []) part.reset(createdAt);
  }

  /** Sets the histogram to zero in place. */
  resetTimings(createdAt: number): void {
    this.timings?.fill(0);
    if (this.timedFrom !== 0) this.timedFrom = createdAt;
    if (this.extras !== undefined) this.extras.exemplars = undefined;
    for (const part of this.parts?.values() ?? []) part.resetTimings(createdAt);
  }
}

// Functions, because a private member would make the classes of ESM and of CommonJS differ for TypeScript.

function extend(cell: Cell): CellExtras {
  cell.extras ??= { exemplar: undefined, exemplars: undefined, parts: undefined };
  return cell.extras;
}

/** Returns a copy of the numbers of a cell: until another part came, all of them were in the plain part. */
function copyOf(cell: Cell): Cell {
  const copy = new Cell(cell.block.owner, cell.createdAt);
  copy.requests = cell.requests;
  const { timings } = cell;
  if (timings === undefined) return copy;
  copy.timedFrom = cell.timedFrom;
  copy.timings?.set(timings);
  return copy;
}
