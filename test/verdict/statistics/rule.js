import { questionsOfRoutes } from './routes.js';
import { questionsOfService } from './service.js';
import { questionsOfUnmatched } from './unmatched.js';

/**
 * The numbers of the rule that the generated queries express in PromQL. `queries.verdict.ts` compares both.
 *
 * @typedef {object} Rule
 * @property {Record<keyof typeof import('../../../packages/cli/src/queries/persistence.js').PERSISTENCE, number>} persistence
 * @property {typeof import('../../../packages/cli/src/queries/persistence.js').SERVICE} service
 * @property {number} confidenceZ the number of standard errors for the confidence of a measurement
 * @property {import('./release.js').Objective} objective
 * @property {number} minRequests
 * @property {number} arrived the part of its share of the requests that the canary needs
 * @property {number} grown how much other responses must grow if the canary has lost some, as a part of what it has lost
 * @property {Pace} pace
 */

/**
 * When the template measures, in scrapes.
 *
 * @typedef {object} Pace
 * @property {number} window
 * @property {number} span
 * @property {number} interval from one measurement to the next
 * @property {number} step how long a step lasts
 * @property {number} settled from the start of a step to its first measurement
 * @property {number} persisted from the start of a step to the first measurement of a question about several spans that knows the weight
 * @property {number} earlier how much earlier the spans of stable are, with which routes are compared
 * @property {number} started from the start of the release to the first measurement of the background run
 */

/**
 * The decisions of the template about a release, with their scrapes.
 *
 * @typedef {object} Decision
 * @property {{ readonly at: number, readonly by: string }} [rollback]
 * @property {number} [asked] when a small difference was proven, which pauses
 * @property {number} [shared] when canary and stable failed alike, which pauses
 * @property {number} [silent] when too few requests had arrived, which pauses
 */

// If a question looks at several spans, its first failed measurement decides. Otherwise the second failed measurement decides.
const FAILURES = {
  'routes-failing': 1,
  'routes-slow': 1,
  'routes-turning-away': 1,
  'routes-lost': 1,
  'users-refused': 1,
  'error-ratio': 2,
  'error-ratio-since-start': 2,
  'slow-ratio': 2,
  'slow-ratio-since-start': 2,
  hangs: 2,
};
// Only the analysis of a step knows the weight.
const OF_STEP = ['users-refused'];
// If one of these questions is inconclusive in each measurement of a step, too few requests have arrived.
const EVIDENCE = ['traffic', 'arrival'];
// If one of these holds, it is proven that the canary differs by little.
const DIFFERING = ['routes-differing', 'unmatched-differing'];
// The third inconclusive measurement of a step pauses.
const INCONCLUSIVE = 3;

/**
 * Returns the questions of the template: for each, whether a measurement at a scrape fails or is inconclusive.
 *
 * @param {import('./release.js').Release} release
 * @param {Rule} rule
 */
export function questionsOf(release, rule) {
  return {
    ...questionsOfRoutes(release, rule),
    ...questionsOfUnmatched(release, rule),
    ...questionsOfService(release, rule),
  };
}

/**
 * Decides a release as the whole template does: the analysis of each step, and the background run beside them.
 *
 * @param {import('./release.js').Release} release
 * @param {Rule} rule
 * @returns {Decision}
 */
export function decide(release, rule) {
  const { interval, step, settled, persisted, started } = rule.pace;
  const questions = questionsOf(release, rule);
  const since = (/** @type {number} */ at) => at - release.startedAt;
  const stepOf = (/** @type {number} */ at) => Math.ceil(since(at) / step) - 1;
  const measurements = Array.from(
    { length: Math.floor(since(release.scrapes) / interval) },
    (_, i) => release.startedAt + (i + 1) * interval,
  );
  const ofStep = measurements.filter((at) => since(at) - stepOf(at) * step >= settled);
  const ofRun = measurements.filter((at) => since(at) >= started);
  const perStep = ofStep.filter((at) => stepOf(at) === 0).length;

  /** @type {Decision['rollback']} */
  let rollback;
  for (const [by, failures] of Object.entries(FAILURES)) {
    const isBad = questions[by] ?? (() => false);
    const at = OF_STEP.includes(by)
      ? nthOfStep((each) => since(each) - stepOf(each) * step >= persisted && isBad(each), failures)
      : Math.min(nth(ofRun, isBad, failures), nthOfStep(isBad, failures));
    if (at < (rollback?.at ?? Number.POSITIVE_INFINITY)) rollback = { at, by };
  }
  return {
    rollback,
    // Counts a pause at the first measurement of either run, which is more often than the template pauses.
    asked: finite(Math.min(...DIFFERING.map((name) => nth(measurements, questions[name], 1)))),
    shared: finite(
      Math.min(
        nthOfStep(questions['shared-errors'], INCONCLUSIVE),
        nthOfStep(questions['shared-slowness'], INCONCLUSIVE),
      ),
    ),
    silent: finite(Math.min(...EVIDENCE.map((name) => nthOfStep(questions[name] ?? (() => false), perStep)))),
  };

  /** Returns the first bad measurement that is the nth bad one of its step. @param {(at: number) => boolean} isBad @param {number} n */
  function nthOfStep(isBad, n) {
    for (let i = 0; i <= stepOf(release.scrapes); i++) {
      const at = nth(
        ofStep.filter((each) => stepOf(each) === i),
        isBad,
        n,
      );
      if (Number.isFinite(at)) return at;
    }
    return Number.POSITIVE_INFINITY;
  }
}

/** Returns the nth bad measurement. @param {readonly number[]} measurements @param {(at: number) => boolean} isBad @param {number} n */
function nth(measurements, isBad, n) {
  let count = 0;
  for (const at of measurements) {
    if (!isBad(at)) continue;
    count += 1;
    if (count === n) return at;
  }
  return Number.POSITIVE_INFINITY;
}

/** @param {number} at */
function finite(at) {
  return Number.isFinite(at) ? at : undefined;
}
