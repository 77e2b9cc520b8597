import { CACHED_ITEMS } from './cache.js';

// The buckets of the snippet, so that both percentiles are interpolated in the same buckets.
const metrics = { buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

/**
 * Returns the options of Coalmine for a release. By default durations are withheld for 30 s, and the demo ends before that:
 * so the warm-up is off, except for the release that has a cold start.
 *
 * @param {string} release
 * @returns {import('@coalmine/fastify').CoalmineOptions}
 */
export function filters(release) {
  switch (release) {
    case 'cold':
      return { metrics, warmup: { minSeconds: 1, minRequests: CACHED_ITEMS } };
    case 'monitored':
      return {
        metrics,
        warmup: false,
        traffic: { exclude: { signed: { keys: { monitor: process.env.MONITOR_KEY ?? '' } } } },
      };
    default:
      return { metrics, warmup: false };
  }
}
