import { memoize } from '../memoize.js';
import { compareElements, createGrouping, type Element, type Grouping, NotKnown } from './elements.js';
import type { Aggregate } from './promql.js';
import { meanOf, mostOf, quantileOf, sumOf, varianceOf } from './windows.js';

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
    return groups.map(([labels, of]) => ({ labels, value: quantileOf(quantile, valuesOf(of)) }));
  }
  const combineValues = AGGREGATIONS[operator];
  if (combineValues === undefined) throw new NotKnown();
  return groups.map(([labels, of]) => ({ labels, value: combineValues(valuesOf(of)) }));
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

function valuesOf(elements: readonly Element[]): readonly number[] {
  return elements.map(({ value }) => value);
}
