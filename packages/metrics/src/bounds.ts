import { InvalidOption } from '@coalmine/options';

// The default buckets of the Prometheus client libraries: existing dashboards know them.
const DEFAULT_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Upper bounds of the finite buckets, in seconds, ascending, the objective among them: then
 * `bucket{le=objective} / count` is exact, where a quantile interpolates. Throws {@link InvalidOption}.
 */
export function parseBounds(buckets: readonly number[] | undefined, latency: number): readonly number[] {
  const bounds = buckets === undefined ? DEFAULT_BOUNDS : buckets;
  const valid =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.every((bound, i) => Number.isFinite(bound) && bound > (i === 0 ? 0 : (bounds[i - 1] ?? 0)));
  if (!valid) throw new InvalidOption('buckets', 'an ascending list of finite numbers of seconds above 0', bounds);
  return [...new Set([...bounds, latency])].sort((a, b) => a - b);
}
