import type { Type } from './type.js';

/** Literal values. Integers are `bigint`, floats are `number`. */
export type Literal = boolean | bigint | number | string | null;

/** An expression as a tree; `at` is the index in the source, `type` the result of the check. */
export type Node = { readonly at: number; readonly type?: Type } & (
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'name'; readonly name: string }
  /** `#`, `#index` or `#acc`, within a predicate. */
  | { readonly kind: 'pointer'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [Node, Node])[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'member'; readonly of: Node; readonly property: Node; readonly isOptional: boolean }
  /** The end of an optional member of nil: the chain is nil. */
  | { readonly kind: 'chain'; readonly of: Node }
  | { readonly kind: 'slice'; readonly of: Node; readonly from?: Node; readonly to?: Node }
  | { readonly kind: 'let'; readonly name: string; readonly value: Node; readonly body: Node }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'call'; readonly callee: Node; readonly args: readonly Node[] }
  | BuiltinCall
);

/** A call of a function of expr-lang itself. The second argument of a predicate function is applied to each element. */
export interface BuiltinCall {
  readonly kind: 'builtin';
  readonly name: string;
  readonly args: readonly Node[];
  /** Applied to each element that is found, in place of the element. */
  readonly mapping?: Node;
  /** Whether it is an error to find nothing. */
  readonly isDemanded?: boolean;
}

/** Functions whose second argument is a predicate, and the fewest arguments that they take. */
export const PREDICATES: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  all: { least: 2, most: 2 },
  none: { least: 2, most: 2 },
  any: { least: 2, most: 2 },
  one: { least: 2, most: 2 },
  filter: { least: 2, most: 2 },
  map: { least: 2, most: 2 },
  count: { least: 1, most: 2 },
  sum: { least: 1, most: 2 },
  find: { least: 2, most: 2 },
  findIndex: { least: 2, most: 2 },
  findLast: { least: 2, most: 2 },
  findLastIndex: { least: 2, most: 2 },
  groupBy: { least: 2, most: 2 },
  sortBy: { least: 2, most: 3 },
  reduce: { least: 2, most: 3 },
};

/** The name for a map of all names that an expression can use. */
export const ENVIRONMENT = '$env';
