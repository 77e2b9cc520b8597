const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** Returns a duration of Go, `1h30m` or `-500ms`, in nanoseconds. Throws if the text is not a duration. */
export function nanoseconds(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  if (rest !== '0' && (parts.length === 0 || parts.map(([part]) => part).join('') !== rest)) {
    throw new Error(`${JSON.stringify(text)} is not a duration such as 90s or 1h30m`);
  }
  const size = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
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
