import type { Exemplar } from './exemplar.js';
import type { SnapshotPiece } from './snapshot.js';

/** The samples of one metric, of one process or of several. */
export interface FamilyNumbers extends Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly samples: Map<string, number>;
  readonly exemplars: Map<string, Exemplar>;
}

/** What one process has told of its registry: its last snapshot that was whole. */
export class ProcessNumbers {
  #families = new Map<string, FamilyNumbers>();
  #next = new Map<string, FamilyNumbers>();

  /** By name, in the order of the registry. */
  get families(): ReadonlyMap<string, FamilyNumbers> {
    return this.#families;
  }

  /** Adds pieces to the snapshot that is under way. */
  add(pieces: readonly SnapshotPiece[]): void {
    addPieces(this.#next, pieces);
  }

  /** Ends the snapshot. Metrics that could not be read this time keep what they had: a sum that falls reads as a reset. */
  complete(missing: readonly string[]): void {
    for (const name of missing) {
      const known = this.#families.get(name);
      if (known !== undefined && !this.#next.has(name)) this.#next.set(name, known);
    }
    this.#families = this.#next;
    this.#next = new Map();
  }

  /** Lets go of a snapshot that will not be whole. */
  abandon(): void {
    this.#next = new Map();
  }

  /** Puts newer samples over those of the last snapshot. */
  amend(pieces: readonly SnapshotPiece[]): void {
    addPieces(this.#families, pieces);
  }
}

/** What processes had counted that are gone: counters and histograms, whose sums must not fall. */
export class DepartedNumbers {
  readonly #seriesAtMost: number;
  #families: ReadonlyMap<string, FamilyNumbers> = new Map();
  #series = 0;

  constructor(seriesAtMost: number) {
    this.#seriesAtMost = seriesAtMost;
  }

  /** By name. Each {@link add} makes others, so that whoever is reading these does not count a process twice. */
  get families(): ReadonlyMap<string, FamilyNumbers> {
    return this.#families;
  }

  /** Adds what a process had counted. Returns whether there was room for all of its series. */
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

/** Whether the numbers of a metric only rise, and are the sum or the highest of all processes. */
function isKept({ type, aggregator }: FamilyNumbers): boolean {
  const isRising = type === 'counter' || type === 'histogram' || type === 'summary';
  return isRising && (aggregator === 'sum' || aggregator === 'max');
}

/** A summary's sum and count are totals; its quantiles are not. */
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
