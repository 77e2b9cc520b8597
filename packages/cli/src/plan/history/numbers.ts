/** Returns the number that is nearest to another; `undefined` if there is none. */
export function nearest(values: readonly number[], to: number): number | undefined {
  return values.reduce<number | undefined>(
    (best, value) => (best === undefined || Math.abs(value - to) < Math.abs(best - to) ? value : best),
    undefined,
  );
}

/** Returns the median of some numbers; `undefined` if there is none. */
export function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Returns a part of a whole, at most 1; `undefined` if the whole is 0. */
export function ratioOf(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, part / whole) : undefined;
}
