import { parseFloat64, parseInteger, truncate, wrapInt64 } from '../go/number.js';
import { NotKnownHereError } from '../not-known-here.js';
import { aggregates, mean, median, smallest } from './aggregates.js';
import { ARRAYS } from './arrays.js';
import { DATES } from './dates.js';
import { ENCODINGS } from './encodings.js';
import { integerOf } from './operations.js';
import { type Builtin, invalid, single, taking } from './signature.js';
import { TEXTS } from './texts.js';
import { isArray, isNumber, isUnknown, type Type } from './type.js';
import { Duration, Groups, kindName, List, printValue, type Value } from './value.js';

/** Whether a type is a number for Go's `reflect`: a duration is one. */
const isNumeric = (type: Type): boolean => isNumber(type) || type === 'duration';

const rounded = (round: (value: number) => number): Builtin =>
  single(
    (type) => (isNumeric(type) || isUnknown(type) ? 'float' : undefined),
    (value) => {
      if (typeof value === 'bigint') return Number(value);
      if (typeof value !== 'number') throw invalid(value);
      return round(value);
    },
  );

const converted = (to: Type, call: (value: Value) => Value): Builtin =>
  single((type) => (isNumeric(type) || type === 'string' || isUnknown(type) ? to : undefined), call);

const bits = (call: (a: bigint, b: bigint) => bigint): Builtin =>
  taking(['int', 'int'], 'int', ([a = null, b = null]) => wrapInt64(call(whole(a), whole(b))));

const shifted =
  (call: (a: bigint, by: bigint) => bigint) =>
  (a: bigint, by: bigint): bigint => {
    if (by < 0n) throw new Error(`negative shift count ${by}`);
    return call(a, by > 64n ? 64n : by);
  };

/** The functions of expr-lang that take no predicate. */
export const BUILTINS: Readonly<Record<string, Builtin>> = {
  len: single(
    (type) =>
      isArray(type) || type === 'map' || type === 'groups' || type === 'string' || isUnknown(type) ? 'int' : undefined,
    (value) => {
      if (typeof value === 'string') return BigInt([...value].length);
      if (value instanceof List) return BigInt(value.items.length);
      if (value instanceof Map) return BigInt(value.size);
      if (value instanceof Groups) return BigInt(value.entries.length);
      throw invalid(value);
    },
  ),
  type: taking(['any'], 'string', ([value = null]) => kindName(value)),
  string: taking(['any'], 'string', ([value = null]) => printValue(value)),
  abs: single(
    (type) => (isNumeric(type) || isUnknown(type) ? (type === 'unknown' ? 'any' : type) : undefined),
    (value) => {
      if (typeof value === 'bigint') return value < 0n ? wrapInt64(-value) : value;
      if (typeof value !== 'number') throw invalid(value);
      return value < 0 ? -value : value;
    },
  ),
  ceil: rounded(Math.ceil),
  floor: rounded(Math.floor),
  round: rounded((value) => Math.sign(value) * Math.round(Math.abs(value))),
  int: converted('int', (value) => {
    if (typeof value === 'string') return parseInteger(value);
    if (value instanceof Duration) return value.nanoseconds;
    return typeof value === 'number' ? truncate(value) : whole(value);
  }),
  float: converted('float', (value) => {
    if (typeof value === 'string') return parseFloat64(value);
    if (typeof value !== 'number' && typeof value !== 'bigint') throw invalid(value);
    return Number(value);
  }),

  max: aggregates((values) => smallest(values, true)),
  min: aggregates((values) => smallest(values, false)),
  mean: aggregates(mean),
  median: aggregates(median),

  ...TEXTS,
  ...ARRAYS,
  ...DATES,
  ...ENCODINGS,

  bitand: bits((a, b) => a & b),
  bitor: bits((a, b) => a | b),
  bitxor: bits((a, b) => a ^ b),
  bitnand: bits((a, b) => a & ~b),
  bitshl: bits(shifted((a, by) => a << by)),
  bitshr: bits(shifted((a, by) => a >> by)),
  bitushr: bits(shifted((a, by) => BigInt.asUintN(64, a) >> by)),
  bitnot: taking(['int'], 'int', ([value = null]) => ~whole(value)),

  // Go lists the entries of a map in any order.
  ...Object.fromEntries(['timezone', 'keys', 'values', 'toPairs', 'fromPairs'].map((name) => [name, unknown(name)])),
};

function unknown(name: string): Builtin {
  const fail = (): never => {
    throw new NotKnownHereError(`the function ${name} of expr-lang`);
  };
  return { check: fail, call: fail };
}

function whole(value: Value): bigint {
  if (typeof value !== 'bigint') throw new Error(`an integer is required, got ${kindName(value)}`);
  return integerOf(value);
}
