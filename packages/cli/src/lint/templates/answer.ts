import type { Answer } from '../../analyze/prometheus.js';
import type { Aggregate, Binary, Promql, Selector } from './promql.js';
import { type Element, seriesIn, type World } from './world.js';

/** What a query answers of a world, of nothing scraped where there is none. `undefined` where it asks for what is not known here. */
export function answerOf(tree: Promql, parts: readonly Promql[], world: World | undefined): Answer | undefined {
  const select = world === undefined ? () => [] : seriesIn(world, parts);
  try {
    const value = evaluated(tree, select);
    return typeof value === 'number' ? { type: 'scalar', value } : { type: 'vector', values: value };
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

type Value = number | readonly Element[];
type Select = (selector: Selector) => readonly Element[];

class NotKnown extends Error {}

// What counters have grown to, in seconds of their rate.
const AGE_SECONDS = 3600;

function evaluated(node: Promql, select: Select): Value {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'string':
      throw new NotKnown();
    case 'negative':
      return mapped(evaluated(node.of, select), (value) => -value);
    case 'subquery':
      return evaluated(node.of, select);
    case 'selector':
      return select(node).map((each) => ({ ...each, value: each.value * AGE_SECONDS }));
    case 'call':
      return called(node.name, node.args, select);
    case 'aggregate':
      return aggregated(node, select);
    case 'binary':
      return combined(node, evaluated(node.left, select), evaluated(node.right, select));
  }
}

// Functions of each element by itself, with the scalars that follow it.
const EACH: Readonly<Record<string, (value: number, ...rest: readonly number[]) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  round: (value, to = 1) => Math.round(value / to) * to,
  sgn: Math.sign,
  sqrt: Math.sqrt,
  clamp: (value, low = 0, high = 0) => Math.min(Math.max(value, low), high),
  clamp_min: (value, low = 0) => Math.max(value, low),
  clamp_max: (value, high = 0) => Math.min(value, high),
  sort: (value) => value,
  sort_desc: (value) => value,
  label_replace: (value) => value,
  label_join: (value) => value,
};

// Functions of a window, of a rate and the seconds that are looked at.
const WINDOW: Readonly<Record<string, (rate: number, seconds: number) => number>> = {
  rate: (rate) => rate,
  irate: (rate) => rate,
  deriv: (rate) => rate,
  increase: (rate, seconds) => rate * seconds,
  delta: (rate, seconds) => rate * seconds,
  changes: () => 0,
  resets: () => 0,
  count_over_time: () => 4,
  present_over_time: () => 1,
  ...Object.fromEntries(
    ['last', 'first', 'max', 'min', 'avg', 'sum'].map((name) => [`${name}_over_time`, (rate) => rate * AGE_SECONDS]),
  ),
};

function called(name: string, args: readonly Promql[], select: Select): Value {
  const [first] = args;
  if (name === 'time') return AGE_SECONDS;
  if (first === undefined) throw new NotKnown();
  if (name === 'vector') return [{ labels: {}, value: scalarOf(evaluated(first, select)) }];
  if (name === 'scalar') {
    const elements = elementsOf(evaluated(first, select));
    return elements.length === 1 ? (elements[0]?.value ?? Number.NaN) : Number.NaN;
  }
  if (name === 'absent' || name === 'absent_over_time') {
    return elementsOf(evaluated(first, select)).length === 0 ? [{ labels: {}, value: 1 }] : [];
  }
  if (name === 'histogram_quantile' && args[1] !== undefined) {
    return quantiles(scalarOf(evaluated(first, select)), elementsOf(evaluated(args[1], select)));
  }
  const each = EACH[name];
  if (each !== undefined) {
    const rest = args.slice(1).flatMap((arg) => (arg.kind === 'string' ? [] : [scalarOf(evaluated(arg, select))]));
    return mapped(evaluated(first, select), (value) => each(value, ...rest));
  }
  const window = WINDOW[name];
  if (window === undefined) throw new NotKnown();
  // The numbers of a subquery are as they are at any time.
  if (first.kind !== 'selector') return evaluated(first, select);
  const seconds = first.range?.seconds ?? Number.NaN;
  return select(first).map((each) => ({ ...each, value: window(each.value, Number.isNaN(seconds) ? 60 : seconds) }));
}

const AGGREGATIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  count: (values) => values.length,
  group: () => 1,
};

function aggregated({ operator, grouping, args }: Aggregate, select: Select): readonly Element[] {
  const [last] = args.slice(-1);
  if (last === undefined) throw new NotKnown();
  const elements = elementsOf(evaluated(last, select));
  const { isWithout = false, labels = [] } = grouping ?? {};
  const groups = groupsOf(elements, (name) => labels.includes(name) !== isWithout);
  if ((operator === 'topk' || operator === 'bottomk') && args[0] !== undefined) {
    const many = scalarOf(evaluated(args[0], select));
    const sign = operator === 'topk' ? -1 : 1;
    return groups.flatMap(([, of]) => [...of].sort((a, b) => sign * (a.value - b.value)).slice(0, many));
  }
  const aggregate = AGGREGATIONS[operator];
  if (aggregate === undefined) throw new NotKnown();
  return groups.map(([labels, of]) => ({ labels, value: aggregate(of.map(({ value }) => value)) }));
}

/** The bound that the quantile lies under, as where between two it does not matter here. */
function quantiles(quantile: number, elements: readonly Element[]): readonly Element[] {
  if (elements.some(({ labels: { le } }) => le === undefined)) throw new NotKnown();
  return groupsOf(elements, (name) => name !== 'le').map(([labels, of]) => {
    const buckets = of
      .map(({ labels: { le }, value }) => ({ bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value }))
      .sort((a, b) => a.bound - b.bound);
    const total = buckets.at(-1)?.value ?? 0;
    const found = buckets.find(({ value }) => value >= quantile * total)?.bound ?? 0;
    const finite = buckets.filter(({ bound }) => bound !== Number.POSITIVE_INFINITY).at(-1)?.bound ?? Number.NaN;
    return { labels, value: total === 0 ? Number.NaN : Math.min(found, finite) };
  });
}

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

function combined(node: Binary, left: Value, right: Value): Value {
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

function groupsOf(
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

function mapped(value: Value, call: (value: number) => number): Value {
  return typeof value === 'number' ? call(value) : kept(value, call);
}

function kept(elements: readonly Element[], call: (value: number) => number | undefined): readonly Element[] {
  return elements.flatMap(({ labels, value }) => {
    const result = call(value);
    return result === undefined ? [] : [{ labels, value: result }];
  });
}

function scalarOf(value: Value): number {
  if (typeof value !== 'number') throw new NotKnown();
  return value;
}

function elementsOf(value: Value): readonly Element[] {
  if (typeof value === 'number') throw new NotKnown();
  return value;
}
