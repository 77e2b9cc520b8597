import type { Release } from '../../release/release.js';
import type { History } from '../history/traffic.js';
import type { Objectives } from '../result.js';

/** What a service does today, so that an objective is chosen from facts. */
export function objectivesOf({ objective }: Release, history: History): Objectives {
  const { requests, errorRatio, worstErrorRatio, overShare, bounds, over, routes, notes } = history;
  // Half of what is allowed is left for what a release may change.
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
