import type { Attributes } from '@opentelemetry/api';

/** Numbers that only grow, and since when. */
interface Counted {
  /** Epoch seconds of their zero. */
  readonly from: number;
  readonly numbers: Float64Array;
}

/** Answers of what was counted for an instrument and attributes what has come since the last call for them. */
export type SinceLast = (instrument: string, attributes: Attributes, whole: Counted, now: number) => Counted;

export function createSinceLast(): SinceLast {
  const byInstrument = new Map<string, WeakMap<Attributes, Counted & { readonly at: number }>>();
  return (instrument, attributes, whole, now) => {
    const last = byInstrument.get(instrument) ?? new WeakMap();
    byInstrument.set(instrument, last);
    const before = last.get(attributes);
    last.set(attributes, { ...whole, numbers: whole.numbers.slice(), at: now });
    // After a reset, all of it is new.
    if (before === undefined || before.from !== whole.from) return whole;
    return { from: before.at, numbers: whole.numbers.map((number, i) => number - (before.numbers[i] as number)) };
  };
}
