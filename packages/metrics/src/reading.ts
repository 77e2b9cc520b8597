import { braced } from './default-labels.js';
import { type Aggregator, Family, type Labelled, type Style } from './family.js';
import type { Labels } from './names.js';
import type { Recorder } from './recorder.js';
import type { MetricValue } from './registry.js';

const COMBINED: Readonly<Record<Aggregator, (numbers: readonly number[]) => number>> = {
  sum: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
};

/** A number of the whole process, read when asked; without a series while nobody has one. */
export class Reading extends Family {
  readonly #readers = new Set<() => number | undefined>();
  readonly #labels: Labels;

  constructor(recorder: Recorder, name: string, help: string, aggregator: Aggregator) {
    super(recorder, name, help, 'gauge', aggregator);
    this.#labels = Object.freeze({ ...recorder.settings.labels });
  }

  /** Has one more reader asked, until it is taken out by what is answered. */
  from(read: () => number | undefined): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  override reset(): void {
    // A reading is what it is.
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const value = this.#value();
    if (value !== undefined) yield `${this.name}${braced(this.#labels, style)} ${value}\n`;
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    const value = this.#value();
    return value === undefined ? [] : [{ ...labelled(this.#labels), value }];
  }

  #value(): number | undefined {
    const numbers = Array.from(this.#readers, (read) => read()).filter((number) => number !== undefined);
    return numbers.length === 0 ? undefined : COMBINED[this.aggregator](numbers);
  }
}
