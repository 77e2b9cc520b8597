/** What the shop promises its users. `latency` and `patience` are Coalmine's defaults, in seconds. */
export const OBJECTIVE = { latency: 0.5, patience: 2, errorRatio: 0.01, overShare: 0.05 };

/**
 * Returns what a controller would decide from this reading of a release.
 *
 * @param {import('./reading.js').Reading} reading
 */
export function decide(reading) {
  const isKept = errorRatio(reading) <= OBJECTIVE.errorRatio && overShare(reading) <= OBJECTIVE.overShare;
  return isKept ? 'PROMOTE' : 'ROLL BACK';
}

/** Returns the share of requests that the server failed. */
export function errorRatio({ requests, faults }) {
  return faults / requests;
}

/** Returns the share of requests slower than the objective, among the requests with a duration. */
export function overShare({ over, observed }) {
  return over / observed;
}
