import {
  createGrouping,
  distinct,
  type Element,
  elementsOf,
  type Grouping,
  labelsKey,
  mapValues,
  NotKnown,
  scalarOf,
  sortLabels,
  type Value,
} from './elements.js';
import { bucketQuantile } from './histogram.js';
import { combine } from './operators.js';
import type { Aggregate, Promql, Selector } from './promql.js';
import { applyRelabel, createJoining, createReplacing } from './relabel.js';
import { meanOf, mostOf, type Sample, sumOf, varianceOf, type Window, windowValue } from './windows.js';

/** Finds the series of a selector. All of them grow evenly: the value of an element is its growth per second. */
export type Select = (selector: Selector) => readonly Element[];

/** The samples that queries are evaluated over. Times are in seconds. */
export interface Samples {
  /** Returns the latest sample of each series of a selector at a time. */
  latest(selector: Selector, at: number): readonly Element[];
  /** Returns the samples of each series of a selector after `start` and up to `end`, without empty windows. */
  within(selector: Selector, start: number, end: number): readonly Window[];
}

/** Returns the result of Prometheus for a query at a time. Throws `NotKnown` for what is not known here. */
export type Evaluate = (tree: Promql, at: number) => Value;

/** The time at which a query is evaluated: every series has grown for this many seconds. */
export const NOW_SECONDS = 2_592_000;

const SCRAPE_SECONDS = 15;
// A longer range is sampled more coarsely.
const MOST_SAMPLES = 240;
// The most evaluations within subqueries; a query that takes more is not evaluated.
const MOST_STEPS = 2000;
// The step of a subquery without one is the server's default, one minute unless configured.
const STEP_SECONDS = 60;

/** Returns the result of Prometheus for a query. Throws `NotKnown` for what is not known here. */
export function evaluate(tree: Promql, select: Select, now: number = NOW_SECONDS): Value {
  return createEvaluator(createGrowing(select))(tree, now);
}

/** Returns the samples of series that all grow evenly. */
function createGrowing(select: Select): Samples {
  const known = new Map<Selector, readonly Element[]>();
  return {
    latest: (selector, at) =>
      seriesOf(selector).map(({ labels, value }) => ({ labels, value: growTo(value, lastScrape(at)) })),
    within(selector, start, end) {
      const step = SCRAPE_SECONDS * Math.ceil((end - start) / SCRAPE_SECONDS / MOST_SAMPLES);
      const times = timesWithin(start, end, step);
      return times.length === 0
        ? []
        : seriesOf(selector).map(({ labels, value }) => ({
            labels,
            start,
            end,
            samples: times.map((time) => ({ at: time, value: growTo(value, time) })),
          }));
    },
  };

  // A subquery reads the same series at each of its steps.
  function seriesOf(selector: Selector): readonly Element[] {
    const series = known.get(selector) ?? select(selector);
    known.set(selector, series);
    return series;
  }
}

/**
 * Returns a function that evaluates queries over samples. It caches results: a part of a tree is evaluated once at each
 * time, however many queries share the part.
 */
