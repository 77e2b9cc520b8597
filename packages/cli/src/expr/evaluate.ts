import { wrapInt64 } from '../go/number.js';
import { compileRegExp } from '../go/regexp.js';
import { isAscii } from '../go/text.js';
import { NotKnownHereError } from '../not-known-here.js';
import { fetchElement } from './arrays.js';
import { BUILTINS } from './builtins.js';
import { locating } from './expression-error.js';
import { demandPlainKey, groupOf } from './groups.js';
import { integerOf, isEqual, OPERATIONS } from './operations.js';
import { evaluatePredicateCall } from './predicates.js';
import type { Run } from './run.js';
import { type Node, PREDICATES } from './syntax.js';
import { Callable, Groups, isNil, isTrue, kindName, List, type Value } from './value.js';

type Kind<K extends Node['kind']> = Extract<Node, { kind: K }>;

/** Evaluates a checked tree. Throws `ExpressionError` for errors of the evaluation, and `NotKnownHereError`. */
export function evaluate(node: Node, run: Run): Value {
  run.step();
  return locating(node.at, () => evaluateNode(node, run));
}

/** Thrown by an optional member of nil: the chain around it is nil. */
class NothingThere extends Error {}

function evaluateNode(node: Node, run: Run): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return run.valueOf(node.name);
    case 'pointer':
      return run.pointer(node.name);
    case 'array': {
      const items = node.items.map((item) => evaluate(item, run));
      run.keep(items.length);
      return new List(items);
    }
    case 'map':
      return map(node, run);
    case 'unary':
      return unary(node, run);
    case 'binary':
      return binary(node, run);
    case 'choice':
      return evaluate(isTrue(evaluate(node.condition, run)) ? node.yes : node.no, run);
    case 'chain':
      return chain(node, run);
    case 'member': {
      const of = evaluate(node.of, run);
      if (node.isOptional && isNil(of)) throw new NothingThere();
      const key = evaluate(node.property, run);
      if (of instanceof Groups) demandPlainKey(node.property, key);
      return fetchElement(of, key);
    }
    case 'slice':
      return slice(node, run);
    case 'let':
      return evaluate(node.body, run.declaring(node.name, evaluate(node.value, run)));
    case 'sequence':
      return node.nodes.reduce<Value>((_, each) => evaluate(each, run), null);
    case 'call': {
      const args = node.args.map((arg) => evaluate(arg, run));
      return callValue(evaluate(node.callee, run), args);
    }
    case 'builtin': {
      if (Object.hasOwn(PREDICATES, node.name)) return evaluatePredicateCall(node, run, evaluate);
      const builtin = BUILTINS[node.name];
      if (builtin === undefined) throw new Error(`unknown name ${node.name}`);
      return builtin.call(
        node.args.map((arg) => evaluate(arg, run)),
        run,
      );
    }
  }
}

function map({ pairs }: Kind<'map'>, run: Run): Value {
  const entries = pairs.map(([key, value]) => [evaluate(key, run), evaluate(value, run)] as const);
  run.keep(entries.length);
  const found = new Map<string, Value>();
  for (const [key, value] of entries) {
    if (typeof key !== 'string') throw new Error(`a key of a map is a string, got ${kindName(key)}`);
    // Go fills a map from its last entry, so the first of two equal keys stays.
    if (!found.has(key)) found.set(key, value);
  }
  return found;
}

function unary({ operator, operand }: Kind<'unary'>, run: Run): Value {
  const value = evaluate(operand, run);
  if (operator === '!') return !isTrue(value);
  if (operator === '+') return value;
  if (typeof value === 'bigint') return wrapInt64(-value);
  if (typeof value !== 'number') throw new Error(`invalid operation: - ${kindName(value)}`);
  return -value;
}

