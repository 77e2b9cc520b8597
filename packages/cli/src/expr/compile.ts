import { NotKnownHereError } from '../not-known-here.js';
import { check } from './check.js';
import { evaluate } from './evaluate.js';
import { locating } from './expression-error.js';
import { optimize } from './optimize.js';
import { parse } from './parser.js';
import { Run } from './run.js';
import { demandKnownStack } from './stack.js';
import { ENVIRONMENT } from './syntax.js';
import type { Type } from './type.js';
import type { Value } from './value.js';

/** An expression that was checked with types, and can be run with values of these types. */
export interface Program {
  readonly type: Type;
  /** Throws `ExpressionError` and `NotKnownHereError`. `now` is what `now()` returns, in nanoseconds since the epoch. */
  run(values: Readonly<Record<string, Value>>, now?: bigint): Value;
}

/**
 * Compiles an expression of expr-lang that can use names of these types. Throws `ExpressionError` for an expression
 * that expr-lang refuses, and `NotKnownHereError` for one that it may accept.
 */
export function compile(source: string, names: Readonly<Record<string, Type>>): Program {
  return guarded(() => {
    const scope = { names: new Map(Object.entries(names)), variables: new Map(), pointers: new Map() };
    const tree = check(parse(source), scope);
    const optimized = locating(tree.at, () => optimize(tree));
    demandKnownStack(optimized);
    return {
      type: tree.type,
      run: (values, now = BigInt(Date.now()) * 1_000_000n) =>
        guarded(() => evaluate(optimized, new Run(withEnvironment(values), now))),
    };
  });
}

/** Returns the values by name, with `$env` as the map of all of them. */
function withEnvironment(values: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  const named = new Map(Object.entries(values));
  return new Map([...named, [ENVIRONMENT, named]]);
}

/** Runs a function. Go can evaluate any depth; here an expression that is nested too deeply is not known. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof RangeError) throw new NotKnownHereError('an expression that is nested so deeply');
    throw error;
  }
}
