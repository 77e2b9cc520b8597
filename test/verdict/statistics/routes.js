import { differenceZ, increase } from './evidence.js';
import { CLASSES, FAILED, SLOW } from './release.js';

/**
 * Returns the questions that compare each route and class of answers with stable. Each is a function that says whether the
 * difference is proven at a scrape.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 * @returns {Record<string, (at: number) => boolean>}
 */
export function questionsOfRoutes({ canary, stable, routes, scrapes, phase }, { persistence, objective, pace }) {
  // One scrape more than a span has, so that consecutive spans share no growth and lose none.
  const samples = pace.span + 1;
  const spans = Math.floor((scrapes - phase) / pace.span) + 1;
  const [failing, slow, turningAway, differing] = Array.from({ length: 4 }, () => new Uint8Array(spans));
  for (let route = 0; route < routes; route++) {
    for (let kind = 0; kind < CLASSES.length; kind++) {
      if (kind === FAILED) {
        compare(route, kind, failing, persistence.timesErrorRatio * objective.errorRatio);
      } else if (kind === SLOW) {
        compare(route, kind, slow, persistence.timesOverShare * objective.overShare);
      } else {
        compare(route, kind, turningAway, persistence.large, differing);
      }
    }
  }
  const atLatestSpan = (/** @type {Uint8Array} */ proven) => (/** @type {number} */ at) =>
    proven[Math.floor((at - phase) / pace.span)] === 1;
  return {
    'routes-failing': atLatestSpan(failing),
    'routes-slow': atLatestSpan(slow),
    'routes-turning-away': atLatestSpan(turningAway),
    'routes-differing': atLatestSpan(differing),
  };

  /**
   * Marks the spans that complete a proof.
   *
   * @param {number} route
   * @param {number} kind
   * @param {Uint8Array} large where the share exceeds stable's by more than `least` in each span
   * @param {number} least
   * @param {Uint8Array} [any] where it exceeds stable's by anything
   */
  function compare(route, kind, large, least, any) {
    let [inRow, largeInRow] = [0, 0];
    for (let span = 0; span < spans; span++) {
      const excess = provenExcess(route, kind, phase + span * pace.span);
      inRow = excess > 0 ? inRow + 1 : 0;
      largeInRow = excess > least ? largeInRow + 1 : 0;
      if (any !== undefined && inRow >= persistence.spans) any[span] = 1;
      if (largeInRow >= persistence.spans) large[span] = 1;
    }
  }

  /** Coalmine has the three counters of a verdict at 0 from the start; a status has no series before its first response. @param {number} kind */
  function isInitialised(kind) {
    return kind === FAILED || kind === SLOW;
  }

  /** By how much the canary's share exceeds stable's in a span; 0 without evidence. @param {number} route @param {number} kind @param {number} end */
  function provenExcess(route, kind, end) {
    const bad = increase(canary.events[route][kind], end, samples, canary.startedAt, isInitialised(kind));
    const all = increase(canary.requests[route], end, samples, canary.startedAt);
    const badOfStable = increase(stable.events[route][kind], end, samples, stable.startedAt, isInitialised(kind));
    const allOfStable = increase(stable.requests[route], end, samples, stable.startedAt);
    if (differenceZ(bad, all, badOfStable, allOfStable) <= persistence.z) return 0;
    return bad / all - badOfStable / allOfStable;
  }
}
