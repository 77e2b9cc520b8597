import { isLess, isNumeric } from './operations.js';
import { type Builtin, byTypes, invalid } from './signature.js';
import { isArray, isNumber, isUnknown, type Type } from './type.js';
import { Duration, List, type Value } from './value.js';

/** A function of numbers and arrays of them. */
export function aggregates(call: (values: readonly Value[]) => Value): Builtin {
  return byTypes(typeOfAggregate, call);
}

function typeOfAggregate(args: readonly Type[]): Type | undefined {
  for (const type of args) {
    if (isArray(type) || isUnknown(type)) return 'any';
    if (!isNumber(type) && type !== 'duration') return undefined;
  }
  return args[0];
}

/** Returns the smallest of numbers, or the largest; nil if there is none. */
export function smallest(values: readonly Value[], isLargest: boolean): Value {
  let best: Value = null;
  const take = (value: Value): void => {
    if (best === null || (isLargest ? isLess(best, value) : isLess(value, best))) best = value;
  };
  for (const value of values) {
    if (value instanceof List) {
      for (const item of value.items) {
        const inner = smallest([item], isLargest);
        if (!isNumeric(inner)) throw invalid(inner);
        take(inner);
      }
    } else if (isNumeric(value) || value instanceof Duration) take(value);
    else if (values.length === 1) return value;
    else throw invalid(value);
  }
  return best;
}

/** Returns the mean of numbers; 0 if there is none. */
export function mean(values: readonly Value[]): Value {
  const { count, total } = summed(values);
  return count === 0 ? 0 : total / count;
}

/** Adds up array by array, as the order decides how a sum of floats is rounded. */
function summed(values: readonly Value[]): { readonly count: number; readonly total: number } {
  let [count, total] = [0, 0];
  for (const value of values) {
    const part = value instanceof List ? summed(value.items) : { count: 1, total: toNumber(value) };
    count += part.count;
    total += part.total;
  }
  return { count, total };
}

/** Returns the median of numbers; 0 if there is none. */
export function median(values: readonly Value[]): Value {
  const sorted = numbersIn(values).sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) return 0;
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

function numbersIn(values: readonly Value[]): number[] {
  return values.flatMap((value) => (value instanceof List ? numbersIn(value.items) : [toNumber(value)]));
}

function toNumber(value: Value): number {
  if (value instanceof Duration) return Number(value.nanoseconds);
  if (!isNumeric(value)) throw invalid(value);
  return Number(value);
}
