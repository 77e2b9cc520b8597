import { memoize } from '../memoize.js';

/** An element of a vector. */
export interface Element {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scalar or a vector. */
export type Value = number | readonly Element[];

/** Thrown for what is not known here, and for what Prometheus does not evaluate either. */
export class NotKnown extends Error {}

export type Labels = Element['labels'];

/** Groups elements by their labels. */
export type Grouping = (elements: readonly Element[]) => readonly (readonly [Labels, readonly Element[]])[];

/** Returns a function that groups elements by the labels that are kept. */
export function createGrouping(isKept: (name: string) => boolean): Grouping {
  const keep = createKeeping(isKept);
  return (elements) => {
    const groups = new Map<Labels, Element[]>();
    for (const element of elements) {
      const labels = keep(element.labels);
      const group = groups.get(labels);
      if (group === undefined) groups.set(labels, [element]);
      else group.push(element);
    }
    return [...groups];
  };
}

/**
 * Returns a function that returns the kept labels of a label set: the same object for equal labels. It caches them by
 * label set, because a query is evaluated at many times over the same series.
 */
export function createKeeping(isKept: (name: string) => boolean): (labels: Labels) => Labels {
  const byKey = new Map<string, Labels>();
  return memoize((labels) => {
    const kept = sortLabels(Object.entries(labels).filter(([name]) => isKept(name)));
    const key = labelsKey(kept);
    const same = byKey.get(key) ?? kept;
    byKey.set(key, same);
    return same;
  });
}

/** Returns labels in the order of their names, without empty labels, which no series has. */
export function sortLabels(labels: readonly (readonly [name: string, value: string])[]): Element['labels'] {
  return Object.fromEntries(labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns a text that is the same for two label sets only if they are equal. */
export const labelsKey: (labels: Labels) => string = memoize((labels) =>
  JSON.stringify(sortLabels(Object.entries(labels))),
);

/** Returns the elements. Throws `NotKnown` if two have the same labels, which Prometheus refuses. */
export function distinct(elements: readonly Element[]): readonly Element[] {
  if (elements.length < 2) return elements;
  const seen = new Set<string>();
  for (const { labels } of elements) seen.add(labelsKey(labels));
  if (seen.size < elements.length) throw new NotKnown();
  return elements;
}

export function mapValues(value: Value, call: (value: number) => number): Value {
  return typeof value === 'number' ? call(value) : mapElements(value, call);
}

export function mapElements(
  elements: readonly Element[],
  call: (value: number) => number | undefined,
): readonly Element[] {
  const results: Element[] = [];
  for (const { labels, value } of elements) {
    const result = call(value);
    if (result !== undefined) results.push({ labels, value: result });
  }
  return results;
}

export function scalarOf(value: Value): number {
  if (typeof value !== 'number') throw new NotKnown();
  return value;
}

export function elementsOf(value: Value): readonly Element[] {
  if (typeof value === 'number') throw new NotKnown();
  return value;
}

/** Compares two elements. Prometheus sorts `NaN` behind all numbers, in both directions. */
export function compareElements({ value: a }: Element, { value: b }: Element, sign = 1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b) || 0;
}
