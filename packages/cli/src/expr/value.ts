import { formatFloat } from '../go/number.js';
import { NotKnownHereError } from '../not-known-here.js';
import type { SliceOf } from './type.js';

/** A value at run time. Integers are `bigint`, floats are `number`. */
export type Value = null | boolean | bigint | number | string | List | Groups | Instant | Duration | Callable | Mapping;

type Mapping = ReadonlyMap<string, Value>;

/** An array, with its kind of slice in Go: an `[]int` never equals a `[]float64`. */
export class List {
  readonly items: readonly Value[];
  readonly slice: SliceOf;
  /** Whether it is Go's nil slice, which equals nil although it is an array. */
  readonly isNil: boolean;

  constructor(items: readonly Value[], slice: SliceOf = 'any', isNil = false) {
    this.items = items;
    this.slice = slice;
    this.isNil = isNil;
  }
}

/** A `map[any][]any` of Go, which `groupBy` creates. */
export class Groups {
  readonly entries: readonly (readonly [key: Value, group: List])[];
  readonly #byKey: ReadonlyMap<Value, List>;

  constructor(entries: readonly (readonly [key: Value, group: List])[]) {
    this.entries = entries;
    // `NaN` equals no key, and no lookup finds it.
    this.#byKey = new Map(entries.filter(([key]) => !Number.isNaN(key)));
  }

  get(key: Value): List | undefined {
    return this.#byKey.get(key);
  }
}

/** A time, in nanoseconds since the epoch. */
export class Instant {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

export class Duration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

/** A function of the environment. */
export class Callable {
  readonly isFloat: boolean;
  readonly arity: number;
  readonly call: (...args: readonly Value[]) => Value;

  /** A function of floats accepts no integers at run time; any other function accepts every value. */
  constructor(arity: number, isFloat: boolean, call: (...args: readonly Value[]) => Value) {
    this.arity = arity;
    this.isFloat = isFloat;
    this.call = call;
  }
}

/** Returns the name of a value's type in `type()`. */
export function kindName(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof List) return 'array';
  if (value instanceof Instant) return 'time.Time';
  if (value instanceof Duration) return 'time.Duration';
  return value instanceof Callable ? 'func' : 'map';
}

/** Returns a value as Go's `%v` prints it. */
export function printValue(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof List) return `[${value.items.map(printValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  throw new NotKnownHereError(`a ${kindName(value)} as text`);
}

/** Whether a value is nil for `??`, `?.` and `==`. */
export function isNil(value: Value): boolean {
  return value === null || (value instanceof List && value.isNil);
}

/** Returns a truth value. Throws for any other value. */
export function isTrue(value: Value): boolean {
  if (typeof value !== 'boolean') throw new Error(`true or false is required, got ${kindName(value)}`);
  return value;
}
