import {
  createGrouping,
  distinct,
  type Element,
  elementsOf,
  type Grouping,
  labelsKey,
  mapped,
  NotKnown,
  scalarOf,
  sorted,
  type Value,
} from './elements.js';
import { bucketQuantile } from './histogram.js';
import { combined } from './operators.js';
import type { Aggregate, Promql, Selector } from './promql.js';
import { meanOf, mostOf, type Sample, sumOf, varianceOf, type Window, windowValue } from './windows.js';

/** Finds the series of a selector. All of them grow evenly: the value of an element is by how much each second. */
export type Select = (selector: Selector) => readonly Element[];

/** The samples that queries are evaluated over. Times in seconds. */
export interface Samples {
  /** The latest sample of each series of a selector at a time. */
  latest(selector: Selector, at: number): readonly Element[];
  /** The samples of each series of a selector after `start` and up to `end`; no window without a sample. */
  within(selector: Selector, start: number, end: number): readonly Window[];
}

/** Returns what Prometheus answers a query at a time. Throws `NotKnown` for what is not known here. */
export type Evaluate = (tree: Promql, at: number) => Value;

/** The time at which a query is evaluated, at which every series has grown for so many seconds. */
export const NOW_SECONDS = 2_592_000;

const SCRAPE_SECONDS = 15;
// What is looked at for longer is looked at more coarsely.
const MOST_SAMPLES = 240;
// Evaluations within subqueries; what takes more is left alone.
const MOST_STEPS = 2000;
// That of a subquery that names none is the server's own, one minute unless configured.
const STEP_SECONDS = 60;

/** Returns what Prometheus answers a query. Throws `NotKnown` for what is not known here. */
export function evaluate(tree: Promql, select: Select, now: number = NOW_SECONDS): Value {
  return createEvaluator(growing(select))(tree, now);
}

/** Returns the samples of series that all grow evenly. */
function growing(select: Select): Samples {
  const known = new Map<Selector, readonly Element[]>();
  return {
    latest: (selector, at) =>
      seriesOf(selector).map(({ labels, value }) => ({ labels, value: grown(value, lastScrape(at)) })),
    within(selector, start, end) {
      const step = SCRAPE_SECONDS * Math.ceil((end - start) / SCRAPE_SECONDS / MOST_SAMPLES);
      const times = timesWithin(start, end, step);
      return times.length === 0
        ? []
        : seriesOf(selector).map(({ labels, value }) => ({
            labels,
            start,
            end,
            samples: times.map((time) => ({ at: time, value: grown(value, time) })),
          }));
    },
  };

  // A subquery asks for the same series at each of its steps.
  function seriesOf(selector: Selector): readonly Element[] {
    const series = known.get(selector) ?? select(selector);
    known.set(selector, series);
    return series;
  }
}

/**
 * Returns a function that evaluates queries over samples. It keeps what it has evaluated: a part of a tree is evaluated
 * once at each time, however many queries share the part.
 */
