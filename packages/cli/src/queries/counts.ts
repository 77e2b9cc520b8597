import type { Release } from '../release/release.js';
import type { Tally } from './evidence.js';
import type { Sides } from './question.js';
import { type Series, seriesOf } from './series.js';

/** A query for the requests behind a verdict. Its numbers are for the record, and nothing is decided by them. */
export interface RecordedCounts {
  readonly name: string;
  /** What the numbers are. */
  readonly why: string;
  /** PromQL that returns the numbers of {@link readCounts}. */
  readonly query: string;
}

/** The requests of one side of a release, as one number each. */
export interface CountedRequests {
  readonly requests: number;
  readonly failed: number;
  /** Requests whose duration counts. */
  readonly timed: number;
  /** Timed requests that took longer than the objective of their route. */
  readonly slow: number;
}

/** The names of the queries: one for the window, and one for the whole life of the pods. */
export const RECORDED = { window: 'counts', life: 'counts-since-start' } as const;

/** Returns the queries that record the requests of both sides, as the questions about the service count them. */
export function recordedCounts(release: Release, sides: Sides): readonly RecordedCounts[] {
  const { compareWithStable } = release.analysis;
  const named: readonly (readonly [side: string, pods: string])[] = [
    ['canary', sides.canary],
    ...(sides.stable === undefined || !compareWithStable ? [] : [['stable', sides.stable] as const]),
  ];
  const queryOf = (talliesOf: (series: Series) => readonly [errors: Tally, slowness: Tally]): string =>
    named
      .flatMap(([side, pods]) => {
        const [errors, slowness] = talliesOf(seriesOf(release, pods));
        const counted = { requests: errors.all, failed: errors.bad, timed: slowness.all, slow: slowness.bad };
        return Object.entries(counted).map(([what, promql]) => [`${side}-${what}`, promql] as const);
      })
      .map(
        // VictoriaMetrics drops NaN, and no count is negative. The digits keep the order on engines that sort by labels.
        ([what, promql], i) =>
          `label_replace(\n  round(${promql}, 0.01) or vector(${ABSENT}),\n  "${LABEL}", "${i + 1}-${what}", "", ""\n)`,
      )
      .join('\nor ');
  const order = `requests, failed, timed and slow ones of the canary${named.length > 1 ? ', then of stable' : ''}`;
  return [
    {
      name: RECORDED.window,
      why: `For the record, so that \`coalmine explain\` can tell of requests: ${order}, in the window.
${ABSENT} where Prometheus has no series. A dry run: nothing is decided by it.`,
      query: queryOf(({ errors, slowness }) => [errors, slowness]),
    },
    {
      name: RECORDED.life,
      why: 'The same over the whole life of the pods.',
      query: queryOf(({ errorsSinceStart, slownessSinceStart }) => [errorsSinceStart, slownessSinceStart]),
    },
  ];
}

/**
 * Returns the requests of both sides from the result of a query of {@link recordedCounts}. A side is `undefined` if one
 * of its numbers is missing, or if the query did not ask for it.
 */
export function readCounts(values: readonly number[]): {
  readonly canary: CountedRequests | undefined;
  readonly stable: CountedRequests | undefined;
} {
  const isWhole = values.length === PER_SIDE || values.length === 2 * PER_SIDE;
  return {
    canary: isWhole ? sideOf(values.slice(0, PER_SIDE)) : undefined,
    stable: isWhole ? sideOf(values.slice(PER_SIDE)) : undefined,
  };
}

/** Whether a query is one of {@link recordedCounts}: a metric of somebody else may have the same name. */
export function recordsCounts(query: string): boolean {
  return query.includes(`"${LABEL}"`);
}

// The label that tells the numbers of a result apart.
const LABEL = 'coalmine_count';
const ABSENT = -1;
const PER_SIDE = 4;

function sideOf(values: readonly number[]): CountedRequests | undefined {
  const [requests, failed, timed, slow] = values;
  if (requests === undefined || failed === undefined || timed === undefined || slow === undefined) return undefined;
  return values.every((value) => value >= 0) ? { requests, failed, timed, slow } : undefined;
}
