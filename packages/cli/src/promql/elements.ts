/** An element of a vector. */
export interface Element {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scalar or a vector. */
export type Value = number | readonly Element[];

/** Raised for what is not known here, and for what Prometheus does not evaluate either. */
export class NotKnown extends Error {}

/** Returns the elements by the labels that are kept. */
export function groupsOf(
  elements: readonly Element[],
  isKept: (name: string) => boolean,
): readonly (readonly [Element['labels'], readonly Element[]])[] {
  const groups = new Map<string, [Element['labels'], Element[]]>();
  for (const element of elements) {
    const labels = sorted(Object.entries(element.labels).filter(([name]) => isKept(name)));
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? [labels, []];
    group[1].push(element);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Returns labels in the order of their names, without those that are empty, which no series has. */
export function sorted(labels: readonly (readonly [name: string, value: string])[]): Element['labels'] {
  return Object.fromEntries(labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns the elements. Throws `NotKnown` where two have the same labels, which Prometheus refuses. */
export function distinct(elements: readonly Element[]): readonly Element[] {
  if (groupsOf(elements, () => true).length < elements.length) throw new NotKnown();
  return elements;
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
