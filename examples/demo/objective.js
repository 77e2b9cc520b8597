/** What the shop promises its users; seconds are those of Coalmine's defaults. */
export const OBJECTIVE = { latency: 0.5, patience: 2, errorRatio: 0.01, overShare: 0.05 };

/**
 * What a controller would do about a release that is read like this.
 *
 * @param {import('./reading.js').Reading} reading
 */
export function decide(reading) {
  const isKept = errorRatio(reading) <= OBJECTIVE.errorRatio && overShare(reading) <= OBJECTIVE.overShare;
  return isKept ? 'PROMOTE' : 'ROLL BACK';
}

/** Server faults among all requests. */
export function errorRatio({ requests, faults }) {
  return faults / requests;
}

/** Requests slower than the objective, among those with a duration. */
export function overShare({ over, observed }) {
  return over / observed;
}
