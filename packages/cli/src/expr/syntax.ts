import type { Type } from './type.js';

/** Values that are written as such. Integers are `bigint`, floats are `number`. */
export type Literal = boolean | bigint | number | string | null;

/** An expression as a tree; `at` is where in the source, `type` what its check found. */
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
  /** Where a member of nil that is optional ends: the chain is nil. */
  | { readonly kind: 'chain'; readonly of: Node }
  | { readonly kind: 'slice'; readonly of: Node; readonly from?: Node; readonly to?: Node }
  | { readonly kind: 'let'; readonly name: string; readonly value: Node; readonly body: Node }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'call'; readonly callee: Node; readonly args: readonly Node[] }
  | BuiltinCall
);

/** A call of a function of expr-lang itself. The second argument of a predicate function is asked of each element. */
export interface BuiltinCall {
  readonly kind: 'builtin';
  readonly name: string;
  readonly args: readonly Node[];
  /** Asked of each element that is found, in place of the element. */
  readonly mapping?: Node;
  /** Whether finding nothing is an error. */
  readonly isDemanded?: boolean;
}

/** Functions whose second argument is a predicate, and how many arguments they take at least. */
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

/** The name of all names that an expression can use, as a map. */
export const ENVIRONMENT = '$env';