export function createEvaluator(stored: Samples): Evaluate {
  const known = new Map<Promql, Map<number, Value>>();
  const groupings = new Map<Aggregate, Grouping>();
  let steps = 0;
  return (tree, at) => {
    steps = 0;
    return evaluated(tree, at);
  };

  function evaluated(node: Promql, at: number): Value {
    // Only what is small is kept: the series of a selector are many, their sum is one.
    if (node.kind !== 'aggregate' && node.kind !== 'binary') return computed(node, at);
    const values = known.get(node) ?? new Map<number, Value>();
    known.set(node, values);
    const value = values.get(at) ?? computed(node, at);
    values.set(at, value);
    return value;
  }

  function computed(node: Promql, at: number): Value {
    if (node.isPinned === true) throw new NotKnown();
    switch (node.kind) {
      case 'number':
        return node.value;
      case 'string':
      case 'subquery':
        throw new NotKnown();
      case 'negative':
        return mapped(evaluated(node.of, at), (value) => -value);
      case 'selector':
        if (node.range !== undefined) throw new NotKnown();
        return stored.latest(node, at - offsetOf(node));
      case 'call':
        return called(node.name, node.args, at);
      case 'aggregate':
        return aggregated(node, at);
      case 'binary':
        return combined(node, evaluated(node.left, at), evaluated(node.right, at));
    }
  }

  function called(name: string, args: readonly Promql[], at: number): Value {
    const [first] = args;
    if (name === 'time') return at;
    if (name === 'pi') return Math.PI;
    if (first === undefined) throw new NotKnown();
    if (name === 'absent' || name === 'absent_over_time') {
      const isThere = name === 'absent' ? elementsOf(evaluated(first, at)).length > 0 : windowsOf(first, at).length > 0;
      return isThere ? [] : [{ labels: labelsAskedFor(first), value: 1 }];
    }
    const isOverTime = first.kind === 'subquery' || (first.kind === 'selector' && first.range !== undefined);
    return isOverTime ? calledOverTime(name, first, at) : calledAt(name, first, args.slice(1), at);
  }

  function calledOverTime(name: string, range: Promql, at: number): Value {
    const elements: Element[] = [];
    for (const window of windowsOf(range, at)) {
      const value = windowValue(name, window);
      if (value !== undefined) elements.push({ labels: window.labels, value });
    }
    return distinct(elements);
  }

  function calledAt(name: string, first: Promql, others: readonly Promql[], at: number): Value {
    const value = evaluated(first, at);
    const scalars = (): readonly number[] => others.map((arg) => scalarOf(evaluated(arg, at)));
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
        return quantiles(scalarOf(value), elementsOf(evaluated(buckets, at)));
      }
      case 'label_replace':
        return relabelled(elementsOf(value), replacing(texts()));
      case 'label_join':
        return relabelled(elementsOf(value), joining(texts()));
      case 'sort':
        return [...elementsOf(value)].sort((a, b) => order(a, b));
      case 'sort_desc':
        return [...elementsOf(value)].sort((a, b) => order(b, a));
      case 'clamp': {
        const [low = 0, high = 0] = scalars();
        return low > high ? [] : mapped(value, (each) => larger(low, smaller(high, each)));
      }
    }
    const each = EACH[name];
    if (each === undefined) throw new NotKnown();
    const rest = scalars();
    return mapped(value, (number) => each(number, ...rest));
  }

  /** The samples that a range vector has. */
  function windowsOf(node: Promql, at: number): readonly Window[] {
    if (node.isPinned === true || (node.kind !== 'selector' && node.kind !== 'subquery')) throw new NotKnown();
    const { seconds = Number.NaN } = node.range ?? {};
    const end = at - offsetOf(node);
    // The length of a window that is an expression is not known; most functions do not depend on it.
    const start = end - (Number.isNaN(seconds) ? STEP_SECONDS : seconds);
    if (node.kind === 'subquery') return subqueried(node.of, node.stepSeconds ?? STEP_SECONDS, { start, end });
    return stored.within(node, start, end);
  }

  function subqueried(
    node: Promql,
    step: number,
    { start, end }: { readonly start: number; readonly end: number },
  ): readonly Window[] {
    if (!(step > 0) || (end - start) / step > MOST_STEPS) throw new NotKnown();
    const found = new Map<string, { readonly labels: Element['labels']; readonly samples: Sample[] }>();
    for (const time of timesWithin(start, end, step)) {
      steps += 1;
      if (steps > MOST_STEPS) throw new NotKnown();
      for (const { labels, value } of elementsOf(evaluated(node, time))) {
        const key = labelsKey(labels);
        const series = found.get(key) ?? { labels, samples: [] };
        series.samples.push({ at: time, value });
        found.set(key, series);
      }
    }
    return [...found.values()].map((series) => ({ ...series, start, end }));
  }

  function aggregated(node: Aggregate, at: number): readonly Element[] {
    const { operator, args } = node;
    const [last] = args.slice(-1);
    if (last === undefined) throw new NotKnown();
    const group = groupings.get(node) ?? groupingOf(node);
    groupings.set(node, group);
    const groups = group(elementsOf(evaluated(last, at)));
    const [parameter] = args.length > 1 ? args : [];
    const number = (): number => (parameter === undefined ? Number.NaN : scalarOf(evaluated(parameter, at)));
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

function groupingOf({ grouping }: Aggregate): Grouping {
  const { isWithout = false, labels = [] } = grouping ?? {};
  return createGrouping((name) => labels.includes(name) !== isWithout);
}

function offsetOf({ offsetSeconds = 0 }: Promql): number {
  return Number.isNaN(offsetSeconds) ? 0 : offsetSeconds;
}

/** What a series has grown to; before all of them began they were at 0. */
function grown(rate: number, at: number): number {
  return rate * Math.max(0, at);
}

function lastScrape(at: number): number {
  return SCRAPE_SECONDS * Math.floor(at / SCRAPE_SECONDS);
}

/** The multiples of a step from behind a time up to another. */
function timesWithin(start: number, end: number, step: number): readonly number[] {
  const first = Math.floor(start / step) + 1;
  const length = Math.max(0, Math.floor(end / step) - first + 1);
  return Array.from({ length }, (_, i) => (first + i) * step);
}

/** Prometheus puts `NaN` behind all numbers, whichever way they are sorted. */
function order({ value: a }: Element, { value: b }: Element, sign = 1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b) || 0;
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

/** Versions of Prometheus differ about the variance of what is no finite number. */
function spreadOf(values: readonly number[]): number {
  if (!values.every(Number.isFinite)) throw new NotKnown();
  return varianceOf(values);
}

/** Go's `math.Max`, for which infinity is larger than `NaN`. */
function larger(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** Go's `math.Min`, for which negative infinity is smaller than `NaN`. */
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

/** The labels that `absent()` gives what is not there: those that a selector names once, and exactly. */
function labelsAskedFor(node: Promql): Element['labels'] {
  if (node.kind !== 'selector') return {};
  const once = node.matchers.filter(({ label }, _, all) => all.filter((other) => other.label === label).length === 1);
  return sorted(once.flatMap(({ label, operator, value }) => (operator === '=' ? [[label, value] as const] : [])));
}

function textOf(node: Promql): string {
  if (node.kind !== 'string') throw new NotKnown();
  return node.value;
}

type Relabel = (labels: Element['labels']) => readonly [name: string, value: string] | undefined;

function relabelled(elements: readonly Element[], relabel: Relabel): readonly Element[] {
  return distinct(
    elements.map(({ labels, value }) => {
      const changed = relabel(labels);
      return {
        labels: changed === undefined ? labels : sorted(Object.entries({ ...labels, [changed[0]]: changed[1] })),
        value,
      };
    }),
  );
}

function replacing([label = '', replacement = '', source = '', pattern = '']: readonly string[]): Relabel {
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    // An expression of Go that is none here.
    throw new NotKnown();
  }
  return (labels) => {
    const found = expression.exec(labels[source] ?? '');
    if (found === null) return undefined;
    return [
      label,
      replacement.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced, bare) => part(found, braced ?? bare, whole)),
    ];
  };
}

function part(found: RegExpExecArray, name: string | undefined, whole: string): string {
  if (name === undefined) return whole.slice(1);
  return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? '';
}

function joining([label = '', separator = '', ...sources]: readonly string[]): Relabel {
  return (labels) => [label, sources.map((source) => labels[source] ?? '').join(separator)];
}
