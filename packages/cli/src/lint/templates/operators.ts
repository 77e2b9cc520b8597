import type { Binary } from '../../promql/promql.js';
import { elementsOf, kept, NotKnown, type Value } from './elements.js';
import type { Element } from './world.js';

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
  '^': (a, b) => a ** b,
};

/** What an operator makes of two values. */
export function combined(node: Binary, left: Value, right: Value): Value {
  const { operator } = node;
  if (operator === 'and' || operator === 'or' || operator === 'unless') {
    return united(node, elementsOf(left), elementsOf(right));
  }
  if (typeof left === 'number' && typeof right === 'number') return resultOf(node, left, right, left) ?? Number.NaN;
  if (typeof right === 'number') return kept(elementsOf(left), (value) => resultOf(node, value, right, value));
  if (typeof left === 'number') return kept(right, (value) => resultOf(node, left, value, value));
  const byKey = new Map<string, Element>();
  for (const element of right) {
    const key = keyOf(element, node);
    if (byKey.has(key) && node.matching?.isMany !== true) throw new NotKnown();
    byKey.set(key, element);
  }
  return left.flatMap((element) => {
    const other = byKey.get(keyOf(element, node));
    const value = other === undefined ? undefined : resultOf(node, element.value, other.value, element.value);
    return value === undefined ? [] : [{ labels: matchedLabels(element, node), value }];
  });
}

/** What an operator makes of two numbers; `undefined` where a comparison drops the element. */
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

function united(node: Binary, left: readonly Element[], right: readonly Element[]): readonly Element[] {
  const keys = (elements: readonly Element[]): Set<string> => new Set(elements.map((each) => keyOf(each, node)));
  const [ofLeft, ofRight] = [keys(left), keys(right)];
  if (node.operator === 'or') return [...left, ...right.filter((each) => !ofLeft.has(keyOf(each, node)))];
  return left.filter((each) => ofRight.has(keyOf(each, node)) === (node.operator === 'and'));
}

function keyOf({ labels }: Element, { matching }: Binary): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => isMatched(name, matching))
      .sort(),
  );
}

function matchedLabels({ labels }: Element, { matching }: Binary): Element['labels'] {
  if (matching?.isMany === true) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => isMatched(name, matching)));
}

function isMatched(name: string, matching: Binary['matching']): boolean {
  return matching === undefined || matching.labels.includes(name) === matching.isOn;
}
