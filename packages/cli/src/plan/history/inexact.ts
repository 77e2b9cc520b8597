import { showShare } from '../../controllers/shown.js';
import { number } from '../../queries/evidence.js';
import type { Release } from '../../release/release.js';

/** The findings about a history. */
interface Known {
  /** Whether there are counters of failed requests. */
  readonly failed: boolean;
  readonly slowShare: number | undefined;
  /** The bounds of the histogram, in seconds, ascending, and the share of the requests over each. */
  readonly bounds: readonly number[];
  readonly service: readonly number[];
  readonly objective: number;
  readonly names: Release['names'];
}

/** Returns sentences about what the series do not tell exactly. */
export function inexact({ failed, slowShare, bounds, service, objective, names }: Known): readonly string[] {
  const notes: string[] = [];
  if (!failed) {
    notes.push(
      `errors are the responses with a status of 5xx: ${names.failed}, which also counts requests that hung, broken bodies and failures with another status, does not exist`,
    );
  }
  if (slowShare !== undefined) {
    notes.push(`the share over the objective is exact: the app counts it in ${names.slow}, route by route`);
  } else if (bounds.length > 0 && !bounds.includes(objective)) {
    const shareOver = (bound: number): string =>
      `${showShare(service[bounds.indexOf(bound)] ?? 0)} (over ${number(bound)} s)`;
    const above = bounds.find((bound) => bound > objective);
    const below = bounds.findLast((bound) => bound < objective);
    const low = above === undefined ? '0 %' : shareOver(above);
    const high = below === undefined ? '100 %' : shareOver(below);
    notes.push(
      `${number(objective)} s is not a bound of the histogram, so the share over the objective is only known to be between ${low} and ${high}`,
    );
  }
  notes.push(
    bounds.length === 0
      ? `there are no buckets of ${names.duration}, so the share over other latencies is not known`
      : 'between two bounds of the histogram, the share over a latency is not known',
  );
  return notes;
}
