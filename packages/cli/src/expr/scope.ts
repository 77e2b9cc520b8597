import { ENVIRONMENT, type Node } from './syntax.js';
import type { Type } from './type.js';

/** A node whose type, and that of all below, is known. */
export type Checked = Node & { readonly type: Type };

/** The names that a part of an expression can use. */
export interface Scope {
  /** Those of the environment. */
  readonly names: ReadonlyMap<string, Type>;
  /** Those that `let` declared. */
  readonly variables: ReadonlyMap<string, Type>;
  /** What `#`, `#index` and `#acc` are in a predicate; empty outside of one. */
  readonly pointers: ReadonlyMap<string, Type>;
}

/** Checks a node in a scope. */
export type Check = (node: Node, scope: Scope) => Checked;

/** Whether an expression is the environment itself, whose names have types of their own. */
export function isEnvironment(node: Node): boolean {
  return node.kind === 'name' && node.name === ENVIRONMENT;
}

/** Returns a literal text, or `undefined`. */
export function textOf(node: Node): string | undefined {
  return node.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}
