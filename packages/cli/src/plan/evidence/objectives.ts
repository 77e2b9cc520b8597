import type { Release } from '../../release/release.js';
import type { History } from '../history/traffic.js';
import type { Objectives } from '../result.js';

/** Returns how a service performs today, so that an objective can be chosen from facts. */
export function objectivesOf({ objective }: Release, history: History): Objectives {
  const { requests, errorRatio, worstErrorRatio, overShare, bounds, over, routes, notes } = history;
  // Half of the allowed share is left for changes by a release.
  const enough = over.findIndex((share) => share <= objective.overShare / 2);
  return {
    requests,
    errorRatio,
    worstErrorRatio,
    overShare,
    latencies: bounds,
    over,
    routes,
    latency: enough < 0 ? undefined : bounds[enough],
    notes,
  };
}
