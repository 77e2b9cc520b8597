import { distinct, type Element, elementsOf, mapElements, NotKnown, sortLabels, type Value } from './elements.js';
import type { Binary } from './promql.js';

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  // As in IEEE 754: the powers of 1 are 1, whatever the exponent.
  '^': (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  atan2: Math.atan2,
};

/** Returns the result of an operator for two values. */
export function combine(node: Binary, left: Value, right: Value): Value {
  const { operator } = node;
  if (operator === 'and' || operator === 'or' || operator === 'unless') {
    return unite(node, elementsOf(left), elementsOf(right));
  }
  if (typeof left === 'number' && typeof right === 'number') return resultOf(node, left, right, left) ?? Number.NaN;
  if (typeof right === 'number') return mapElements(elementsOf(left), (value) => resultOf(node, value, right, value));
  if (typeof left === 'number') return mapElements(right, (value) => resultOf(node, left, value, value));
  return matchElements(node, left, right);
}

/** Pairs the elements of two vectors by their labels. */
function matchElements(node: Binary, left: readonly Element[], right: readonly Element[]): readonly Element[] {
  const { many } = node.matching ?? {};
  const [several, single] = many === 'right' ? [right, left] : [left, right];
  const byKey = new Map<string, Element>();
  for (const element of single) {
    const key = keyOf(element, node);
    if (byKey.has(key)) throw new NotKnown();
    byKey.set(key, element);
  }
  const paired = several.flatMap((element) => {
    const other = byKey.get(keyOf(element, node));
    if (other === undefined) return [];
    const [a, b] = many === 'right' ? [other.value, element.value] : [element.value, other.value];
    return [{ labels: matchedLabels(element, other, node), value: resultOf(node, a, b, a) }];
  });
  // Prometheus refuses two results with the same labels, even if a comparison drops them.
  if (many === undefined) distinct(paired.map(({ labels }) => ({ labels, value: 0 })));
  return distinct(paired.flatMap(({ labels, value }) => (value === undefined ? [] : [{ labels, value }])));
}

/** Returns the result of an operator for two numbers; `undefined` if a comparison drops the element. */
function resultOf({ operator, isBool }: Binary, left: number, right: number, value: number): number | undefined {
  const compare = COMPARISONS[operator];
  if (compare !== undefined) {
    const holds = compare(left, right);
    return isBool ? Number(holds) : holds ? value : undefined;
  }
  const compute = ARITHMETIC[operator];
  if (compute === undefined) throw new NotKnown();
  return compute(left, right);
}

function unite(node: Binary, left: readonly Element[], right: readonly Element[]): readonly Element[] {
  const keys = (elements: readonly Element[]): Set<string> => new Set(elements.map((each) => keyOf(each, node)));
  const [ofLeft, ofRight] = [keys(left), keys(right)];
  if (node.operator === 'or') return [...left, ...right.filter((each) => !ofLeft.has(keyOf(each, node)))];
  return left.filter((each) => ofRight.has(keyOf(each, node)) === (node.operator === 'and'));
}

function keyOf({ labels }: Element, { matching }: Binary): string {
  return JSON.stringify(sortLabels(Object.entries(labels).filter(([name]) => isMatched(name, matching))));
}

function matchedLabels({ labels }: Element, other: Element, { matching }: Binary): Element['labels'] {
  if (matching?.many !== undefined) {
    const included = matching.included.map((name): [string, string] => [name, other.labels[name] ?? '']);
    return sortLabels(Object.entries({ ...labels, ...Object.fromEntries(included) }));
  }
  return sortLabels(Object.entries(labels).filter(([name]) => isMatched(name, matching)));
}

function isMatched(name: string, matching: Binary['matching']): boolean {
  return matching === undefined || matching.labels.includes(name) === matching.isOn;
}
