import { truncate, wrapInt64 } from '../go/number.js';
import { compareTexts } from '../go/text.js';
import { Duration, Groups, Instant, isNil, kindName, List, type Value } from './value.js';

/**
 * Operators of two values that are computed whatever their types are. Each throws for values that it does not accept.
 */
export const OPERATIONS: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '<': (left, right) => compare('<', left, right, (order) => order < 0),
  '>': (left, right) => compare('>', left, right, (order) => order > 0),
  '<=': (left, right) => compare('<=', left, right, (order) => order <= 0),
  '>=': (left, right) => compare('>=', left, right, (order) => order >= 0),
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': (left, right) => floats('/', left, right, (a, b) => a / b),
  '**': (left, right) => floats('**', left, right, power),
  '^': (left, right) => floats('^', left, right, power),
  '%': (left, right) => {
    if (typeof left !== 'bigint' || typeof right !== 'bigint') throw mismatch('%', left, right);
    if (right === 0n) throw new Error('integer divide by zero');
    return left % right;
  },
  contains: (left, right) => ofTexts(left, right, (text, part) => text.includes(part)),
  startsWith: (left, right) => ofTexts(left, right, (text, part) => text.startsWith(part)),
  endsWith: (left, right) => ofTexts(left, right, (text, part) => text.endsWith(part)),
};

/** Whether two values are equal: numbers by their value, arrays element by element. */
export function isEqual(left: Value, right: Value): boolean {
  if (isNumeric(left) && isNumeric(right)) return numericOrder(left, right) === 0;
  if (left instanceof List && right instanceof List) {
    const isSame = left.slice === right.slice || left.slice === 'any' || right.slice === 'any';
    return (
      isSame &&
      left.items.length === right.items.length &&
      left.items.every((item, i) => isEqual(item, right.items[i] ?? null))
    );
  }
  if (left instanceof Instant && right instanceof Instant) return left.nanoseconds === right.nanoseconds;
  if (left instanceof Duration && right instanceof Duration) return left.nanoseconds === right.nanoseconds;
  if (left instanceof Groups && right instanceof Groups) return isDeeplyEqual(left, right);
  if (left instanceof Map && right instanceof Map) return isDeeplyEqual(left, right);
  return (left === right && typeof left !== 'object') || (isNil(left) && isNil(right));
}

/** Whether two values are equal as parts of maps: there, an integer never equals a float. */
function isDeeplyEqual(left: Value, right: Value): boolean {
  // Go stops the comparison at identical values.
  if (left === right && (left instanceof Map || left instanceof Groups || left instanceof List)) return true;
  if (left instanceof Groups && right instanceof Groups) {
    const hasSame = ([key, group]: Groups['entries'][number]): boolean => {
      const other = right.get(key);
      return other !== undefined && isDeeplyEqual(group, other);
    };
    return left.entries.length === right.entries.length && left.entries.every(hasSame);
  }
  if (left instanceof Map && right instanceof Map) {
    const hasSame = ([key, value]: [string, Value]): boolean =>
      right.has(key) && isDeeplyEqual(value, right.get(key) ?? null);
    return left.size === right.size && [...left].every(hasSame);
  }
  if (left instanceof List && right instanceof List) {
    return (
      left.slice === right.slice &&
      left.isNil === right.isNil &&
      left.items.length === right.items.length &&
      left.items.every((item, i) => isDeeplyEqual(item, right.items[i] ?? null))
    );
  }
  return typeof left === typeof right && isEqual(left, right);
}

/** Whether a value comes before another. Throws for values that have no order. */
export function isLess(left: Value, right: Value): boolean {
  return compare('<', left, right, (order) => order < 0);
}

