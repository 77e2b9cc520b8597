import { parseFloat64, parseInteger } from '../go/number.js';
import { compile, type Program } from './compile.js';
import { ExpressionError } from './expression-error.js';
import { floatOf, integerOf } from './operations.js';
import { type FunctionType, isUnknown, sliceOf, type Type, typeName } from './type.js';
import { Callable, Instant, kindName, List, type Value } from './value.js';

/** A result in Argo Rollouts: the values of a vector or a matrix, or the value of a scalar. */
export type Result = number | readonly number[];

interface Named {
  readonly type: FunctionType;
  readonly value: Callable;
}

const createNamed = (params: readonly Type[], returns: Type, call: Callable['call']): Named => ({
  type: { params, returns },
  value: new Callable(params.length, params.includes('float'), call),
});

const AS_INT = createNamed(['any'], 'int64', (given = null) =>
  typeof given === 'string' ? parseInteger(given) : integerOf(given),
);
const AS_FLOAT = createNamed(['any'], 'float', (given = null) =>
  typeof given === 'string' ? parseFloat64(given) : floatOf(given),
);
const IS_NAN = createNamed(['float'], 'bool', (value) => Number.isNaN(value));
const IS_INF = createNamed(['float'], 'bool', (value) => Math.abs(value as number) === Number.POSITIVE_INFINITY);

/**
 * Returns a function that tells whether a condition holds for a result. The function throws `ExpressionError` if the controller
 * cannot evaluate the condition, and `NotKnownHereError` if that is not known.
 */
export function createCondition(condition: string): (result: Result) => boolean {
  const evaluate = createEvaluation(condition);
  return (result) => {
    const holds = evaluate(result);
    if (typeof holds !== 'boolean') throw new ExpressionError(`it must be true or false, got ${kindName(holds)}`, 0);
    return holds;
  };
}

/**
 * Returns a function that returns the value of a condition for a result, which need not be true or false. The condition is
 * compiled once for results that are a number and once for those that are a list. The function throws like `createCondition`.
 */
export function createEvaluation(condition: string): (result: Result) => Value {
  const programs: { number?: Program; list?: Program } = {};
  return (result) => {
    const value: Value = typeof result === 'number' ? result : new List(result, 'float');
    const functions = functionsFor(value);
    const kind = typeof result === 'number' ? 'number' : 'list';
    const type: Type = kind === 'number' ? 'float' : sliceOf('float');
    programs[kind] ??= compile(condition, { result: type, ...mapped(functions, (each) => each.type) });
    return programs[kind].run({ result: value, ...mapped(functions, (each) => each.value) });
  };
}

function functionsFor(result: Value): Readonly<Record<string, Named>> {
  return {
    asInt: AS_INT,
    asFloat: AS_FLOAT,
    isNaN: IS_NAN,
    isInf: IS_INF,
    // Both ignore their argument and use the result, and a result of Prometheus is never nil.
    isNil: createNamed(['any'], 'bool', () => false),
    default: createNamed(['any', 'any'], 'any', () => result),
  };
}

/**
 * Checks that a condition can be evaluated on some result, whatever the provider. Throws `ExpressionError` if the
 * controller refuses the condition on every result, and `NotKnownHereError` if that is not known.
 */
export function demandCondition(condition: string): void {
  const { type } = compile(condition, { result: 'unknown', ...mapped(functionsFor(null), (each) => each.type) });
  if (type !== 'bool' && !isUnknown(type))
    throw new ExpressionError(`it must be true or false, got ${typeName(type)}`, 0);
}

/** Returns the time of a range query, such as `now() - duration("5m")`, in epoch seconds. Throws like a condition. */
export function timeOf(source: string, nowSeconds: number): number {
  if (/^\s*\w+\s*$/.test(source)) throw new Error(`${source.trim()} must be a time, got a name: write now()`);
  const types = { isNaN: IS_NAN.type, isInf: IS_INF.type };
  const values = { isNaN: IS_NAN.value, isInf: IS_INF.value };
  const time = compile(source, types).run(values, BigInt(Math.round(nowSeconds * 1e6)) * 1000n);
  if (!(time instanceof Instant)) throw new Error(`${source} must be a time, got ${kindName(time)}`);
  return Number(time.nanoseconds / 1000n) / 1e6;
}

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
