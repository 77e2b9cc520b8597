import type { RegistryLike } from './clients.js';
import { collectRegistry } from './collect-registry.js';
import { readDefaultLabels } from './default-labels.js';
import type { Exemplar } from './exemplar.js';
import { Family, type Style } from './family.js';
import { type ForeignMetric, type MetricType, readName, rowsOf } from './foreign-metric.js';
import type { RegisteredMetric, Sample } from './registry.js';
import { Slice } from './slice.js';

/** How the numbers of several processes become one, by the names of `prom-client`. */
export type ClusterAggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit';

/** Some samples of one metric, as one process sends them to another. JSON carries it as it is. */
export interface SnapshotPiece {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly aggregator: ClusterAggregator;
  /** Each sample with its series, as an exposition shows it. A value that JSON has no number for is text. */
  readonly samples: readonly (readonly [series: string, value: number | string])[];
  readonly exemplars: readonly (readonly [series: string, exemplar: Exemplar])[];
}

const AGGREGATORS: ReadonlySet<unknown> = new Set<ClusterAggregator>(['sum', 'first', 'min', 'max', 'average', 'omit']);
// The samples of one message, about 60 kB of JSON: neither the writer nor the reader is held up for long.
const SAMPLES_AT_MOST = 500;

/**
 * Reads a whole registry for another process, and yields to the event loop between slices. Yields as many pieces at a
 * time as one message takes. Metrics that had to be left out are added to `missing`: they are not gone.
 */
export function snapshotRegistry(
  registry: RegistryLike,
  milliseconds: number,
  missing: Set<string>,
): AsyncGenerator<readonly SnapshotPiece[], void, undefined> {
  return createBatches(piecesOf(registry, milliseconds, missing));
}

async function* piecesOf(
  registry: RegistryLike,
  milliseconds: number,
  missing: Set<string>,
): AsyncGenerator<SnapshotPiece, void, undefined> {
  const style: Style = { openMetrics: true, defaultLabels: readDefaultLabels(registry), isSorted: true };
  const slice = new Slice();
  for (const metric of registry.getMetricsAsArray()) {
    const name = readName(metric as RegisteredMetric);
    if (name !== undefined) missing.add(name);
  }
  for await (const metric of collectRegistry(registry, milliseconds, slice)) {
    missing.delete(metric.name);
    const pieces = new Pieces(metric);
    const groups = metric instanceof Family ? metric.samples(style) : foreignRows(metric, style);
    for (const rows of groups) {
      const full = pieces.add(rows);
      if (full !== undefined) yield full;
      if (slice.isOver()) await slice.next();
    }
    yield pieces.rest();
  }
}

/** Groups small pieces, as many as one message takes. */
async function* createBatches(
  pieces: AsyncIterable<SnapshotPiece>,
): AsyncGenerator<readonly SnapshotPiece[], void, undefined> {
  let batch: SnapshotPiece[] = [];
  let samples = 0;
  for await (const piece of pieces) {
    batch.push(piece);
    samples += piece.samples.length;
    if (samples < SAMPLES_AT_MOST) continue;
    yield batch;
    batch = [];
    samples = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Returns at once what counters and histograms of ours have counted: the last message of a process. */
export function lastWords(registry: RegistryLike): readonly SnapshotPiece[] {
  const style: Style = { openMetrics: true, defaultLabels: readDefaultLabels(registry), isSorted: true };
  const words: SnapshotPiece[] = [];
  for (const metric of registry.getMetricsAsArray()) {
    if (!(metric instanceof Family) || metric.type === 'gauge') continue;
    const pieces = new Pieces(metric);
    for (const rows of metric.samples(style)) {
      const full = pieces.add(rows.filter(({ value }) => value > 0));
      if (full !== undefined) words.push(full);
    }
    words.push(pieces.rest());
  }
  return words;
}

/** Collects the samples of one metric, as many as one message takes. */
class Pieces {
  readonly #head: Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'>;
  #samples: [string, number | string][] = [];
  #exemplars: [string, Exemplar][] = [];

  constructor({ name, help, type, aggregator }: Described) {
    const known = AGGREGATORS.has(aggregator) ? (aggregator as ClusterAggregator) : 'sum';
    this.#head = { name, help, type, aggregator: known };
  }

  /** Adds rows that belong together, and returns a piece once it is full. */
  add(rows: readonly Sample[]): SnapshotPiece | undefined {
    for (const { series, value, exemplar } of rows) {
      this.#samples.push([series, Number.isFinite(value) ? value : String(value)]);
      if (exemplar !== undefined) this.#exemplars.push([series, exemplar]);
    }
    return this.#samples.length < SAMPLES_AT_MOST ? undefined : this.rest();
  }

  rest(): SnapshotPiece {
    const piece = { ...this.#head, samples: this.#samples, exemplars: this.#exemplars };
    this.#samples = [];
    this.#exemplars = [];
    return piece;
  }
}

interface Described extends Pick<SnapshotPiece, 'name' | 'help' | 'type'> {
  readonly aggregator: unknown;
}

function* foreignRows(metric: ForeignMetric, style: Style): Generator<readonly Sample[], void, undefined> {
  for (const row of rowsOf(metric, style)) yield [row];
}
