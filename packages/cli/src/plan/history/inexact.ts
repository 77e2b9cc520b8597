import { percent } from '../../analyze/account/words.js';
import { number } from '../../queries/evidence.js';
import type { Release } from '../../release/release.js';

/** What was found in a history. */
interface Known {
  /** Whether there are counters of failed requests. */
  readonly failed: boolean;
  readonly slowShare: number | undefined;
  /** Of the histogram, in seconds, ascending; and the share of the requests over each. */
  readonly bounds: readonly number[];
  readonly service: readonly number[];
  readonly objective: number;
  readonly names: Release['names'];
}

/** Sentences on what the series do not tell exactly. */
export function inexact({ failed, slowShare, bounds, service, objective, names }: Known): readonly string[] {
  const notes: string[] = [];
  if (!failed) {
    notes.push(
      `errors are the answers with a status of 5xx: there is no ${names.failed}, which also counts requests that hung, broken bodies and failures behind another status`,
    );
  }
  if (slowShare !== undefined) {
    notes.push(`the share over the objective is exact: the app counts it in ${names.slow}, route by route`);
  } else if (bounds.length > 0 && !bounds.includes(objective)) {
    const shareOver = (bound: number): string =>
      `${percent(service[bounds.indexOf(bound)] ?? 0)} (over ${number(bound)} s)`;
    const above = bounds.find((bound) => bound > objective);
    const below = bounds.findLast((bound) => bound < objective);
    const low = above === undefined ? '0 %' : shareOver(above);
    const high = below === undefined ? '100 %' : shareOver(below);
    notes.push(
      `${number(objective)} s is no bound of the histogram, so that the share over the objective is only known to be between ${low} and ${high}`,
    );
  }
  notes.push(
    bounds.length === 0
      ? `there are no buckets of ${names.duration}, so that the share over other latencies is not known`
      : 'between two bounds of the histogram, the share over a latency is not known',
  );
  return notes;
}
