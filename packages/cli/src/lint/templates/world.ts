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

/** Requests with the same labels. */
interface Kind {
  readonly labels: Readonly<Record<string, string>>;
  readonly rate: number;
  /** The fast ones of them: a failed request is never fast. */
  readonly fast: number;
}

// More than one pod, so that a missing sum shows.
const PODS = [0, 1];

/** Returns the series of a world, as the selectors of a query see them; the value is a rate. */
export function seriesIn(world: World, parts: readonly Promql[]): (selector: Selector) => readonly Element[] {
  const told = outcomeLabels(parts);
  const failure = failureOf(parts);
  const grouped = parts.flatMap((part) => [
    ...(part.kind === 'aggregate' ? (part.grouping?.labels ?? []) : []),
    ...(part.kind === 'binary' ? (part.matching?.labels ?? []) : []),
  ]);
  const names = [...new Set(['instance', 'pod', 'route', ...grouped])].filter((label) => label !== 'le');

  return (selector) => {
    const { metric, matchers } = selector;
    const bounds = metric.endsWith('_bucket') ? boundsIn(parts, metric) : [undefined];
    const kinds = kindsOf(world, sideOf(selector), told.get(metric) ?? new Map(), failure);
    return PODS.flatMap((pod) =>
      kinds.flatMap(({ labels, rate, fast }) =>
        bounds.flatMap((le): readonly Element[] => {
          const told: Record<string, string> = { ...labels, ...(le === undefined ? {} : { le }) };
          const isThere = rate > 0 || world.isInitialised;
          if (!isThere || !matchers.every((matcher) => isLetThrough(matcher, told[matcher.label]))) return [];
          const value = le === undefined || le === '+Inf' || le === SLOWEST ? rate : fast;
          return [{ labels: { ...labelsOf(selector, names, pod), ...told }, value }];
        }),
      ),
    );
  };
}

/** Returns the outcome that a query counts as a failure: it may count only 404s. */
function failureOf(parts: readonly Promql[]): Outcome {
  const asked = parts.flatMap((part) => (part.kind === 'selector' ? [outcomesOf(part)] : []));
  const isTold = (outcome: Outcome): boolean => asked.some((of) => of.includes('good') !== of.includes(outcome));
  return isTold('refused') && !isTold('bad') ? 'refused' : 'bad';
}

/** Whether a matcher accepts a value. An unknown value is accepted. */
function isLetThrough(matcher: Matcher, value: string | undefined): boolean {
  return value === undefined || isMatch(matcher, value);
}

function kindsOf(
  { volume, failing }: World,
  side: string,
  labels: ReadonlyMap<string, Readonly<Record<string, string>>>,
  failure: Outcome,
): readonly Kind[] {
  const bad = failing(side);
  if (labels.size === 0) return [{ labels: {}, rate: volume, fast: volume * (1 - bad) }];
  const shares = { good: 1 - bad, refused: 0, bad: 0, [failure]: bad };
  return OUTCOMES.map((outcome) => {
    const rate = volume * shares[outcome];
    return {
      labels: Object.fromEntries([...labels].map(([label, values]) => [label, values[outcome] ?? ''])),
      rate,
      fast: outcome === failure ? 0 : rate,
    };
  });
}

function labelsOf({ matchers }: Selector, names: readonly string[], pod: number): Record<string, string> {
  const free = Object.fromEntries(names.map((name) => [name, `${name}-${pod}`]));
  const bound = matchers.map(({ label, operator, value }) => [label, operator === '=' ? value : `${value}-${pod}`]);
  return { ...free, ...Object.fromEntries(bound) };
}

// A slow request takes less than this, and more than any bound in a query.
const SLOWEST = '1000000';

/** Returns the bounds of a histogram: the bounds in a query, one below, and two above. */
function boundsIn(parts: readonly Promql[], metric: string): readonly string[] {
  const asked = parts.flatMap((part) =>
    part.kind === 'selector' && part.metric === metric
      ? part.matchers.filter(({ label }) => label === 'le').map(({ value }) => value.split('|', 1)[0] ?? value)
      : [],
  );
  return [...new Set(['0.001', ...asked, SLOWEST, '+Inf'])];
}
