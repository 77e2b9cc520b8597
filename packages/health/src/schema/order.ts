/** Compares two versions in the order of a tool: above 0 if the first version comes later. */
export type Compare = (a: string, b: string) => number;

/** By code unit, as most tools sort the names of their files: `10_` comes before `9_`. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By the number that a version begins with, of any length; by name where one has none. */
export function byNumber(a: string, b: string): number {
  return byDigits(/^\d+/, a, b);
}

/** By number if both versions are whole numbers, and by name otherwise. */
export function byWholeNumber(a: string, b: string): number {
  return byDigits(/^\d+$/, a, b);
}

/** By the milliseconds that the name of a class ends with, as in TypeORM. */
export function byTrailingNumber(a: string, b: string): number {
  return byDigits(/\d+$/, a, b);
}

/** By the numbers between the dots: 2.10 comes after 2.9. A name without a number, such as `R__view`, comes after all of them. */
export function byDottedNumbers(a: string, b: string): number {
  const [isNamed, isOtherNamed] = [a, b].map((version) => !/^\d/.test(version));
  if (isNamed !== isOtherNamed) return isNamed ? 1 : -1;
  const partsOf = (version: string): readonly bigint[] =>
    version.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : 0n));
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0n) - (right[i] ?? 0n);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
  }
  return 0;
}

/** By its parts, of which numbers count as such: `v12` comes after `v9`, 1.10 after 1.9. */
export function byParts(a: string, b: string): number {
  const partsOf = (version: string): readonly string[] => version.match(/\d+|\D+/g) ?? [];
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one = '', other = ''] = [left[i], right[i]];
    const isNumeric = /^\d/.test(one) && /^\d/.test(other);
    const difference = isNumeric
      ? Number(BigInt(one) > BigInt(other)) - Number(BigInt(one) < BigInt(other))
      : byName(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a version begins with a larger number than another one, as `10_b` and `9_a` do, whatever their order is. */
export function hasLargerNumber(version: string, other: string): boolean {
  const [number] = /^\d+/.exec(version) ?? [];
  const [otherNumber] = /^\d+/.exec(other) ?? [];
  return number !== undefined && otherNumber !== undefined && BigInt(number) > BigInt(otherNumber);
}

/** Returns the latest version by `compare`; `undefined` if there is none. */
export function latest(versions: Iterable<string>, compare: Compare): string | undefined {
  let found: string | undefined;
  for (const version of versions) if (found === undefined || compare(version, found) > 0) found = version;
  return found;
}

/** Returns the whole number that a version begins with, or the timestamp that it ends with; `undefined` if it has neither. */
export function numberInVersion(version: string): number | undefined {
  const [digits] = /^\d+(?![\d.])/.exec(version) ?? /\d{10,}$/.exec(version) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function byDigits(pattern: RegExp, a: string, b: string): number {
  const [left] = pattern.exec(a) ?? [];
  const [right] = pattern.exec(b) ?? [];
  if (left === undefined || right === undefined) return byName(a, b);
  const difference = BigInt(left) - BigInt(right);
  return difference === 0n ? byName(a, b) : difference > 0n ? 1 : -1;
}
