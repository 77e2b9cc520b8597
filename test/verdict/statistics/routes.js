import { differenceZ, increase } from './evidence.js';
import { CLASSES, FAILED, SLOW } from './release.js';

// A redirect is no refusal; one refusal in place of another turns nobody away.
const REFUSED = CLASSES.filter((name) => name.startsWith('4'));
const TURNED_AWAY = [['3xx'], REFUSED].map((names) => names.map((name) => CLASSES.indexOf(name)));

/**
 * Returns the questions that compare each route and class of answers with stable. Each is a function that says whether the
 * difference is proven at a scrape.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 * @returns {Record<string, (at: number) => boolean>}
 */
export function questionsOfRoutes(
  { canary, stable, routes, scrapes, phase },
  { persistence, objective, minRequests, pace },
) {
  // One scrape more than a span has, so that consecutive spans share no growth and lose none.
  const samples = pace.span + 1;
  const spans = Math.floor((scrapes - phase) / pace.span) + 1;
  const [failing, slow, turningAway, differing] = Array.from({ length: 4 }, () => new Uint8Array(spans));
  for (let route = 0; route < routes; route++) {
    mark(failing, (end) => provenExcess(route, FAILED, end) > persistence.timesErrorRatio * objective.errorRatio);
    mark(slow, (end) => provenExcess(route, SLOW, end) > persistence.timesOverShare * objective.overShare);
    for (const kinds of TURNED_AWAY) {
      for (const kind of kinds) {
        mark(differing, (end) => provenExcess(route, kind, end) > 0);
        mark(
          turningAway,
          (end) =>
            provenExcess(route, kind, end) > persistence.large && excessOfAll(route, kinds, end) > persistence.large,
        );
      }
    }
  }
  mark(differing, (end) => excessOfService(end) > persistence.large);
  const atLatestSpan = (/** @type {Uint8Array} */ proven) => (/** @type {number} */ at) =>
    proven[Math.floor((at - phase) / pace.span)] === 1;
  return {
    'routes-failing': atLatestSpan(failing),
    'routes-slow': atLatestSpan(slow),
    'routes-turning-away': atLatestSpan(turningAway),
    'routes-differing': atLatestSpan(differing),
  };

  /** Marks the spans that complete a proof. @param {Uint8Array} proven @param {(end: number) => boolean} holds whether a span holds evidence */
  function mark(proven, holds) {
    let inRow = 0;
    for (let span = 0; span < spans; span++) {
      inRow = holds(phase + span * pace.span) ? inRow + 1 : 0;
      if (inRow >= persistence.spans) proven[span] = 1;
    }
  }

  /** Coalmine has the three counters of a verdict at 0 from the start; a status has no series before its first response. @param {number} kind */
  function isInitialised(kind) {
    return kind === FAILED || kind === SLOW;
  }

  /** By how much the canary's share exceeds stable's in a span; 0 without evidence. @param {number} route @param {number} kind @param {number} end */
  function provenExcess(route, kind, end) {
    const [bad, badOfStable] = [canary, stable].map((side) => eventsOf(side, route, [kind], end));
    const [all, allOfStable] = [canary, stable].map((side) => requestsOf(side, route, end));
    if (differenceZ(bad, all, badOfStable, allOfStable) <= persistence.z) return 0;
    return bad / all - badOfStable / allOfStable;
  }

  /** By how much the canary's share of several kinds exceeds stable's of these and of failures. @param {number} route @param {readonly number[]} kinds @param {number} end */
  function excessOfAll(route, kinds, end) {
    return (
      eventsOf(canary, route, kinds, end) / requestsOf(canary, route, end) -
      eventsOf(stable, route, [...kinds, FAILED], end) / requestsOf(stable, route, end)
    );
  }

  /** By how much the canary turns more requests away than stable's share of each route promises. @param {number} end */
  function excessOfService(end) {
    const kinds = TURNED_AWAY.flat();
    let [excess, requests, requestsToAll] = [0, 0, 0];
    for (let route = 0; route < routes; route++) {
      const [bad, badOfStable] = [kinds, [...kinds, FAILED]].map((of, i) =>
        eventsOf(i === 0 ? canary : stable, route, of, end),
      );
      const [all, allOfStable] = [canary, stable].map((side) => requestsOf(side, route, end));
      requestsToAll += all;
      if (!(allOfStable > 0)) continue;
      excess += bad - (badOfStable / allOfStable) * all;
      requests += all;
    }
    return requestsToAll >= 5 * minRequests ? excess / requests : 0;
  }

  /** @param {import('./release.js').Counters} side @param {number} route @param {number} end */
  function requestsOf({ requests, startedAt }, route, end) {
    return increase(requests[route], end, samples, startedAt);
  }

  /** @param {import('./release.js').Counters} side @param {number} route @param {readonly number[]} kinds @param {number} end */
  function eventsOf({ events, startedAt }, route, kinds, end) {
    let sum = 0;
    for (const kind of kinds) sum += increase(events[route][kind], end, samples, startedAt, isInitialised(kind));
    return sum;
  }
}
