import { isArray, isNumber, type Type, typeName, type Value } from './type.js';

/** A function that expressions can call. */
export interface Callable {
  /** The type of what it answers, by those of its arguments; a sentence where it does not take them. */
  check(args: readonly Type[]): Type | string;
  call(...args: readonly Value[]): Value;
}

const numbers = (value: Value | undefined): readonly number[] => {
  if (!Array.isArray(value)) throw new Error(`an array is needed, got ${shown(value)}`);
  return value.map((item) => {
    if (typeof item !== 'number') throw new Error(`a number is needed, got ${shown(item)}`);
    return item;
  });
};

const taking = (names: readonly Type[], answers: Type, call: Callable['call']): Callable => ({
  check: (args) =>
    args.length === names.length && names.every((name, i) => fits(args[i] ?? 'nil', name))
      ? answers
      : `takes ${names.map(typeName).join(', ') || 'nothing'}, got ${args.map(typeName).join(', ') || 'nothing'}`,
  call,
});

/** One that takes numbers or arrays of them. */
const spread = (answers: Type, call: (values: readonly number[]) => Value): Callable => ({
  check: (args) =>
    args.length > 0 && args.every((arg) => isNumber(arg) || (isArray(arg) && isNumber(arg.of)))
      ? answers
      : `takes numbers or an array of them, got ${args.map(typeName).join(', ') || 'nothing'}`,
  call: (...args) => call(args.flatMap((arg) => (Array.isArray(arg) ? numbers(arg) : numbers([arg])))),
});

const ofArray = (answers: (of: Type) => Type, call: Callable['call']): Callable => ({
  check: ([array = 'nil', ...rest]) =>
    isArray(array) && rest.every((arg) => arg === 'int') ? answers(array.of) : `takes an array, got ${typeName(array)}`,
  call,
});

const rounded = (call: (value: number) => number): Callable =>
  taking(['float'], 'float', (value) => call(value as number));

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** What conditions can call: what Argo Rollouts adds, and those of expr-lang that have to do with numbers and time. */
export const FUNCTIONS: Readonly<Record<string, Callable>> = {
  // Argo Rollouts, utils/evaluate.
  asInt: taking(['string'], 'int', (text) => parsed(text as string, /^[+-]?\d+$/)),
  asFloat: taking(['string'], 'float', (text) =>
    parsed(text as string, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?Inf$|^NaN$/),
  ),
  isNaN: taking(['float'], 'bool', (value) => Number.isNaN(value)),
  isInf: taking(['float'], 'bool', (value) => Math.abs(value as number) === Number.POSITIVE_INFINITY),
  isNil: taking(['any'], 'bool', (value) => value === null),
  default: taking(['any', 'any'], 'any', (value, fallback) => (value === null ? (fallback ?? null) : (value ?? null))),

  len: {
    check: ([of = 'nil', ...rest]) =>
      rest.length === 0 && (isArray(of) || of === 'string' || of === 'any')
        ? 'int'
        : `invalid argument for len (type ${typeName(of)})`,
    call: (of) => (of as string | readonly Value[]).length,
  },
  max: spread('any', (values) => (values.length === 0 ? null : Math.max(...values))),
  min: spread('any', (values) => (values.length === 0 ? null : Math.min(...values))),
  mean: spread('float', (values) => (values.length === 0 ? 0 : total(values) / values.length)),
  median: spread('float', medianOf),
  sum: ofArray(
    (of) => of,
    (array) => total(numbers(array)),
  ),
  first: ofArray(
    () => 'any',
    (array) => (array as readonly Value[])[0] ?? null,
  ),
  last: ofArray(
    () => 'any',
    (array) => (array as readonly Value[]).at(-1) ?? null,
  ),
  get: ofArray(
    () => 'any',
    (array, index) => (array as readonly Value[]).at(index as number) ?? null,
  ),
  abs: rounded(Math.abs),
  ceil: rounded(Math.ceil),
  floor: rounded(Math.floor),
  round: rounded((value) => Math.sign(value) * Math.round(Math.abs(value))),
  int: taking(['float'], 'int', (value) => Math.trunc(value as number)),
  float: taking(['float'], 'float', (value) => value ?? null),
  duration: taking(['string'], 'duration', (text) => nanoseconds(text as string)),
};

function fits(type: Type, wanted: Type): boolean {
  if (wanted === 'any' || type === 'any') return true;
  if (wanted === 'float') return isNumber(type);
  return type === wanted;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

function parsed(text: string, pattern: RegExp): number {
  if (!pattern.test(text)) throw new Error(`${JSON.stringify(text)} is no number`);
  return Number(text.replace('Inf', 'Infinity'));
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** A duration as Go reads it, `1h30m` or `-500ms`, in nanoseconds. Throws where it is none. */
export function nanoseconds(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  if (rest !== '0' && (parts.length === 0 || parts.map(([part]) => part).join('') !== rest)) {
    throw new Error(`${JSON.stringify(text)} is no duration, such as 90s or 1h30m`);
  }
  const size = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
  return sign === '-' ? -size : size;
}

function shown(value: Value | undefined): string {
  return value === null || value === undefined ? 'nil' : Array.isArray(value) ? 'an array' : String(value);
}