/** Adds two values as `+` does. Throws for values that it does not accept. */
export function add(left: Value, right: Value): Value {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (left instanceof Instant && right instanceof Duration) return new Instant(left.nanoseconds + right.nanoseconds);
  if (left instanceof Duration && right instanceof Instant) return new Instant(left.nanoseconds + right.nanoseconds);
  if (left instanceof Duration && right instanceof Duration)
    return new Duration(wrapInt64(left.nanoseconds + right.nanoseconds));
  if (typeof left === 'bigint' && typeof right === 'bigint') return wrapInt64(left + right);
  return floats('+', left, right, (a, b) => a + b);
}

/** Returns an integer as a float. Throws for a value that is not a number. */
export function floatOf(value: Value): number {
  if (!isNumeric(value)) throw new Error(`a number is required, got ${kindName(value)}`);
  return Number(value);
}

/** Returns a number as an integer, towards zero. Throws for a value that is not a number. */
export function integerOf(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') throw new Error(`a number is required, got ${kindName(value)}`);
  return truncate(value);
}

export function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function subtract(left: Value, right: Value): Value {
  if (left instanceof Instant && right instanceof Instant)
    return new Duration(wrapInt64(left.nanoseconds - right.nanoseconds));
  if (left instanceof Instant && right instanceof Duration) return new Instant(left.nanoseconds - right.nanoseconds);
  if (left instanceof Duration && right instanceof Duration)
    return new Duration(wrapInt64(left.nanoseconds - right.nanoseconds));
  if (typeof left === 'bigint' && typeof right === 'bigint') return wrapInt64(left - right);
  return floats('-', left, right, (a, b) => a - b);
}

function multiply(left: Value, right: Value): Value {
  if (left instanceof Duration || right instanceof Duration) {
    const [a, b] = [unitless(left), unitless(right)];
    if (!isNumeric(a) || !isNumeric(b)) throw mismatch('*', left, right);
    // Go keeps a product with a float as a float.
    return typeof a === 'bigint' && typeof b === 'bigint' ? new Duration(wrapInt64(a * b)) : Number(a) * Number(b);
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') return wrapInt64(left * right);
  return floats('*', left, right, (a, b) => a * b);
}

function unitless(value: Value): Value {
  return value instanceof Duration ? value.nanoseconds : value;
}

/** Returns a power. In Go, `1 ** NaN` and `-1 ** Inf` are 1; in JavaScript they are `NaN`. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent))) return 1;
  return base ** exponent;
}

function floats(operator: string, left: Value, right: Value, compute: (a: number, b: number) => number): number {
  if (!isNumeric(left) || !isNumeric(right)) throw mismatch(operator, left, right);
  return compute(Number(left), Number(right));
}

/** Compares two texts. Nil contains nothing. */
function ofTexts(left: Value, right: Value, isSo: (text: string, part: string) => boolean): boolean {
  if (left === null || right === null) return false;
  if (typeof left !== 'string' || typeof right !== 'string')
    throw new Error(`a text is required, got ${kindName(typeof left === 'string' ? right : left)}`);
  return isSo(left, right);
}

function compare(operator: string, left: Value, right: Value, isSo: (order: number) => boolean): boolean {
  if (isNumeric(left) && isNumeric(right)) return isSo(numericOrder(left, right));
  if (typeof left === 'string' && typeof right === 'string') return isSo(compareTexts(left, right));
  if (
    (left instanceof Instant && right instanceof Instant) ||
    (left instanceof Duration && right instanceof Duration)
  ) {
    return isSo(numericOrder(left.nanoseconds, right.nanoseconds));
  }
  throw mismatch(operator, left, right);
}

/**
 * Returns a number below, at or above zero; `NaN` if there is a `NaN`. An integer is compared with a float as a float.
 */
function numericOrder(left: number | bigint, right: number | bigint): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
  const [a, b] = [Number(left), Number(right)];
  return a === b ? 0 : a - b || Number.NaN;
}

function mismatch(operator: string, left: Value, right: Value): Error {
  return new Error(`invalid operation: ${kindName(left)} ${operator} ${kindName(right)}`);
}
