import { braced } from './default-labels.js';
import { type Aggregator, Family, type Labelled, type Style } from './family.js';
import type { Labels } from './names.js';
import type { MetricValue } from './registry.js';

const COMBINED: Readonly<Record<Aggregator, (numbers: readonly number[]) => number>> = {
  sum: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
};

/** One number of a reading. */
export interface LabelledNumber {
  /** Those of the process are added. */
  readonly labels: Labels;
  readonly value: number;
}

/** Numbers of the whole process, read when asked; without a series while nobody has one. */
export class Reading extends Family {
  readonly #readers = new Set<() => readonly LabelledNumber[]>();

  /** Has one more reader asked, until it is taken out by what is answered. */
  from(read: () => readonly LabelledNumber[]): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  override reset(): void {
    // A reading is what it is.
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    for (const { labels, value } of this.#numbers()) yield `${this.name}${braced(labels, style)} ${value}\n`;
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    return this.#numbers().map(({ labels, value }) => ({ ...labelled(labels), value }));
  }

  /** One for each set of labels, however many readers have it. */
  #numbers(): readonly LabelledNumber[] {
    const own = this.recorder.settings.labels;
    const found = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
    for (const { labels, value } of Array.from(this.#readers, (read) => read()).flat()) {
      const key = JSON.stringify(labels);
      const known = found.get(key);
      if (known === undefined) found.set(key, { labels: { ...labels, ...own }, values: [value] });
      else known.values.push(value);
    }
    return Array.from(found.values(), ({ labels, values }) => ({ labels, value: COMBINED[this.aggregator](values) }));
  }
}
