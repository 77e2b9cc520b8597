const SHARE = 0.1;
const SHARE_OF_THE_WORST = 0.15;
// One of this many loads may have a larger error.
const LOADS_WITH_ONE_WORST = 6;
const P95 = 0.35;
const HEALTHY_SHARE = 0.01;
const HEALTHY_P95 = 0.1;
const UTILISATION = 0.05;

/**
 * @typedef {object} Errors How far Coalmine is off what the clients measured.
 * @property {boolean} isComplete Every request has a response, and a duration in the snippet and in Coalmine.
 * @property {number} share The difference of the shares over the objective.
 * @property {number} p95 The relative difference of the p95.
 * @property {number | undefined} utilisation The utilisation that was read less the one that was offered.
 */

/**
 * Returns the names of the bounds that each setup does not keep, or `undefined` for a setup without a bound.
 *
 * @param {(import('./measure.js').Setup & { errors: Errors })[]} setups
 * @returns {(string[] | undefined)[]}
 */
export function findBroken(setups) {
  const worst = findWorst(setups);
  return setups.map((setup) => {
    if (setup.connections === 'leaving') return undefined;
    const { isComplete, share, p95, utilisation } = setup.errors;
    const broken = isComplete ? [] : ['count'];
    if (setup.load.isHealthy) {
      if (share > HEALTHY_SHARE) broken.push('share');
      if (p95 > HEALTHY_P95) broken.push('p95');
      return broken;
    }
    // For new connections, only the utilisation shows how long they wait.
    if (setup.connections === 'kept') {
      if (Math.abs(share) > (worst.has(setup) ? SHARE_OF_THE_WORST : SHARE)) broken.push('share');
      if (Math.abs(p95) > P95) broken.push('p95');
    }
    if (utilisation === undefined || Math.abs(utilisation) > UTILISATION) broken.push('utilisation');
    return broken;
  });
}

/** Returns the setups whose share may have a larger error: one in six of each framework. */
function findWorst(setups) {
  const worst = new Set();
  for (const framework of new Set(setups.map((setup) => setup.framework))) {
    const kept = setups.filter(
      (setup) => setup.framework === framework && setup.connections === 'kept' && !setup.load.isHealthy,
    );
    kept.sort((a, b) => Math.abs(b.errors.share) - Math.abs(a.errors.share));
    for (const setup of kept.slice(0, Math.floor(kept.length / LOADS_WITH_ONE_WORST))) worst.add(setup);
  }
  return worst;
}
