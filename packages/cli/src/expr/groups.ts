import { NotKnownHereError } from '../not-known-here.js';
import type { Node } from './syntax.js';
import { Groups, Instant, kindName, List, type Value } from './value.js';

/** Groups elements by keys, in the order in which they come. Throws for a key that Go cannot compare. */
export function groupBy(items: readonly Value[], keyOf: (item: Value, index: number) => Value): Groups {
  const entries: [Value, Value[]][] = [];
  const byKey = new Map<Value, Value[]>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item, i);
    demandKey(key);
    // Each `NaN` is a key of its own.
    const group = Number.isNaN(key) ? undefined : byKey.get(key);
    if (group !== undefined) group.push(item);
    else {
      const made = [item];
      entries.push([key, made]);
      byKey.set(key, made);
    }
  }
  return new Groups(entries.map(([key, group]) => [key, new List(group)]));
}

/** Returns the group with a key; `undefined` if there is none. Throws for a key that Go cannot compare. */
export function groupOf(groups: Groups, key: Value): List | undefined {
  demandKey(key);
  return groups.get(key);
}

/**
 * Checks that a key is not an integer of unknown size: Go distinguishes `int` and `int64`. Throws `NotKnownHereError`
 * for one that may be either.
 */
export function demandPlainKey(node: Node | undefined, key: Value): void {
  const isPlain = node !== undefined && (node.type === 'int' || node.kind === 'literal');
  if (typeof key === 'bigint' && !isPlain) throw new NotKnownHereError('a group by an integer of any size');
}

function demandKey(key: Value): void {
  if (key instanceof Instant) throw new NotKnownHereError('a group by a time');
  if (typeof key === 'object' && key !== null) throw new Error(`no group has ${kindName(key)} as a key`);
}