export function createEvaluator(stored: Samples): Evaluate {
  const known = new Map<Promql, Map<number, Value>>();
  let steps = 0;
  return (tree, at) => {
    steps = 0;
    return evaluateNode(tree, at);
  };

  function evaluateNode(node: Promql, at: number): Value {
    // Only small results are cached: the series of a selector are many, their sum is one.
    if (node.kind !== 'aggregate' && node.kind !== 'binary') return compute(node, at);
    const values = known.get(node) ?? new Map<number, Value>();
    known.set(node, values);
    const value = values.get(at) ?? compute(node, at);
    values.set(at, value);
    return value;
  }

  function compute(node: Promql, at: number): Value {
    if (node.isPinned === true) throw new NotKnown();
    switch (node.kind) {
      case 'number':
        return node.value;
      case 'string':
      case 'subquery':
        throw new NotKnown();
      case 'negative':
        return mapValues(evaluateNode(node.of, at), (value) => -value);
      case 'selector':
        if (node.range !== undefined) throw new NotKnown();
        return stored.latest(node, at - offsetOf(node));
      case 'call':
        return callFunction(node.name, node.args, at);
      case 'aggregate':
        return evaluateAggregate(node, at);
      case 'binary':
        return combine(node, evaluateNode(node.left, at), evaluateNode(node.right, at));
    }
  }

  function callFunction(name: string, args: readonly Promql[], at: number): Value {
    const [first] = args;
    if (name === 'time') return at;
    if (name === 'pi') return Math.PI;
    if (first === undefined) throw new NotKnown();
    if (name === 'absent' || name === 'absent_over_time') {
      const isThere =
        name === 'absent' ? elementsOf(evaluateNode(first, at)).length > 0 : windowsOf(first, at).length > 0;
      return isThere ? [] : [{ labels: labelsAskedFor(first), value: 1 }];
    }
    const isOverTime = first.kind === 'subquery' || (first.kind === 'selector' && first.range !== undefined);
    return isOverTime ? callOverTime(name, first, at) : callAt(name, first, args.slice(1), at);
  }

  function callOverTime(name: string, range: Promql, at: number): Value {
    const elements: Element[] = [];
    for (const window of windowsOf(range, at)) {
      const value = windowValue(name, window);
      if (value !== undefined) elements.push({ labels: window.labels, value });
    }
    return distinct(elements);
  }

  function callAt(name: string, first: Promql, others: readonly Promql[], at: number): Value {
    const value = evaluateNode(first, at);
    const scalars = (): readonly number[] => others.map((arg) => scalarOf(evaluateNode(arg, at)));
    const texts = (): readonly string[] => others.map(textOf);
    switch (name) {
      case 'vector':
        return [{ labels: {}, value: scalarOf(value) }];
      case 'scalar': {
        const [only, ...more] = elementsOf(value);
        return only === undefined || more.length > 0 ? Number.NaN : only.value;
      }
      case 'histogram_quantile': {
        const [buckets] = others;
        if (buckets === undefined) throw new NotKnown();
        return quantiles(scalarOf(value), elementsOf(evaluateNode(buckets, at)));
      }
      case 'label_replace':
        return applyRelabel(elementsOf(value), createReplacing(texts()));
      case 'label_join':
        return applyRelabel(elementsOf(value), createJoining(texts()));
      case 'sort':
        return [...elementsOf(value)].sort((a, b) => order(a, b));
      case 'sort_desc':
        return [...elementsOf(value)].sort((a, b) => order(b, a));
      case 'clamp': {
        const [low = 0, high = 0] = scalars();
        return low > high ? [] : mapValues(value, (each) => larger(low, smaller(high, each)));
      }
    }
    const each = EACH[name];
    if (each === undefined) throw new NotKnown();
    const rest = scalars();
    return mapValues(value, (number) => each(number, ...rest));
  }

  /** Returns the samples of a range vector. */
  function windowsOf(node: Promql, at: number): readonly Window[] {
    if (node.isPinned === true || (node.kind !== 'selector' && node.kind !== 'subquery')) throw new NotKnown();
    const { seconds = Number.NaN } = node.range ?? {};
    const end = at - offsetOf(node);
    // If the length of a window is an expression, it is not known; most functions do not depend on it.
    const start = end - (Number.isNaN(seconds) ? STEP_SECONDS : seconds);
    if (node.kind === 'subquery') return evaluateSubquery(node.of, node.stepSeconds ?? STEP_SECONDS, { start, end });
    return stored.within(node, start, end);
  }

  function evaluateSubquery(
    node: Promql,
    step: number,
    { start, end }: { readonly start: number; readonly end: number },
  ): readonly Window[] {
    if (!(step > 0) || (end - start) / step > MOST_STEPS) throw new NotKnown();
    const found = new Map<string, { readonly labels: Element['labels']; readonly samples: Sample[] }>();
    for (const time of timesWithin(start, end, step)) {
      steps += 1;
      if (steps > MOST_STEPS) throw new NotKnown();
      for (const { labels, value } of elementsOf(evaluateNode(node, time))) {
        const key = labelsKey(labels);
        const series = found.get(key) ?? { labels, samples: [] };
        series.samples.push({ at: time, value });
        found.set(key, series);
      }
    }
    return [...found.values()].map((series) => ({ ...series, start, end }));
  }

  function evaluateAggregate(node: Aggregate, at: number): readonly Element[] {
    const { operator, args } = node;
    const [last] = args.slice(-1);
    if (last === undefined) throw new NotKnown();
    const groups = groupingOf(node)(elementsOf(evaluateNode(last, at)));
    const [parameter] = args.length > 1 ? args : [];
    const number = (): number => (parameter === undefined ? Number.NaN : scalarOf(evaluateNode(parameter, at)));
    if (operator === 'topk' || operator === 'bottomk') {
      const many = Math.max(0, Math.trunc(number()));
      const sign = operator === 'topk' ? -1 : 1;
      return groups.flatMap(([, of]) => [...of].sort((a, b) => order(a, b, sign)).slice(0, many));
    }
    if (operator === 'quantile') {
      const quantile = number();
      return groups.map(([labels, of]) => ({ labels, value: quantileOf(quantile, of) }));
    }
    const aggregate = AGGREGATIONS[operator];
    if (aggregate === undefined) throw new NotKnown();
    return groups.map(([labels, of]) => ({ labels, value: aggregate(of.map(({ value }) => value)) }));
  }
}

