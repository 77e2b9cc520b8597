import { isAssignable, isInteger, isUnknown, type Type, typeName } from './type.js';
import { kindName, type Value } from './value.js';

/** What a function may use beside its arguments. */
export interface Surroundings {
  /** What `now()` returns, in nanoseconds since the epoch. */
  readonly now: bigint;
  /** Accounts for elements and characters that are kept. Throws if there are too many. */
  readonly keep: (count: number) => void;
}

/** A function of expr-lang. */
export interface Builtin {
  /** Returns the type of the result. Throws if the function does not take arguments of these types. */
  check(args: readonly Type[]): Type;
  /** Throws if the function does not take these arguments after all. */
  call(args: readonly Value[], surroundings: Surroundings): Value;
}

type Signature = readonly [params: readonly Type[], returns: Type];

/** A function with one signature. */
export function taking(params: readonly Type[], returns: Type, call: Builtin['call']): Builtin {
  return overloads([[params, returns]], call);
}

/** A function with several signatures, of which the first that fits counts. */
export function overloads(signatures: readonly Signature[], call: Builtin['call']): Builtin {
  const fits = (params: readonly Type[], args: readonly Type[]): boolean =>
    params.length === args.length && params.every((param, i) => isTaken(args[i] ?? 'nil', param));
  return {
    check: (args) => {
      const found = signatures.find(([params]) => fits(params, args));
      if (found !== undefined) return found[1];
      throw new Error(mismatch(signatures.map(([params]) => params.map(typeName).join(', ')).join(' or '), args));
    },
    call,
  };
}

/** A function whose result depends on the types of the arguments: `undefined` for those that it does not take. */
export function byTypes(returns: (args: readonly Type[]) => Type | undefined, call: Builtin['call']): Builtin {
  return {
    check: (args) => {
      const type = returns(args);
      if (type === undefined) throw new Error(mismatch(undefined, args));
      return type;
    },
    call,
  };
}

/** A function of one argument. */
export function single(returns: (type: Type) => Type | undefined, call: (value: Value) => Value): Builtin {
  return byTypes(
    ([type, ...rest]) => (type === undefined || rest.length > 0 ? undefined : returns(type)),
    ([value = null]) => call(value),
  );
}

/** Whether a function that wants a type takes an argument of another. */
export function isTaken(type: Type, wanted: Type): boolean {
  if (type === 'nil') return wanted === 'any';
  if (wanted === 'float' && isInteger(type)) return true;
  if (isInteger(wanted) && isInteger(type)) return true;
  return isUnknown(type) || isAssignable(type, wanted);
}

/** Why a function cannot be called with a value. */
export function invalid(value: Value): Error {
  return new Error(`invalid argument: ${kindName(value)}`);
}

/** Returns an argument as a text. Throws if it is none. */
export function textOf(value: Value | undefined): string {
  if (typeof value !== 'string') throw invalid(value ?? null);
  return value;
}

function mismatch(wanted: string | undefined, args: readonly Type[]): string {
  const given = args.map(typeName).join(', ') || 'nothing';
  return wanted === undefined ? `does not take ${given}` : `takes ${wanted || 'nothing'}, got ${given}`;
}
