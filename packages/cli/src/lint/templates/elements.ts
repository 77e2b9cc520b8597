import type { Element } from './world.js';

/** A scalar or a vector. */
export type Value = number | readonly Element[];

/** Raised for what is not known here. */
export class NotKnown extends Error {}

/** Elements by the labels that are kept. */
export function groupsOf(
  elements: readonly Element[],
  isKept: (name: string) => boolean,
): readonly (readonly [Element['labels'], readonly Element[]])[] {
  const groups = new Map<string, [Element['labels'], Element[]]>();
  for (const element of elements) {
    const labels = Object.fromEntries(
      Object.entries(element.labels)
        .filter(([name]) => isKept(name))
        .sort(),
    );
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? [labels, []];
    group[1].push(element);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function mapped(value: Value, call: (value: number) => number): Value {
  return typeof value === 'number' ? call(value) : kept(value, call);
}

export function kept(elements: readonly Element[], call: (value: number) => number | undefined): readonly Element[] {
  return elements.flatMap(({ labels, value }) => {
    const result = call(value);
    return result === undefined ? [] : [{ labels, value: result }];
  });
}

export function scalarOf(value: Value): number {
  if (typeof value !== 'number') throw new NotKnown();
  return value;
}

export function elementsOf(value: Value): readonly Element[] {
  if (typeof value === 'number') throw new NotKnown();
  return value;
}
