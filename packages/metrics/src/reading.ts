import { messageOf, warn } from '@coalmine/options';
import { braceLabels } from './default-labels.js';
import { type Aggregator, Family, type Labelled, type Style } from './family.js';
import type { Labels } from './names.js';
import { numberText } from './number-text.js';
import { OwnedSet } from './owned-set.js';
import type { Recorder } from './recorder.js';
import type { MetricValue, Sample } from './registry.js';

const COMBINED: Readonly<Record<Aggregator, (numbers: readonly number[]) => number>> = {
  sum: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
};

/** One number of a reading. */
export interface LabelledNumber {
  /** Added to the labels of the process. */
  readonly labels: Labels;
  readonly value: number;
}

/** Returns the numbers of a process, or of one app in it. */
export type Read = () => readonly LabelledNumber[];

/** Numbers of the whole process, read at each collection. There is no series while no reader returns a number. */
export class Reading extends Family {
  readonly #readers = new OwnedSet<Read>();
  readonly #together: Aggregator;

  /** `together` turns the numbers that the readers of one process return into one number. */
  constructor(
    recorder: Recorder,
    name: string,
    help: string,
    type: Family['type'],
    aggregator: Aggregator,
    together: Aggregator = aggregator,
  ) {
    super(recorder, name, help, type, aggregator);
    this.#together = together;
  }

  /** Adds a reader for as long as its owner is in use, and returns a function that removes it. */
  from(read: Read, owner?: object): () => void {
    return this.#readers.add(read, owner);
  }

  override reset(): void {
    // A reading has nothing to reset.
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    for (const { labels, value } of this.#numbers()) {
      yield `${this.name}${braceLabels(labels, style)} ${numberText(value)}\n`;
    }
  }

  override *samples(style: Style): Generator<Sample[], void, undefined> {
    for (const { labels, value } of this.#numbers()) {
      yield [{ series: `${this.name}${braceLabels(labels, style)}`, value, exemplar: undefined }];
    }
  }

  override *rows(_name: string, labelled: Labelled): Generator<MetricValue[], void, undefined> {
    for (const { labels, value } of this.#numbers()) yield [{ ...labelled(labels), value }];
  }

  /** Returns one number for each set of labels, however many readers return it. */
  #numbers(): readonly LabelledNumber[] {
    const own = this.recorder.settings.labels;
    const found = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
    for (const read of this.#readers) {
      for (const { labels, value } of this.#numbersOf(read)) {
        const key = JSON.stringify(labels);
        const known = found.get(key);
        if (known === undefined) found.set(key, { labels: { ...labels, ...own }, values: [value] });
        else known.values.push(value);
      }
    }
    return Array.from(found.values(), ({ labels, values }) => ({ labels, value: COMBINED[this.#together](values) }));
  }

  /** Returns the numbers of one reader, or none if it fails. */
  #numbersOf(read: Read): readonly LabelledNumber[] {
    try {
      return read().map(({ labels, value }) => ({ labels: { ...labels }, value: Number(value) }));
    } catch (error) {
      warn('COALMINE_COLLECT_FAILED', `A reading of ${this.name} was left out: ${messageOf(error)}`, read);
      return [];
    }
  }
}

/** Returns the one number of a process without labels of its own; none while it is `undefined`. */
export function withoutLabels(read: () => number | undefined): Read {
  return () => {
    const value = read();
    return value === undefined ? [] : [{ labels: {}, value }];
  };
}
