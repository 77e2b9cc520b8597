import { CACHED_ITEMS } from './cache.js';

/**
 * The options of Coalmine for a release. Durations are withheld for 30 s by default, and the demo is over before that:
 * so the warm-up is off, but for the release that has a cold start.
 *
 * @param {string} release
 * @returns {import('@coalmine/fastify').CoalmineOptions}
 */
export function filters(release) {
  switch (release) {
    case 'cold':
      return { warmup: { minSeconds: 1, minRequests: CACHED_ITEMS } };
    case 'monitored':
      return { warmup: false, traffic: { exclude: { signed: { keys: { monitor: process.env.MONITOR_KEY ?? '' } } } } };
    default:
      return { warmup: false };
  }
}
