import { increasesInSpans, isEvidence, markProofs } from './evidence.js';
import { CLASSES, FAILED, SLOW } from './release.js';

// A redirect is no refusal. A refusal instead of another refusal turns no more users away.
const REFUSED = CLASSES.filter((name) => name.startsWith('4'));
const TURNED_AWAY = [['3xx'], REFUSED].map((names) => names.map((name) => CLASSES.indexOf(name)));
const NOT_SERVED = TURNED_AWAY.flat();

/**
 * Returns the questions that compare each route and class of responses with stable. Each question is a function that returns
 * whether the difference is proven at a scrape.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 * @returns {Record<string, (at: number) => boolean>}
 */
export function questionsOfRoutes(release, rule) {
  const { canary, stable, routes, scrapes, phase } = release;
  const { persistence, objective, minRequests, pace } = rule;
  const increaseOf = increasesInSpans(release, rule);
  const spans = Math.floor((scrapes - phase) / pace.span) + 1;
  const [failing, slow, turningAway, differing] = Array.from({ length: 4 }, () => new Uint8Array(spans));
  // The numbers of the current route, by span.
  const [all, allOfStable, excess] = Array.from({ length: 3 }, () => new Float64Array(spans));
  // The numbers of all routes, by span: requests, requests to routes that stable serves, and how many more of them are turned away.
  const [ofService, compared, turnedAway] = Array.from({ length: 3 }, () => new Float64Array(spans));
  for (let route = 0; route < routes; route++) {
    for (let span = 0; span < spans; span++) {
      all[span] = increaseOf(canary, canary.requests[route], span);
      allOfStable[span] = increaseOf(stable, stable.requests[route], span);
      ofService[span] += all[span];
      if (all[span] === 0 || allOfStable[span] === 0) continue;
      compared[span] += all[span];
      turnedAway[span] += excessOfAll(route, NOT_SERVED, span) * all[span];
    }
    if (hasExcess(route, FAILED, true)) {
      mark(failing, (span) => excess[span] > persistence.timesErrorRatio * objective.errorRatio);
    }
    if (hasExcess(route, SLOW, true)) {
      mark(slow, (span) => excess[span] > persistence.timesOverShare * objective.overShare);
    }
    for (const kinds of TURNED_AWAY) {
      for (const kind of kinds) {
        if (hasExcess(route, kind, true)) {
          mark(
            turningAway,
            (span) => excess[span] > persistence.large && excessOfAll(route, kinds, span) > persistence.large,
          );
        }
        if (hasExcess(route, kind, false)) mark(differing, (span) => excess[span] > 0);
      }
    }
  }
  mark(
    differing,
    (span) => ofService[span] >= 5 * minRequests && turnedAway[span] / compared[span] > persistence.large,
  );
  const atLatestSpan = (/** @type {Uint8Array} */ proven) => (/** @type {number} */ at) =>
    proven[Math.floor((at - phase) / pace.span)] === 1;
  return {
    'routes-failing': atLatestSpan(failing),
    'routes-slow': atLatestSpan(slow),
    'routes-turning-away': atLatestSpan(turningAway),
    'routes-differing': atLatestSpan(differing),
  };

  /** @param {Uint8Array} proven @param {(span: number) => boolean} holds */
  function mark(proven, holds) {
    markProofs(proven, persistence.spans, holds);
  }

  /** Coalmine has the three counters of a verdict at 0 from the start; a status has no series before its first response. @param {number} kind */
  function isInitialised(kind) {
    return kind === FAILED || kind === SLOW;
  }

  /**
   * Sets the difference by which the canary's share exceeds stable's in each span, or 0 without evidence. Returns whether it exceeds
   * stable's in any span.
   *
   * @param {number} route
   * @param {number} kind
   * @param {boolean} isLarge whether the difference must also be large
   */
  function hasExcess(route, kind, isLarge) {
    let isAny = false;
    for (let span = 0; span < spans; span++) {
      excess[span] = provenExcess(route, kind, span, isLarge);
      if (excess[span] > 0) isAny = true;
    }
    return isAny;
  }

  /** @param {number} route @param {number} kind @param {number} span @param {boolean} isLarge */
  function provenExcess(route, kind, span, isLarge) {
    const bad = eventsOf(canary, route, kind, span);
    // This holds for most spans of most routes: no share of stable is below the canary's.
    if (bad === 0) return 0;
    const badOfStable = eventsOf(stable, route, kind, span);
    const more = bad / all[span] - badOfStable / allOfStable[span];
    return more > 0 && isEvidence(persistence, isLarge, bad, all[span], badOfStable, allOfStable[span]) ? more : 0;
  }

  /** By how much the canary's share of several kinds exceeds stable's of these and of failures. @param {number} route @param {readonly number[]} kinds @param {number} span */
  function excessOfAll(route, kinds, span) {
    let [bad, badOfStable] = [0, eventsOf(stable, route, FAILED, span)];
    for (const kind of kinds) {
      bad += eventsOf(canary, route, kind, span);
      badOfStable += eventsOf(stable, route, kind, span);
    }
    return bad / all[span] - badOfStable / allOfStable[span];
  }

  /** @param {import('./release.js').Counters} side @param {number} route @param {number} kind @param {number} span */
  function eventsOf(side, route, kind, span) {
    return increaseOf(side, side.events[route][kind], span, isInitialised(kind));
  }
}
