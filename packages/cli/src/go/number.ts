import { NotKnownHereError } from '../not-known-here.js';

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/** Wraps an integer to 64 bits. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Converts a float to an integer as Go does on amd64: towards zero, and to the least integer if there is none. */
export function truncate(value: number): bigint {
  if (!Number.isFinite(value)) return LEAST_INT64;
  const whole = BigInt(Math.trunc(value));
  return whole < LEAST_INT64 || whole > MOST_INT64 ? LEAST_INT64 : whole;
}

/**
 * Parses a decimal integer as `strconv.ParseInt` does. Throws if the text is not an integer, or does not fit in 64
 * bits.
 */
export function parseInteger(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not an integer`);
  return inRange(BigInt(text.replace(/^\+/, '')), text);
}

/** Returns an integer that fits in 64 bits. Throws for any other integer. */
export function inRange(value: bigint, text: string): bigint {
  if (value < LEAST_INT64 || value > MOST_INT64) throw new Error(`${text} does not fit in 64 bits`);
  return value;
}

/** Parses a float as `strconv.ParseFloat` does. Throws if the text is not a number, or is too large. */
export function parseFloat64(text: string): number {
  const [, sign, word] = /^([+-]?)(inf|infinity|nan)$/i.exec(text) ?? [];
  if (word !== undefined && !(/^nan$/i.test(word) && sign !== '')) {
    if (/^nan$/i.test(word)) return Number.NaN;
    return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^[+-]?0x/i.test(text)) throw new NotKnownHereError(`the hexadecimal float ${text}`);
  const plain = text.replace(/(?<=\d)_(?=\d)/g, '');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain))
    throw new Error(`${JSON.stringify(text)} is not a number`);
  const value = Number(plain);
  if (!Number.isFinite(value)) throw new Error(`${text} is out of range`);
  return value;
}

// Go's `%g` has an exponent from 1e6 on, if it may choose how many digits it prints.
const MOST_PLAIN = 6;

/** Formats a float with the fewest digits that tell it from others, as `%v` and `%g` do: with an exponent from 1e6 on. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < MOST_PLAIN) return plain(value, digits, power);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function plain(value: number, digits: string, power: number): string {
  // JavaScript writes an exponent below 1e-6, Go below 1e-4.
  return power >= 0 ? String(value) : value.toFixed(digits.replace(/\D/g, '').length - 1 - power);
}
