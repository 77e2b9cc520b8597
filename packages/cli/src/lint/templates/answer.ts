import type { Answer } from '../../prometheus.js';
import type { Aggregate, Promql, Selector } from '../../promql/promql.js';
import { elementsOf, groupsOf, mapped, NotKnown, scalarOf, type Value } from './elements.js';
import { combined } from './operators.js';
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

/** Whether an answer has no element. */
export function isEmpty(answer: Answer | undefined): boolean {
  return answer?.type === 'vector' && answer.values.length === 0;
}

/** The numbers of an answer. */
export function valuesIn(answer: Answer | undefined): readonly number[] {
  if (answer?.type === 'scalar') return [answer.value];
  return answer?.type === 'vector' ? answer.values.map(({ value = Number.NaN }) => value) : [];
}

type Select = (selector: Selector) => readonly Element[];

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
