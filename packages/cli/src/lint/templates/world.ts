import { memoize } from '../../memoize.js';
import type { Element } from '../../promql/elements.js';
import type { Matcher } from '../../promql/matcher.js';
import type { Promql, Selector } from '../../promql/promql.js';
import { isMatch, OUTCOMES, type Outcome, outcomeLabels, outcomesOf, sideOf } from './outcome.js';

/** What a Prometheus could have stored about a release. */
export interface World {
  /** Requests per second of each pod. */
  readonly volume: number;
  /** Returns the share of them that fails or is slow, by the `sideOf()` of a selector. */
  readonly failing: (side: string) => number;
  /** Whether series exist, at 0, before their first request. */
  readonly isInitialised: boolean;
}

/** Requests that all succeed. */
export const BUSY: World = { volume: 1000, failing: () => 0, isInitialised: true };

/** Worlds in which queries give different results. */
export const WORLDS: Readonly<Record<'healthy' | 'bornHealthy' | 'failing' | 'bornFailing' | 'idle', World>> = {
  healthy: BUSY,
  bornHealthy: { ...BUSY, isInitialised: false },
  failing: { ...BUSY, failing: () => 0.5 },
  bornFailing: { ...BUSY, failing: () => 1, isInitialised: false },
  idle: { ...BUSY, volume: 0 },
};

/** A series that a selector could read, whatever the world. */
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined` if no label tells outcomes. */
  readonly outcome: Outcome | undefined;
  /** Whether the series counts only fast requests: a failed request is never fast. */
  readonly isFast: boolean;
}

/** What a selector of a query could read. */
interface View {
  readonly side: string;
  readonly series: readonly Series[];
}

// Series that are not 0 if there are no requests.
const OF_MACHINES = /^(?:kube|container|node|machine|process|nodejs|jvm)_/;

// More than one pod, so that a missing sum shows.
const PODS = [0, 1];

/** Returns the series of a world, as the selectors of a query see them; the value is a rate. */
export function seriesIn(world: World, parts: readonly Promql[]): (selector: Selector) => readonly Element[] {
  const { failure, viewOf } = viewsOf(parts);
  return (selector) => {
    const { side, series } = viewOf(selector);
    const bad = world.failing(side);
    const shares = { good: 1 - bad, refused: 0, bad: 0, [failure]: bad };
    return series.flatMap(({ labels, outcome, isFast }): readonly Element[] => {
      const volume = world.volume === 0 && OF_MACHINES.test(selector.metric) ? 1 : world.volume;
      const rate = volume * (outcome === undefined ? 1 : shares[outcome]);
      if (rate === 0 && !world.isInitialised) return [];
      if (!isFast) return [{ labels, value: rate }];
      if (outcome === undefined) return [{ labels, value: rate * (1 - bad) }];
      return [{ labels, value: outcome === failure ? 0 : rate }];
    });
  };
}

interface Views {
  /** The outcome that the query counts as a failure. */
  readonly failure: Outcome;
  viewOf(selector: Selector): View;
}

/** Returns what the selectors of a query could read. A query is evaluated in many worlds. */
const viewsOf = memoize((parts: readonly Promql[]): Views => {
  const outcomes = outcomeLabels(parts);
  const grouped = parts.flatMap((part) => [
    ...(part.kind === 'aggregate' ? (part.grouping?.labels ?? []) : []),
    ...(part.kind === 'binary' ? (part.matching?.labels ?? []) : []),
  ]);
  const names = [...new Set(['instance', 'pod', 'route', ...grouped])].filter((label) => label !== 'le');
  return {
    failure: failureOf(parts),
    viewOf: memoize((selector: Selector) => ({ side: sideOf(selector), series: [...seriesOf(selector)] })),
  };

  function* seriesOf(selector: Selector): Generator<Series> {
    const { metric, matchers } = selector;
    const bounds = metric.endsWith('_bucket') ? boundsIn(parts, metric) : [undefined];
    for (const pod of PODS) {
      for (const { outcome, labels } of kindsOf(outcomes.get(metric) ?? new Map())) {
        for (const le of bounds) {
          const own: Record<string, string> = { ...labels, ...(le === undefined ? {} : { le }) };
          if (!matchers.every((matcher) => isLetThrough(matcher, own[matcher.label]))) continue;
          const isFast = le !== undefined && le !== '+Inf' && le !== SLOWEST;
          yield { labels: { ...labelsOf(selector, names, pod), ...own }, outcome, isFast };
        }
      }
    }
  }
});

/** Returns the outcome that a query counts as a failure: it may count only 404s. */
function failureOf(parts: readonly Promql[]): Outcome {
  const outcomes = parts.flatMap((part) => (part.kind === 'selector' ? [outcomesOf(part)] : []));
  const isTold = (outcome: Outcome): boolean => outcomes.some((of) => of.includes('good') !== of.includes(outcome));
  return isTold('refused') && !isTold('bad') ? 'refused' : 'bad';
}

/** Whether a matcher accepts a value. An unknown value is accepted. */
function isLetThrough(matcher: Matcher, value: string | undefined): boolean {
  return value === undefined || isMatch(matcher, value);
}

/** Returns the labels of each outcome, if there are labels that tell outcomes. */
function kindsOf(
  labels: ReadonlyMap<string, Readonly<Record<string, string>>>,
): readonly Pick<Series, 'outcome' | 'labels'>[] {
  if (labels.size === 0) return [{ outcome: undefined, labels: {} }];
  // Some labels do not tell a refused request from a good one: both are in the same series.
  const told = OUTCOMES.filter(
    (outcome) => outcome !== 'refused' || [...labels.values()].some(({ good, refused }) => refused !== good),
  );
  return told.map((outcome) => ({
    outcome,
    labels: Object.fromEntries([...labels].map(([label, values]) => [label, values[outcome] ?? ''])),
  }));
}

// The pods of a release are in one namespace.
const NAMESPACE = /(?:^|_)namespace$/;

function labelsOf({ matchers }: Selector, names: readonly string[], pod: number): Record<string, string> {
  const free = Object.fromEntries(names.map((name) => [name, NAMESPACE.test(name) ? name : `${name}-${pod}`]));
  const bound = matchers.map(({ label, operator, value }) => [label, operator === '=' ? value : `${value}-${pod}`]);
  return { ...free, ...Object.fromEntries(bound) };
}

// A slow request takes less than this, and more than any bound in a query.
const SLOWEST = '1000000';

/** Returns the bounds of a histogram: the bounds in a query, one below, and two above. */
function boundsIn(parts: readonly Promql[], metric: string): readonly string[] {
  const queried = parts.flatMap((part) =>
    part.kind === 'selector' && part.metric === metric
      ? part.matchers.filter(({ label }) => label === 'le').map(({ value }) => value.split('|', 1)[0] ?? value)
      : [],
  );
  return [...new Set(['0.001', ...queried, SLOWEST, '+Inf'])];
}
