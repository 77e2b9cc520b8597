import type { Labels } from './names.js';
import { ReadOnlyMetric } from './read-only-metric.js';
import type { Recorder } from './recorder.js';
import type { MetricObject, MetricValue, Sample } from './registry.js';
import type { CounterSeries } from './series.js';

/** How several numbers become one: the numbers of apps that share a registry, and of the workers of a cluster. */
export type Aggregator = 'sum' | 'min' | 'max';

/** How an exposition is rendered. */
export interface Style {
  readonly openMetrics: boolean;
  /** The registry's default labels whose name can be shown. */
  readonly defaultLabels: Labels;
  /** Whether the labels of users' metrics are sorted, so that a series has the same spelling in every process. */
  readonly isSorted?: boolean;
}

/** A metric of ours, for code that publishes it elsewhere. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Returns its samples as they are now, with all their labels. */
  get(): MetricObject;
  /** Returns the series of a counter of requests, with the time since when each of them counts. */
  series?(): Iterable<CounterSeries>;
}

/**
 * One metric of ours, in the shape that the registries of prom-client expect.
 *
 * A registry in OpenMetrics mode renames counters: it assigns the name without `_total` to the object and appends
 * `_total` to each row. The assigned name is returned for one read only, so that the name is correct everywhere else.
 */
export abstract class Family extends ReadOnlyMetric implements MetricFamily {
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  readonly recorder: Recorder;
  readonly #name: string;
  #renamed = false;

  constructor(recorder: Recorder, name: string, help: string, type: Family['type'], aggregator: Aggregator = 'sum') {
    super();
    this.recorder = recorder;
    this.#name = name;
    this.help = help;
    this.type = type;
    this.aggregator = aggregator;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#renamed = name !== this.#name;
  }

  /** Returns new rows with full label sets, for JSON and for cluster aggregation. */
  get(): MetricObject {
    return this.#object(this.name, (labels) => ({ labels: { ...labels } }));
  }

  /** Returns rows for the registry's own text. The registry spells shared labels once for all rows that share them. */
  getForPromString(): MetricObject {
    const name = this.#renamed ? this.name.replace(/_total$/, '') : this.name;
    this.#renamed = false;
    return this.#object(name, (labels) => ({ labels: {}, sharedLabels: labels }));
  }

  /** Sets the numbers to zero in place. */
  abstract reset(): void;
  /** Yields the exposition of the samples, a few lines at a time. */
  abstract lines(style: Style): Generator<string, void, undefined>;
  /** Yields the samples as an exposition shows them. Samples of one series come together, as in {@link rows}. */
  abstract samples(style: Style): Generator<readonly Sample[], void, undefined>;
  /** Yields the samples as rows. Rows of one series come together: they were read at once and agree. */
  abstract rows(name: string, labelled: Labelled): Iterable<readonly MetricValue[]>;

  protected override isInUse(): boolean {
    if (this.recorder.inFlight.size > 0) return true;
    return this.recorder.routes.some((route) => [...route.counted()].some(([, { requests }]) => requests > 0));
  }

  #object(name: string, labelled: Labelled): MetricObject {
    this.recorder.beforeCollect();
    const values = Array.from(this.rows(name, labelled)).flat();
    return { name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}

/** Returns the labels of a row for a label set. */
export type Labelled = (labels: Labels) => Pick<MetricValue, 'labels' | 'sharedLabels'>;
