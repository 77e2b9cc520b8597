import { increasesInSpans, isEvidence, markProofs } from './evidence.js';
import { CLASSES, FAILED, SLOW } from './release.js';

const NOT_FOUND = CLASSES.indexOf('404');
const REDIRECTED = CLASSES.indexOf('3xx');
const REFUSED = CLASSES.map((_, kind) => kind).filter((kind) => CLASSES[kind].startsWith('4'));
const TURNED_AWAY = [REDIRECTED, ...REFUSED];
// Without a router that splits the requests, a scanner gets its 404s on one connection, so they are not compared.
const OF_MIDDLEWARE = TURNED_AWAY.filter((kind) => kind !== NOT_FOUND);

/**
 * Returns the questions about requests that no route of the canary serves. Each question is a function that returns whether the
 * difference is proven at a scrape. Both sides are the same program, so they know the same routes.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 * @returns {Record<string, (at: number) => boolean>}
 */
export function questionsOfUnmatched(release, rule) {
  const { canary, stable, routes, scrapes, phase, weightAt } = release;
  const { persistence, grown, pace } = rule;
  const increaseOf = increasesInSpans(release, rule);
  const ofSide = new Map(
    [canary, stable].map((side) => [side, Array.from({ length: routes }, (_, route) => successesOf(side, route))]),
  );
  const spans = Math.floor((scrapes - phase) / pace.span) + 1;
  // The numbers of both sides, by span.
  const both = Array.from({ length: spans }, (_, span) => {
    const [refusing, turningAway] = [mountsIn(span, servedOn), mountsIn(span, succeededOn)];
    return {
      ofCanary: totalsOf(canary, span, refusing, turningAway),
      ofStable: totalsOf(stable, span, refusing, turningAway),
    };
  });
  const [differing, lost] = [new Uint8Array(spans), new Uint8Array(spans)];
  for (const kind of OF_MIDDLEWARE) {
    markProofs(differing, persistence.spans, (span) => isMore(({ ofMiddleware }) => ofMiddleware[kind], 0, both[span]));
  }
  markProofs(differing, persistence.spans, isUnreached);
  markProofs(lost, persistence.spans, (span) => areRedirectsLost(both[span]));
  const latestAt = (/** @type {number} */ at) => Math.floor((at - phase) / pace.span);
  return {
    'unmatched-differing': (at) => differing[latestAt(at)] === 1,
    'routes-lost': (at) => lost[latestAt(at)] === 1,
    ...(weightAt && { 'users-refused': (at) => areUsersRefused(weightAt(at - 1), latestAt(at)) }),
  };

  /** @typedef {ReturnType<typeof totalsOf>} Totals */
  /** @typedef {{ readonly ofCanary: Totals, readonly ofStable: Totals }} Both */

  /**
   * Returns the routes of which a function counts no request on either side: a route that serves nothing may be the mount of a
   * middleware.
   *
   * @param {number} span
   * @param {typeof servedOn} countOn
   */
  function mountsIn(span, countOn) {
    return [...canary.requests.keys()].filter(
      (route) => countOn(canary, route, span) <= 0 && countOn(stable, route, span) <= 0,
    );
  }

  /**
   * Returns the numbers of one side in a span.
   *
   * @param {import('./release.js').Counters} side
   * @param {number} span
   * @param {readonly number[]} refusing the routes that only refuse
   * @param {readonly number[]} turningAway the routes that only refuse and redirect
   */
  function totalsOf(side, span, refusing, turningAway) {
    const ofMiddleware = side.unmatched.map((row) => increaseOf(side, row, span, false));
    const redirects = ofMiddleware[REDIRECTED];
    const unmatched = ofMiddleware.reduce((sum, count) => sum + count, 0);
    let [all, notFound, turnedAway, failed] = [unmatched, ofMiddleware[NOT_FOUND], unmatched, 0];
    for (let route = 0; route < routes; route++) {
      all += increaseOf(side, side.requests[route], span);
      notFound += increaseOf(side, side.events[route][NOT_FOUND], span, false);
      for (const kind of TURNED_AWAY) turnedAway += increaseOf(side, side.events[route][kind], span, false);
      failed += increaseOf(side, side.events[route][FAILED], span);
    }
    let ofAnyMiddleware = unmatched;
    for (const route of turningAway) {
      for (const kind of TURNED_AWAY) ofAnyMiddleware += increaseOf(side, side.events[route][kind], span, false);
    }
    for (const route of refusing) {
      for (const kind of REFUSED) ofMiddleware[kind] += increaseOf(side, side.events[route][kind], span, false);
    }
    return {
      all,
      found: all - notFound,
      notFound,
      redirects,
      unmatched,
      ofMiddleware,
      ofAnyMiddleware,
      turnedAway,
      failed,
    };
  }

  /**
   * Whether the share of some responses is larger on the canary than on stable, by `least` and by more than chance.
   *
   * @param {(of: Totals) => number} badOf
   * @param {number} least
   * @param {Both} both
   */
  function isMore(badOf, least, { ofCanary, ofStable }) {
    const [bad, badOfStable] = [badOf(ofCanary), badOf(ofStable)];
    return (
      bad > 0 &&
      bad / ofCanary.all - badOfStable / ofStable.all > least &&
      isEvidence(persistence, least > 0, bad, ofCanary.all, badOfStable, ofStable.all)
    );
  }

  /** Whether a middleware refused users in each of the spans up to one. @param {number} weight of the canary @param {number} latest span */
  function areUsersRefused(weight, latest) {
    const proof = both.slice(Math.max(0, latest - persistence.spans + 1), latest + 1);
    const promised = ((1 - persistence.large) * weight) / (1 - weight);
    return (
      proof.length === persistence.spans &&
      proof.every(
        (each) =>
          isMore(({ ofAnyMiddleware }) => ofAnyMiddleware, persistence.large, each) && areRefused(each, promised),
      ) &&
      proof.reduce((sum, { ofCanary, ofStable }) => sum + ofCanary.all - promised * ofStable.all, 0) >= 0
    );
  }

  /**
   * Whether the canary turns away users, and so serves less.
   *
   * @param {Both} both
   * @param {number} promised the least number of requests to the canary for each request to stable
   */
  function areRefused({ ofCanary, ofStable }, promised) {
    const notServed = ofStable.turnedAway + ofStable.failed;
    return (
      ofCanary.turnedAway / ofCanary.all - notServed / ofStable.all > persistence.large &&
      ofCanary.all - ofCanary.turnedAway < promised * (ofStable.all - notServed)
    );
  }

  /** Whether the canary has 404s in place of the requests to routes that have none. @param {number} span */
  function isUnreached(span) {
    const { ofCanary, ofStable } = both[span];
    const perRequestOfStable = ofCanary.found / ofStable.found;
    let unreached = 0;
    for (let route = 0; route < routes; route++) {
      if (increaseOf(canary, canary.requests[route], span) > 0) continue;
      const reached = servedOn(stable, route, span) + increaseOf(stable, stable.events[route][FAILED], span);
      const expected = reached * perRequestOfStable;
      if (expected >= persistence.mostEvents) unreached += expected;
    }
    return unreached > 0 && ofCanary.notFound - ofStable.notFound * perRequestOfStable > grown * unreached;
  }

  /** Whether the canary redirects nothing of what stable redirects without a route. @param {Both} both */
  function areRedirectsLost({ ofCanary, ofStable }) {
    if (ofCanary.redirects > 0 || (ofStable.redirects / ofStable.found) * ofCanary.found < persistence.events)
      return false;
    const growth = Math.max(
      ...[
        (/** @type {Totals} */ { notFound }) => notFound,
        (/** @type {Totals} */ { unmatched }) => unmatched,
        (/** @type {Totals} */ { ofMiddleware }) => REFUSED.reduce((sum, kind) => sum + ofMiddleware[kind], 0),
      ].map((counted) => counted(ofCanary) / ofCanary.all - counted(ofStable) / ofStable.all),
    );
    return growth > (grown * ofStable.redirects) / ofStable.all;
  }

  /** Returns the number of requests to a route with a status of success. @param {import('./release.js').Counters} side @param {number} route @param {number} span */
  function succeededOn(side, route, span) {
    return increaseOf(side, ofSide.get(side)[route], span);
  }

  /** Returns the number of requests to a route that succeeded or were redirected. @param {import('./release.js').Counters} side @param {number} route @param {number} span */
  function servedOn(side, route, span) {
    return succeededOn(side, route, span) + increaseOf(side, side.events[route][REDIRECTED], span, false);
  }

  /** Returns the counter of the requests to a route with a status of success. @param {import('./release.js').Counters} side @param {number} route */
  function successesOf({ requests, events }, route) {
    const rest = requests[route].slice();
    for (const [kind, row] of events[route].entries()) {
      if (kind === SLOW) continue;
      for (let i = 0; i < rest.length; i++) rest[i] -= row[i];
    }
    return rest;
  }
}
