import type { Attributes } from '@opentelemetry/api';

/** Numbers that only grow, and the time of their zero. */
interface Counted {
  /** Epoch seconds at which they were zero. */
  readonly from: number;
  readonly numbers: ArrayLike<number>;
}

/** Returns the part of a count that has come since the last call for the same instrument and attributes. */
export type SinceLast = (instrument: string, attributes: Attributes, whole: Counted, now: number) => Counted;

export function createSinceLast(): SinceLast {
  const byInstrument = new Map<string, WeakMap<Attributes, Counted & { readonly at: number }>>();
  return (instrument, attributes, whole, now) => {
    const last = byInstrument.get(instrument) ?? new WeakMap();
    byInstrument.set(instrument, last);
    const before = last.get(attributes);
    const numbers = Array.from(whole.numbers);
    last.set(attributes, { from: whole.from, numbers, at: now });
    // After a reset, everything is new.
    if (before === undefined || before.from !== whole.from) return whole;
    return { from: before.at, numbers: numbers.map((number, i) => number - (before.numbers[i] as number)) };
  };
}
