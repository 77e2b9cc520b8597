// A microsecond may have either of two characters that look the same: the micro sign or the Greek letter.
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  '\u00b5s': 1e3,
  '\u03bcs': 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/**
 * Returns a duration of Go, `1h30m` or `-500ms`, in nanoseconds. Throws if the text is not a duration, or does not
 * fit in 64 bits.
 */
export function nanoseconds(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy)];
  if (rest !== '0' && (parts.length === 0 || parts.map(([part]) => part).join('') !== rest)) {
    throw new Error(`${JSON.stringify(text)} is not a duration such as 90s or 1h30m`);
  }
  const size = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
  if (size >= 2 ** 63) throw new Error(`${text} is not a duration: it is too long`);
  return sign === '-' ? -size : size;
}

/** Returns a duration of Go in seconds; `NaN` if the text is not a duration. */
export function secondsIn(text: string): number {
  try {
    return nanoseconds(text) / 1e9;
  } catch {
    return Number.NaN;
  }
}
