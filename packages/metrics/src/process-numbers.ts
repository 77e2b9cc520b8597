import type { Exemplar } from './exemplar.js';
import type { SnapshotPiece } from './snapshot.js';

/** The samples of one metric, from one process or several. */
export interface FamilyNumbers extends Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly samples: Map<string, number>;
  readonly exemplars: Map<string, Exemplar>;
}

/** The numbers that one process has sent: its last complete snapshot. */
export class ProcessNumbers {
  #families = new Map<string, FamilyNumbers>();
  #next = new Map<string, FamilyNumbers>();

  /** Families by name, in the order of the registry. */
  get families(): ReadonlyMap<string, FamilyNumbers> {
    return this.#families;
  }

  /** Adds pieces to the snapshot that is in progress. */
  add(pieces: readonly SnapshotPiece[]): void {
    addPieces(this.#next, pieces);
  }

  /**
   * Ends the snapshot. Metrics that could not be read this time keep their last values, because a sum that falls reads
   * as a reset.
   */
  complete(missing: readonly string[]): void {
    for (const name of missing) {
      const known = this.#families.get(name);
      if (known !== undefined && !this.#next.has(name)) this.#next.set(name, known);
    }
    this.#families = this.#next;
    this.#next = new Map();
  }

  /** Discards a snapshot that will not be complete. */
  abandon(): void {
    this.#next = new Map();
  }

  /** Replaces samples of the last snapshot with newer ones. */
  amend(pieces: readonly SnapshotPiece[]): void {
    addPieces(this.#families, pieces);
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
      const samples = new Map(sums.get(name)?.samples);
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

function addPieces(families: Map<string, FamilyNumbers>, pieces: readonly SnapshotPiece[]): void {
  for (const { name, help, type, aggregator, samples, exemplars } of pieces) {
    const family = families.get(name) ?? { name, help, type, aggregator, samples: new Map(), exemplars: new Map() };
    families.set(name, family);
    for (const [series, value] of samples) family.samples.set(series, Number(value));
    for (const [series, exemplar] of exemplars) family.exemplars.set(series, exemplar);
  }
}