const groupings = new WeakMap<Aggregate, Grouping>();

/** Returns the grouping of an aggregate, which is cached: an aggregate is evaluated many times over the same series. */
function groupingOf(node: Aggregate): Grouping {
  const { isWithout = false, labels = [] } = node.grouping ?? {};
  const grouping = groupings.get(node) ?? createGrouping((name) => labels.includes(name) !== isWithout);
  groupings.set(node, grouping);
  return grouping;
}

function offsetOf({ offsetSeconds = 0 }: Promql): number {
  return Number.isNaN(offsetSeconds) ? 0 : offsetSeconds;
}

/** Returns the value that a series has grown to; before the start of all series it was 0. */
function growTo(rate: number, at: number): number {
  return rate * Math.max(0, at);
}

function lastScrape(at: number): number {
  return SCRAPE_SECONDS * Math.floor(at / SCRAPE_SECONDS);
}

/** Returns the multiples of a step after a time, up to another. */
function timesWithin(start: number, end: number, step: number): readonly number[] {
  const first = Math.floor(start / step) + 1;
  const length = Math.max(0, Math.floor(end / step) - first + 1);
  return Array.from({ length }, (_, i) => (first + i) * step);
}

/** Compares two elements. Prometheus sorts `NaN` behind all numbers, in both directions. */
function order({ value: a }: Element, { value: b }: Element, sign = 1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b) || 0;
}

// Functions of each element by itself, with the scalars that follow it.
const EACH: Readonly<Record<string, (value: number, ...rest: readonly number[]) => number>> = {
  abs: Math.abs,
  asin: Math.asin,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  round: (value, to = 1) => Math.floor(value * (1 / to) + 0.5) / (1 / to),
  sgn: Math.sign,
  sqrt: Math.sqrt,
  clamp_min: (value, low = 0) => larger(low, value),
  clamp_max: (value, high = 0) => smaller(high, value),
};

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

/** Returns Go's `math.Max`, for which infinity is larger than `NaN`. */
function larger(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** Returns Go's `math.Min`, for which negative infinity is smaller than `NaN`. */
function smaller(a: number, b: number): number {
  return -larger(-a, -b);
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

function quantiles(quantile: number, elements: readonly Element[]): readonly Element[] {
  const buckets = elements.filter(({ labels: { le = '' } }) => !Number.isNaN(boundOf(le)));
  return createGrouping((name) => name !== 'le')(buckets).map(([labels, of]) => ({
    labels,
    value: bucketQuantile(
      quantile,
      of.map(({ labels: { le = '' }, value }) => ({ bound: boundOf(le), count: value })),
    ),
  }));
}

function boundOf(le: string): number {
  if (le.trim() === '') return Number.NaN;
  return Number(le.replace(/^([+-]?)inf$/i, '$1Infinity'));
}

/** Returns the labels of the element that `absent()` returns: labels that a selector names once, with `=`. */
function labelsAskedFor(node: Promql): Element['labels'] {
  if (node.kind !== 'selector') return {};
  const once = node.matchers.filter(({ label }, _, all) => all.filter((other) => other.label === label).length === 1);
  return sortLabels(once.flatMap(({ label, operator, value }) => (operator === '=' ? [[label, value] as const] : [])));
}

function textOf(node: Promql): string {
  if (node.kind !== 'string') throw new NotKnown();
  return node.value;
}
