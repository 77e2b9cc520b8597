import { wrapInt64 } from '../go/number.js';
import { OPERATIONS } from './operations.js';
import type { BuiltinCall, Literal, Node } from './syntax.js';
import type { Type } from './type.js';

type Rule = (node: Node) => Node | undefined;
type Binary = Extract<Node, { kind: 'binary' }>;

/**
 * Rewrites a checked tree as expr-lang does before it runs a tree. The rewriting changes the value of a condition: for
 * `result[7] > 1 and false` nothing is computed, so no index is out of range. Throws if an integer is divided by zero.
 */
export function optimize(node: Node): Node {
  let tree = rewrite(node, inKeys);
  for (let i = 0; i < 1000; i++) {
    const before = tree;
    tree = rewrite(tree, fold);
    if (tree === before) break;
  }
  return [inRange, mapFilter, countFilter, foundLast, foundFirst, combine, addItems, sumMap].reduce(rewrite, tree);
}

/** Applies a rule to every node, from below. A tree that the rule does not change stays the same object. */
function rewrite(node: Node, rule: Rule): Node {
  const inner = withChildren(node, (child) => rewrite(child, rule));
  return rule(inner) ?? inner;
}

function withChildren(node: Node, change: (child: Node) => Node): Node {
  let isChanged = false;
  const one = <T extends Node | undefined>(child: T): T => {
    const found = child === undefined ? child : change(child);
    isChanged ||= found !== child;
    return found as T;
  };
  const copy = parts();
  return isChanged ? copy : node;

  function parts(): Node {
    switch (node.kind) {
      case 'array':
        return { ...node, items: node.items.map(one) };
      case 'map':
        return { ...node, pairs: node.pairs.map(([key, value]) => [one(key), one(value)] as const) };
      case 'unary':
        return { ...node, operand: one(node.operand) };
      case 'binary':
        return { ...node, left: one(node.left), right: one(node.right) };
      case 'choice':
        return { ...node, condition: one(node.condition), yes: one(node.yes), no: one(node.no) };
      case 'member':
        return { ...node, of: one(node.of), property: one(node.property) };
      case 'chain':
        return { ...node, of: one(node.of) };
      case 'slice':
        return {
          ...node,
          of: one(node.of),
          ...(node.from === undefined ? {} : { from: one(node.from) }),
          ...(node.to === undefined ? {} : { to: one(node.to) }),
        };
      case 'let':
        return { ...node, value: one(node.value), body: one(node.body) };
      case 'sequence':
        return { ...node, nodes: node.nodes.map(one) };
      case 'call':
        return { ...node, callee: one(node.callee), args: node.args.map(one) };
      case 'builtin':
        return { ...node, args: node.args.map(one) };
    }
    return node;
  }
}

/** Rewrites `x in [1, 2]` to a lookup of a key, for which nil is 0 and `""`. */
function inKeys(node: Node): Node | undefined {
  if (!isBinary(node, 'in') || node.right.kind !== 'array') return undefined;
  const { items } = node.right;
  const areAll = (type: string): boolean =>
    items.length > 0 && items.every((item) => item.kind === 'literal' && typeof item.value === type);
  return (node.left.type === 'int' && areAll('bigint')) || areAll('string')
    ? { ...node, operator: 'in keys' }
    : undefined;
}

function fold(node: Node): Node | undefined {
  if (node.kind === 'unary') return foldUnary(node);
  if (node.kind === 'binary') return isLogical(node) ? foldLogic(node) : foldBinary(node);
  const [list, predicate] = node.kind === 'builtin' && node.name === 'filter' ? node.args : [];
  if (node.kind !== 'builtin' || predicate === undefined || !isBuiltin(list, 'filter')) return undefined;
  const [base, first] = list.args;
  if (base === undefined || first === undefined) return undefined;
  return {
    ...node,
    args: [base, { kind: 'binary', at: predicate.at, operator: '&&', left: first, right: predicate, type: 'unknown' }],
  };
}

function foldUnary({ operator, operand, at }: Extract<Node, { kind: 'unary' }>): Node | undefined {
  const value = operand.kind === 'literal' ? operand.value : undefined;
  if (operator === '!') return typeof value === 'boolean' ? literal(!value, 'bool', at) : undefined;
  const sign = operator === '-' ? -1 : 1;
  if (typeof value === 'bigint') return literal(wrapInt64(BigInt(sign) * value), 'int', at);
  return typeof value === 'number' ? literal(sign * value, 'float', at) : undefined;
}

function foldLogic({ operator, left, right, at }: Binary): Node | undefined {
  // `true and x` is x, and `false and x` is false, whichever of the two is the constant.
  const neutral = operator === 'and' || operator === '&&';
  const [a, b] = [truthOf(left), truthOf(right)];
  if (a === neutral) return right;
  if (b === neutral) return left;
  return a === undefined && b === undefined ? undefined : literal(!neutral, 'bool', at);
}

function foldBinary({ operator, left, right, at }: Binary): Node | undefined {
  if (left.kind !== 'literal' || right.kind !== 'literal') return undefined;
  const [a, b] = [left.value, right.value];
  const areIntegers = typeof a === 'bigint' && typeof b === 'bigint';
  if (operator === '==') {
    return areIntegers || (typeof a === typeof b && (typeof a === 'string' || typeof a === 'boolean'))
      ? literal(a === b, 'bool', at)
      : undefined;
  }
  const areNumbers = isNumeric(a) && isNumeric(b);
  const areTexts = operator === '+' && typeof a === 'string' && typeof b === 'string';
  const isFolded =
    operator === '%' ? areIntegers : ['+', '-', '*', '/', '**', '^'].includes(operator) && (areNumbers || areTexts);
  if (!isFolded) return undefined;
  const value = OPERATIONS[operator]?.(a, b);
  if (typeof value === 'bigint') return literal(value, 'int', at);
  return literal(value as Literal, typeof value === 'string' ? 'string' : 'float', at);
}

