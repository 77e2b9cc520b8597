import { ENVIRONMENT, type Node } from './syntax.js';
import type { Type } from './type.js';

/** A node whose type is known, and the types of all nodes below it. */
export type Checked = Node & { readonly type: Type };

/** The names that a part of an expression can use. */
export interface Scope {
  /** The names of the environment. */
  readonly names: ReadonlyMap<string, Type>;
  /** The variables that `let` declared. */
  readonly variables: ReadonlyMap<string, Type>;
  /** The types of `#`, `#index` and `#acc` in a predicate; empty outside of one. */
  readonly pointers: ReadonlyMap<string, Type>;
}

/** Checks a node in a scope. */
export type Check = (node: Node, scope: Scope) => Checked;

/** Whether an expression is the environment itself, whose names have their own types. */
export function isEnvironment(node: Node): boolean {
  return node.kind === 'name' && node.name === ENVIRONMENT;
}

/** Returns a literal text, or `undefined`. */
export function literalTextOf(node: Node): string | undefined {
  return node.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}
