import { memoize } from '../memoize.js';
import { aggregate } from './aggregate.js';
import {
  compareElements,
  distinct,
  type Element,
  elementsOf,
  labelsKey,
  mapValues,
  NotKnown,
  scalarOf,
  sortLabels,
  type Value,
} from './elements.js';
import { quantiles } from './histogram.js';
import { combine } from './operators.js';
import type { Aggregate, Promql, Selector } from './promql.js';
import { applyRelabel, createJoining, createReplacing, type Relabel } from './relabel.js';
import { larger, smaller, VALUE_FUNCTIONS } from './value-functions.js';
import { quantileOf, type Sample, timesWithin, type Window, windowValue } from './windows.js';

/** The samples that queries are evaluated over. Times are in seconds. */
export interface Samples {
  /** Returns the latest sample of each series of a selector at a time. */
  latest(selector: Selector, at: number): readonly Element[];
  /** Returns the samples of each series of a selector after `start` and up to `end`, without empty windows. */
  within(selector: Selector, start: number, end: number): readonly Window[];
}

/** Returns the result of Prometheus for a query at a time. Throws `NotKnown` for what is not known here. */
export type Evaluate = (tree: Promql, at: number) => Value;

// The most evaluations within subqueries; a query that takes more is not evaluated.
const MOST_STEPS = 2000;
// The step of a subquery without one is the server's default, one minute unless configured.
const STEP_SECONDS = 60;

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
    if (name === 'quantile_over_time') {
      const [, range] = args;
      if (range === undefined) throw new NotKnown();
      const quantile = scalarOf(evaluateNode(first, at));
      return overTime(range, at, ({ samples }) =>
        quantileOf(
          quantile,
          samples.map(({ value }) => value),
        ),
      );
    }
    const isOverTime = first.kind === 'subquery' || (first.kind === 'selector' && first.range !== undefined);
    return isOverTime ? overTime(first, at, (window) => windowValue(name, window)) : callAt(name, first, args, at);
  }

  function overTime(range: Promql, at: number, combine: (window: Window) => number | undefined): Value {
    const elements: Element[] = [];
    for (const window of windowsOf(range, at)) {
      const value = combine(window);
      if (value !== undefined) elements.push({ labels: window.labels, value });
    }
    return distinct(elements);
  }

  function callAt(name: string, first: Promql, args: readonly Promql[], at: number): Value {
    const value = evaluateNode(first, at);
    const scalars = (): readonly number[] => args.slice(1).map((arg) => scalarOf(evaluateNode(arg, at)));
    switch (name) {
      case 'vector':
        return [{ labels: {}, value: scalarOf(value) }];
      case 'scalar': {
        const [only, ...more] = elementsOf(value);
        return only === undefined || more.length > 0 ? Number.NaN : only.value;
      }
      case 'histogram_quantile': {
        const [, buckets] = args;
        if (buckets === undefined) throw new NotKnown();
        return quantiles(scalarOf(value), elementsOf(evaluateNode(buckets, at)));
      }
      case 'label_replace':
        return applyRelabel(elementsOf(value), replacingOf(args));
      case 'label_join':
        return applyRelabel(elementsOf(value), joiningOf(args));
      case 'sort':
        return [...elementsOf(value)].sort((a, b) => compareElements(a, b));
      case 'sort_desc':
        return [...elementsOf(value)].sort((a, b) => compareElements(a, b, -1));
      case 'clamp': {
        const [low = 0, high = 0] = scalars();
        return low > high ? [] : mapValues(value, (each) => larger(low, smaller(high, each)));
      }
    }
    const each = VALUE_FUNCTIONS[name];
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
    const { args } = node;
    const last = args.at(-1);
    if (last === undefined) throw new NotKnown();
    const [parameter] = args.length > 1 ? args : [];
    const elements = elementsOf(evaluateNode(last, at));
    return aggregate(node, elements, () =>
      parameter === undefined ? Number.NaN : scalarOf(evaluateNode(parameter, at)),
    );
  }
}

function offsetOf({ offsetSeconds = 0 }: Promql): number {
  return Number.isNaN(offsetSeconds) ? 0 : offsetSeconds;
}

/** Returns the labels of the element that `absent()` returns: labels that a selector names once, with `=`. */
function labelsAskedFor(node: Promql): Element['labels'] {
  if (node.kind !== 'selector') return {};
  const once = node.matchers.filter(({ label }, _, all) => all.filter((other) => other.label === label).length === 1);
  return sortLabels(once.flatMap(({ label, operator, value }) => (operator === '=' ? [[label, value] as const] : [])));
}

/** Returns the changes by the arguments of a call, which is evaluated at many times over the same series. */
const replacingOf = memoize((args: readonly Promql[]): Relabel => createReplacing(args.slice(1).map(textOf)));
const joiningOf = memoize((args: readonly Promql[]): Relabel => createJoining(args.slice(1).map(textOf)));

function textOf(node: Promql): string {
  if (node.kind !== 'string') throw new NotKnown();
  return node.value;
}