function inRange(node: Node): Node | undefined {
  if (!isBinary(node, 'in') || node.left.type !== 'int' || !isBinary(node.right, '..')) return undefined;
  const { left, at } = node;
  const { left: from, right: to } = node.right;
  if (from.kind !== 'literal' || to.kind !== 'literal') return undefined;
  const bound = (operator: string, right: Node): Node => ({ kind: 'binary', at, operator, left, right, type: 'bool' });
  return { kind: 'binary', at, operator: 'and', left: bound('>=', from), right: bound('<=', to), type: 'bool' };
}

function mapFilter(node: Node): Node | undefined {
  const [list, body] = isBuiltin(node, 'map') ? node.args : [];
  if (!isBuiltin(list, 'filter') || list.mapping !== undefined || body === undefined || hasIndex(body))
    return undefined;
  return { ...list, mapping: body, ...copyType(node) };
}

function countFilter(node: Node): Node | undefined {
  const [list] = isBuiltin(node, 'len') ? node.args : [];
  if (!isBuiltin(list, 'filter')) return undefined;
  return { kind: 'builtin', at: node.at, name: 'count', args: list.args, ...copyType(node) };
}

const foundLast: Rule = (node) => findIn(node, -1n, 'last', 'findLast');
const foundFirst: Rule = (node) => findIn(node, 0n, 'first', 'find');

/** Rewrites an end of a filter, which stops at the first matching element. */
function findIn(node: Node, index: bigint, end: string, name: string): Node | undefined {
  const isIndex =
    node.kind === 'member' && !node.isOptional && node.property.kind === 'literal' && node.property.value === index;
  const list = isIndex ? node.of : isBuiltin(node, end) ? node.args[0] : undefined;
  if (!isBuiltin(list, 'filter')) return undefined;
  const { args, mapping } = list;
  return {
    kind: 'builtin',
    at: node.at,
    name,
    args,
    ...(mapping === undefined ? {} : { mapping }),
    isDemanded: isIndex,
    ...copyType(node),
  };
}

/** Rewrites `all(x, a) && all(x, b)` to one check of both for each element. */
function combine(node: Node): Node | undefined {
  if (node.kind !== 'binary' || !isLogical(node)) return undefined;
  const { operator, left, right } = node;
  const isAnd = operator === 'and' || operator === '&&';
  const inner = (
    {
      all: isAnd ? operator : undefined,
      any: isAnd ? undefined : operator,
      none: { and: 'or', '&&': '||' }[operator],
    } as Record<string, string | undefined>
  )[left.kind === 'builtin' ? left.name : ''];
  if (inner === undefined || left.kind !== 'builtin' || !isBuiltin(right, left.name)) return undefined;
  const [[list, a], [otherList, b]] = [left.args, right.args];
  if (list === undefined || a === undefined || b === undefined || spell(list) !== spell(otherList)) return undefined;
  const both: Node = { kind: 'binary', at: node.at, operator: inner, left: a, right: b, type: 'unknown' };
  return { ...left, args: [list, combine(both) ?? both], ...copyType(node) };
}

/** Rewrites `sum([a, b, c])` to `a + (b + c)`, unless all are constants. */
function addItems(node: Node): Node | undefined {
  const [list, predicate] = isBuiltin(node, 'sum') ? node.args : [];
  if (list?.kind !== 'array' || predicate !== undefined || list.items.length < 2) return undefined;
  if (list.items.every((item) => item.kind === 'literal' && item.value !== null)) return undefined;
  return list.items.reduceRight((right, left) => ({
    kind: 'binary',
    at: node.at,
    operator: '+',
    left,
    right,
    type: 'unknown',
  }));
}

function sumMap(node: Node): Node | undefined {
  const [list, predicate] = isBuiltin(node, 'sum') ? node.args : [];
  if (predicate !== undefined || !isBuiltin(list, 'map')) return undefined;
  return { kind: 'builtin', at: node.at, name: 'sum', args: list.args, ...copyType(node) };
}

function isBinary(node: Node, operator: string): node is Binary {
  return node.kind === 'binary' && node.operator === operator;
}

function isBuiltin(node: Node | undefined, name: string): node is BuiltinCall & { readonly at: number } {
  return node?.kind === 'builtin' && node.name === name;
}

function isLogical({ operator }: Binary): boolean {
  return ['and', '&&', 'or', '||'].includes(operator);
}

function isNumeric(value: Literal): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}

function truthOf(node: Node): boolean | undefined {
  return node.kind === 'literal' && typeof node.value === 'boolean' ? node.value : undefined;
}

function literal(value: Literal, type: Type, at: number): Node {
  return { kind: 'literal', value, type, at };
}

function copyType({ type }: Node): { readonly type?: Type } {
  return type === undefined ? {} : { type };
}

/** Whether a predicate contains `#index`. */
function hasIndex(node: Node): boolean {
  let isFound = false;
  rewrite(node, (each) => {
    isFound ||= each.kind === 'pointer' && each.name === 'index';
    return undefined;
  });
  return isFound;
}

/** Returns a tree as text, without positions. */
function spell(node: Node | undefined): string {
  return JSON.stringify(node, (key, value: unknown) =>
    key === 'at' || key === 'type' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}