function binary({ operator, left, right }: Kind<'binary'>, run: Run): Value {
  const first = evaluate(left, run);
  switch (operator) {
    case '&&':
    case 'and':
      return isTrue(first) ? evaluate(right, run) : first;
    case '||':
    case 'or':
      return isTrue(first) ? first : evaluate(right, run);
    case '??':
      return isNil(first) ? evaluate(right, run) : first;
  }
  const second = evaluate(right, run);
  switch (operator) {
    case '==':
    case '!=':
      demandType(left, first, second, right);
      return isEqual(first, second) === (operator === '==');
    case 'in':
      if (second instanceof Groups) demandPlainKey(left, first);
      return isIn(first, second);
    case 'in keys':
      return isKey(first, second as List);
    case '..':
      return range(integerOf(first), integerOf(second), run);
    case 'matches':
      return isMatch(first, second);
  }
  const operate = OPERATIONS[operator];
  if (operate === undefined) throw new NotKnownHereError(`the operator ${operator}`);
  return operate(first, second);
}

/**
 * Checks that two sides that are both integers or both texts by their types really are: expr-lang compares them without
 * a check.
 */
function demandType(left: Node, first: Value, second: Value, right: Node): void {
  const wanted = left.type === right.type ? { int: 'bigint', string: 'string' }[String(left.type)] : undefined;
  const other = wanted === undefined ? undefined : [first, second].find((value) => typeof value !== wanted);
  if (other !== undefined) throw new Error(`${String(left.type)} is required, got ${kindName(other)}`);
}

function isIn(needle: Value, list: Value): boolean {
  if (list === null) return false;
  if (list instanceof List) return list.items.some((item) => isEqual(item, needle));
  if (list instanceof Groups) return groupOf(list, needle) !== undefined;
  if (!(list instanceof Map)) throw new Error(`operator "in" is not defined on ${kindName(list)}`);
  if (needle !== null && typeof needle !== 'string')
    throw new Error(`a key of a map is a string, got ${kindName(needle)}`);
  return list.has(needle ?? '');
}

function isKey(needle: Value, { items }: List): boolean {
  const [zero] = items.map((item) => (typeof item === 'string' ? '' : 0n));
  const key = needle ?? zero ?? null;
  if (typeof key !== typeof zero) throw new Error(`a key of another type is required, got ${kindName(needle)}`);
  return items.includes(key);
}

function range(from: bigint, to: bigint, run: Run): List {
  // A size that does not fit in 64 bits wraps around, and a range without a size is empty.
  const size = Math.max(0, Number(wrapInt64(to - from + 1n)));
  run.keep(size);
  return new List(
    Array.from({ length: size }, (_, i) => from + BigInt(i)),
    'int',
  );
}

function isMatch(text: Value, pattern: Value): boolean {
  if (text === null || pattern === null) return false;
  if (typeof text !== 'string' || typeof pattern !== 'string') throw new Error('matches takes two texts');
  return compileRegExp(pattern).test(text);
}

function chain({ of }: Kind<'chain'>, run: Run): Value {
  try {
    return evaluate(of, run);
  } catch (error) {
    if (error instanceof NothingThere) return null;
    throw error;
  }
}

function slice({ of, from, to }: Kind<'slice'>, run: Run): Value {
  const value = evaluate(of, run);
  if (typeof value !== 'string' && !(value instanceof List)) throw new Error(`cannot slice ${kindName(value)}`);
  if (typeof value === 'string' && !isAscii(value)) throw new NotKnownHereError('a slice of a text beyond ASCII');
  const length = typeof value === 'string' ? value.length : value.items.length;
  const position = (node: Node | undefined, fallback: number): number => {
    const index = node === undefined ? fallback : Number(integerOf(evaluate(node, run)));
    return Math.max(0, index < 0 ? length + index : index);
  };
  const end = Math.min(position(to, length), length);
  const start = Math.min(position(from, 0), end);
  return typeof value === 'string'
    ? value.slice(start, end)
    : new List(value.items.slice(start, end), value.slice, value.isNil);
}

function callValue(callee: Value, args: readonly Value[]): Value {
  if (!(callee instanceof Callable)) throw new Error(`cannot call ${kindName(callee)}`);
  if (args.length !== callee.arity) throw new Error(`the function takes ${callee.arity} arguments, got ${args.length}`);
  const other = callee.isFloat ? args.find((arg) => typeof arg !== 'number') : undefined;
  if (other !== undefined) throw new Error(`the function takes float64, got ${kindName(other)}`);
  return callee.call(...args);
}
