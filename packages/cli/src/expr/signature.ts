import { isAssignable, isInteger, isUnknown, type Type, typeName } from './type.js';
import { kindName, type Value } from './value.js';

/** Values that a function may use besides its arguments. */
export interface Surroundings {
  /** The result of `now()`, in nanoseconds since the epoch. */
  readonly now: bigint;
  /** Counts elements and characters that are kept. Throws if there are too many. */
  readonly keep: (count: number) => void;
}

/** A function of expr-lang. */
export interface Builtin {
  /** Returns the type of the result. Throws if the function does not accept arguments of these types. */
  check(args: readonly Type[]): Type;
  /** Returns the result. Throws if the function does not accept these arguments. */
  call(args: readonly Value[], surroundings: Surroundings): Value;
}

type Signature = readonly [params: readonly Type[], returns: Type];

/** Creates a function with one signature. */
export function taking(params: readonly Type[], returns: Type, call: Builtin['call']): Builtin {
  return overloads([[params, returns]], call);
}

/** Creates a function with several signatures. The first that fits counts. */
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

/**
 * Creates a function whose result type depends on the argument types: `undefined` for types that it does not accept.
 */
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

/** Creates a function of one argument. */
export function single(returns: (type: Type) => Type | undefined, call: (value: Value) => Value): Builtin {
  return byTypes(
    ([type, ...rest]) => (type === undefined || rest.length > 0 ? undefined : returns(type)),
    ([value = null]) => call(value),
  );
}

/** Whether a parameter of one type accepts an argument of another. */
export function isTaken(type: Type, wanted: Type): boolean {
  if (type === 'nil') return wanted === 'any';
  if (wanted === 'float' && isInteger(type)) return true;
  if (isInteger(wanted) && isInteger(type)) return true;
  return isUnknown(type) || isAssignable(type, wanted);
}

/** Returns why a function cannot be called with a value. */
export function invalid(value: Value): Error {
  return new Error(`invalid argument: ${kindName(value)}`);
}

/** Returns an argument as a text. Throws if it is not a text. */
export function demandText(value: Value | undefined): string {
  if (typeof value !== 'string') throw invalid(value ?? null);
  return value;
}

function mismatch(wanted: string | undefined, args: readonly Type[]): string {
  const given = args.map(typeName).join(', ') || 'nothing';
  return wanted === undefined ? `does not take ${given}` : `takes ${wanted || 'nothing'}, got ${given}`;
}
