/**
 * Samples by series. Their series are kept when their values are replaced: a process sends the same series in each
 * snapshot, and tens of thousands of new texts and a new map for each of them would hold the event loop for as long as
 * the garbage collector copies them.
 */
export class Samples implements Iterable<readonly [series: string, value: number]> {
  /** Where the value of a series is. Some series at the end may have no value yet. */
  readonly #slots: Map<string, number>;
  readonly values: number[];

  constructor(slots: Map<string, number> = new Map(), values: number[] = []) {
    this.#slots = slots;
    this.values = values;
  }

  get(series: string): number | undefined {
    const slot = this.slotOf(series);
    return slot === undefined ? undefined : this.values[slot];
  }

  set(series: string, value: number): void {
    const slot = this.slotOf(series);
    if (slot !== undefined) {
      this.values[slot] = value;
      return;
    }
    this.#slots.set(series, this.values.length);
    this.values.push(value);
  }

  /** Returns the index of a series in {@link values}. */
  slotOf(series: string): number | undefined {
    const slot = this.#slots.get(series);
    return slot !== undefined && slot < this.values.length ? slot : undefined;
  }

  /** Returns samples of the same series, whose values can be changed. No series may be added to them. */
  copyOfValues(): Samples {
    return new Samples(this.#slots, this.values.slice());
  }

  /** Returns samples that share nothing with these. */
  copy(): Samples {
    const copy = new Samples();
    for (const [series, value] of this) copy.set(series, value);
    return copy;
  }

  *[Symbol.iterator](): Generator<readonly [series: string, value: number], void, undefined> {
    for (const [series, slot] of this.#slots) {
      if (slot >= this.values.length) return;
      yield [series, this.values[slot] as number];
    }
  }
}
