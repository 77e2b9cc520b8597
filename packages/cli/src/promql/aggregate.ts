import { memoize } from '../memoize.js';
import { compareElements, createGrouping, type Element, type Grouping, NotKnown } from './elements.js';
import type { Aggregate } from './promql.js';
import { meanOf, mostOf, sumOf, varianceOf } from './windows.js';

/** Returns the result of an aggregate over elements. `parameter` is the number of `topk`, `bottomk` and `quantile`. */
export function aggregate(node: Aggregate, elements: readonly Element[], parameter: () => number): readonly Element[] {
  const { operator } = node;
  const groups = groupingOf(node)(elements);
  if (operator === 'topk' || operator === 'bottomk') {
    const many = Math.max(0, Math.trunc(parameter()));
    const sign = operator === 'topk' ? -1 : 1;
    return groups.flatMap(([, of]) => [...of].sort((a, b) => compareElements(a, b, sign)).slice(0, many));
  }
  if (operator === 'quantile') {
    const quantile = parameter();
    return groups.map(([labels, of]) => ({ labels, value: quantileOf(quantile, of) }));
  }
  const combineValues = AGGREGATIONS[operator];
  if (combineValues === undefined) throw new NotKnown();
  return groups.map(([labels, of]) => ({ labels, value: combineValues(of.map(({ value }) => value)) }));
}

/** Returns the grouping of an aggregate, which is evaluated many times over the same series. */
const groupingOf = memoize(({ grouping }: Aggregate): Grouping => {
  const { isWithout = false, labels = [] } = grouping ?? {};
  return createGrouping((name) => labels.includes(name) !== isWithout);
});

const AGGREGATIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: sumOf,
  avg: meanOf,
  max: (values) => mostOf(values),
  min: (values) => mostOf(values, -1),
  count: (values) => values.length,
  group: () => 1,
  stddev: (values) => Math.sqrt(spreadOf(values)),
  stdvar: (values) => spreadOf(values),
};

/** Returns the variance. Versions of Prometheus differ if a value is not finite. */
function spreadOf(values: readonly number[]): number {
  if (!values.every(Number.isFinite)) throw new NotKnown();
  return varianceOf(values);
}

function quantileOf(quantile: number, elements: readonly Element[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  // `NaN` counts as the smallest.
  const values = elements.map(({ value }) => value);
  const ranked = [
    ...values.filter((value) => Number.isNaN(value)),
    ...values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b),
  ];
  const rank = quantile * (ranked.length - 1);
  const low = Math.floor(rank);
  const [lower = Number.NaN, upper = lower] = ranked.slice(low, low + 2);
  const weight = rank - low;
  return lower * (1 - weight) + upper * weight;
}
