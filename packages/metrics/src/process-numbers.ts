import type { Exemplar } from './exemplar.js';
import { Samples } from './samples.js';
import type { SnapshotPiece } from './snapshot.js';

/** The samples of one metric, from one process or several. */
export interface FamilyNumbers extends Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly samples: Samples;
  readonly exemplars: Map<string, Exemplar>;
}

/** The numbers that one process has sent: its last complete snapshot. */
export class ProcessNumbers {
  readonly #tables = new Map<string, FamilyTable>();

  /** Families by name. A later snapshot does not change the result, the snapshot after that one may. */
  get families(): ReadonlyMap<string, FamilyNumbers> {
    const families = new Map<string, FamilyNumbers>();
    for (const [name, { numbers }] of this.#tables) if (numbers !== undefined) families.set(name, numbers);
    return families;
  }

  /** Adds pieces to the snapshot that is in progress. */
  add(pieces: readonly SnapshotPiece[]): void {
    for (const piece of pieces) this.#tableOf(piece).add(piece);
  }

  /**
   * Ends the snapshot. Metrics that could not be read this time keep their last values, because a sum that falls reads
   * as a reset.
   */
  complete(missing: readonly string[]): void {
    for (const [name, table] of this.#tables) {
      if (!table.complete() && !missing.includes(name)) this.#tables.delete(name);
    }
  }

  /** Discards a snapshot that will not be complete. */
  abandon(): void {
    for (const table of this.#tables.values()) table.abandon();
  }

  /**
   * Replaces samples with newer ones, in the last snapshot and in the snapshot in progress: a process may go on with its
   * snapshot after it has sent its last counts.
   */
  amend(pieces: readonly SnapshotPiece[]): void {
    for (const piece of pieces) this.#tableOf(piece).amend(piece);
  }

  #tableOf({ name }: SnapshotPiece): FamilyTable {
    const table = this.#tables.get(name) ?? new FamilyTable();
    this.#tables.set(name, table);
    return table;
  }
}

/** One metric of one process: the last complete snapshot, and the snapshot in progress. */
class FamilyTable {
  /** `undefined` until a snapshot is complete. */
  numbers: FamilyNumbers | undefined;
  /** Where the value of each series is, in both snapshots. */
  #slots = new Map<string, number>();
  /** Whether the last snapshot has slots of its own, because it was amended during the snapshot in progress. */
  #isApart = false;
  /** The values of the snapshot in progress. */
  #values: number[] = [];
  /** By slot, the last snapshot that had the series. */
  #seenIn: number[] = [];
  #snapshot = 1;
  #seen = 0;
  /** `undefined` while the snapshot in progress has nothing of this metric. */
  #next: Omit<FamilyNumbers, 'samples'> | undefined;

  add({ name, help, type, aggregator, samples, exemplars }: SnapshotPiece): void {
    this.#next ??= { name, help, type, aggregator, exemplars: new Map() };
    for (const [series, value] of samples) this.#put(series, Number(value));
    for (const [series, exemplar] of exemplars) this.#next.exemplars.set(series, exemplar);
  }

  /** Ends the snapshot. Returns whether it had this metric. */
  complete(): boolean {
    if (this.#next === undefined) return false;
    if (this.#seen < this.#slots.size) this.#forgetUnseen();
    this.#values.length = this.#slots.size;
    const last = this.numbers?.samples.values ?? [];
    this.numbers = { ...this.#next, samples: new Samples(this.#slots, this.#values) };
    this.#isApart = false;
    this.#begin(last);
    return true;
  }

  abandon(): void {
    if (this.#next === undefined) return;
    const known = this.numbers?.samples.values.length ?? 0;
    if (this.#slots.size > known) {
      for (const [series, slot] of this.#slots) if (slot >= known) this.#slots.delete(series);
    }
    this.#begin(this.#values);
  }

  amend(piece: SnapshotPiece): void {
    const { name, help, type, aggregator } = piece;
    let numbers = this.numbers ?? {
      name,
      help,
      type,
      aggregator,
      samples: new Samples(this.#slots),
      exemplars: new Map(),
    };
    if (this.#next !== undefined) {
      // A new series would take the slot that the snapshot in progress has given to another one.
      if (!this.#isApart) numbers = { ...numbers, samples: numbers.samples.copy() };
      this.#isApart = true;
      this.add(piece);
    }
    this.numbers = numbers;
    for (const [series, value] of piece.samples) numbers.samples.set(series, Number(value));
    for (const [series, exemplar] of piece.exemplars) numbers.exemplars.set(series, exemplar);
  }

  #begin(values: number[]): void {
    this.#values = values;
    this.#next = undefined;
    this.#snapshot++;
    this.#seen = 0;
  }

  #put(series: string, value: number): void {
    let slot = this.#slots.get(series);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(series, slot);
    }
    // Without holes, so that V8 keeps plain numbers.
    while (this.#values.length < slot) this.#values.push(0);
    this.#values[slot] = value;
    if (this.#seenIn[slot] === this.#snapshot) return;
    this.#seenIn[slot] = this.#snapshot;
    this.#seen++;
  }

  #forgetUnseen(): void {
    const kept = [...this.#slots].filter(([, slot]) => this.#seenIn[slot] === this.#snapshot);
    this.#values = kept.map(([, slot]) => this.#values[slot] as number);
    this.#slots = new Map(kept.map(([series], slot) => [series, slot]));
    this.#seenIn = kept.map(() => this.#snapshot);
  }
}

/** The counts of processes that have ended: counters and histograms, whose sums must not fall. */
export class DepartedNumbers {
  readonly #seriesAtMost: number;
  #families: ReadonlyMap<string, FamilyNumbers> = new Map();
  #series = 0;

  constructor(seriesAtMost: number) {
    this.#seriesAtMost = seriesAtMost;
  }

  /**
   * Families by name. Each {@link add} creates new objects, so that a reader at work does not count a process twice.
   */
  get families(): ReadonlyMap<string, FamilyNumbers> {
    return this.#families;
  }

  /** Adds the counts of a process. Returns whether there was room for all of its series. */
  add({ families }: ProcessNumbers): boolean {
    const sums = new Map(this.#families);
    let hasRoom = true;
    for (const family of families.values()) {
      if (!isKept(family)) continue;
      const { name, help, type, aggregator } = family;
      const samples = sums.get(name)?.samples.copy() ?? new Samples();
      for (const [series, value] of family.samples) {
        if (type === 'summary' && !isTotal(name, series)) continue;
        const known = samples.get(series);
        if (known === undefined && this.#series >= this.#seriesAtMost) {
          hasRoom = false;
          continue;
        }
        if (known === undefined) this.#series++;
        samples.set(
          series,
          known === undefined ? value : aggregator === 'max' ? Math.max(known, value) : known + value,
        );
      }
      sums.set(name, { name, help, type, aggregator, samples, exemplars: new Map() });
    }
    this.#families = sums;
    return hasRoom;
  }
}

/** Whether the numbers of a metric only rise, and are summed or take the highest of all processes. */
function isKept({ type, aggregator }: FamilyNumbers): boolean {
  const isRising = type === 'counter' || type === 'histogram' || type === 'summary';
  return isRising && (aggregator === 'sum' || aggregator === 'max');
}

/** Whether a sample is a total: the sum and the count of a summary are, its quantiles are not. */
function isTotal(name: string, series: string): boolean {
  return series.startsWith(`${name}_sum`) || series.startsWith(`${name}_count`);
}
