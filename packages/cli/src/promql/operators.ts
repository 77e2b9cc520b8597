import { memoize } from '../memoize.js';
import {
  createKeeping,
  distinct,
  type Element,
  elementsOf,
  type Labels,
  mapElements,
  NotKnown,
  sortLabels,
  type Value,
} from './elements.js';
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
  const { matched, joined } = matchingOf(node);
  const [several, single] = many === 'right' ? [right, left] : [left, right];
  const byLabels = new Map<Labels, Element>();
  for (const element of single) {
    const labels = matched(element.labels);
    if (byLabels.has(labels)) throw new NotKnown();
    byLabels.set(labels, element);
  }
  const paired = new Set<Labels>();
  const results: Element[] = [];
  for (const element of several) {
    const other = byLabels.get(matched(element.labels));
    if (other === undefined) continue;
    const labels = joined(element.labels, other.labels);
    // Prometheus refuses two results with the same labels, even if a comparison drops them.
    if (many === undefined && paired.has(labels)) throw new NotKnown();
    paired.add(labels);
    const [a, b] = many === 'right' ? [other.value, element.value] : [element.value, other.value];
    const value = resultOf(node, a, b, a);
    if (value !== undefined) results.push({ labels, value });
  }
  return many === undefined ? results : distinct(results);
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
  const { matched } = matchingOf(node);
  const labelsOf = (elements: readonly Element[]): Set<Labels> =>
    new Set(elements.map(({ labels }) => matched(labels)));
  const [ofLeft, ofRight] = [labelsOf(left), labelsOf(right)];
  if (node.operator === 'or') return [...left, ...right.filter(({ labels }) => !ofLeft.has(matched(labels)))];
  return left.filter(({ labels }) => ofRight.has(matched(labels)) === (node.operator === 'and'));
}

interface Matching {
  /** Returns the labels that pair an element: the same object for equal labels. */
  matched(labels: Labels): Labels;
  /** Returns the labels of the result of a pair. */
  joined(labels: Labels, other: Labels): Labels;
}

/** Returns how an operator matches labels. An operator is evaluated at many times over the same series. */
const matchingOf = memoize(({ matching }: Binary): Matching => {
  const matched = createKeeping((name) => matching === undefined || matching.labels.includes(name) === matching.isOn);
  if (matching?.many === undefined) return { matched, joined: matched };
  const { included } = matching;
  const joiningOf = memoize((labels: Labels) =>
    memoize((other: Labels): Labels => {
      const copied = included.map((name) => [name, other[name] ?? '']);
      return sortLabels(Object.entries({ ...labels, ...Object.fromEntries(copied) }));
    }),
  );
  return { matched, joined: (labels, other) => joiningOf(labels)(other) };
});
