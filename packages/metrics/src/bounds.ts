import { InvalidOption } from '@coalmine/options';
import type { Objective } from './objective.js';

/**
 * Returns the upper bounds of the finite buckets, in seconds, ascending. The objective is among the bounds, so that
 * `bucket{le=objective} / count` is exact, where a quantile interpolates. Throws {@link InvalidOption}.
 */
export function parseBounds(
  buckets: readonly number[] | undefined,
  { latency, patience }: Objective,
): readonly number[] {
  const bounds = buckets === undefined ? sortAscending([...sharesOf(latency), latency, patience]) : buckets;
  const valid =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.every((bound, i) => Number.isFinite(bound) && bound > (i === 0 ? 0 : (bounds[i - 1] ?? 0)));
  if (!valid) throw new InvalidOption('buckets', 'an ascending list of finite numbers of seconds above 0', bounds);
  return sortAscending([...bounds, latency]);
}

/**
 * Every bound is one more series for each route and status, so there are few bounds by default: three below the
 * objective, for the percentiles of a service that keeps its objective, and the patience, which tells slow responses
 * from hangs.
 */
function sharesOf(latency: number): readonly number[] {
  return [latency / 10, latency / 4, latency / 2].map((bound) => Number(bound.toPrecision(3)));
}

function sortAscending(bounds: readonly number[]): readonly number[] {
  return [...new Set(bounds)].sort((a, b) => a - b);
}
