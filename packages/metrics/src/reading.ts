import { braced } from './default-labels.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Labels } from './names.js';
import type { Recorder } from './recorder.js';
import type { MetricValue } from './registry.js';

/** A number of the whole process, read when asked. */
export class Reading extends Family {
  readonly #read: () => number;
  readonly #labels: Labels;

  constructor(
    recorder: Recorder,
    name: string,
    help: string,
    read: () => number,
    aggregator: Family['aggregator'] = 'sum',
  ) {
    super(recorder, name, help, 'gauge', aggregator);
    this.#read = read;
    this.#labels = Object.freeze({ ...recorder.settings.labels });
  }

  override reset(): void {
    // A reading is what it is.
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    yield `${this.name}${braced(this.#labels, style)} ${this.#read()}\n`;
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    return [{ ...labelled(this.#labels), value: this.#read() }];
  }
}
