import { differenceZ, increase } from './evidence.js';
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
export function questionsOfUnmatched(
  { canary, stable, routes, scrapes, phase, weightAt },
  { persistence, grown, pace },
) {
  const samples = pace.span + 1;
  const ofSide = new Map(
    [canary, stable].map((side) => [side, Array.from({ length: routes }, (_, route) => successesOf(side, route))]),
  );
  /** @type {{ readonly ofCanary: Totals, readonly ofStable: Totals }[]} the numbers of both sides, by span */
  const both = [];
  const differing = proofs();
  const lost = proofs();
  for (let span = 0; span < Math.floor((scrapes - phase) / pace.span) + 1; span++) {
    const ofCanary = totalsOf(canary, span);
    const ofStable = totalsOf(stable, span);
    both.push({ ofCanary, ofStable });
    for (const kind of OF_MIDDLEWARE) differing.add(CLASSES[kind], span, isMore(kind, 0, ofCanary, ofStable));
    differing.add('unreached', span, isUnreached(ofCanary, ofStable, span));
    lost.add('redirects', span, areRedirectsLost(ofCanary, ofStable));
  }
  const atLatestSpan = (/** @type {ReturnType<typeof proofs>} */ of) => (/** @type {number} */ at) =>
    of.areProvenAt(Math.floor((at - phase) / pace.span));
  return {
    'unmatched-differing': atLatestSpan(differing),
    'routes-lost': atLatestSpan(lost),
    ...(weightAt && {
      'users-refused': (at) => areUsersRefused(weightAt(at - 1), Math.floor((at - phase) / pace.span)),
    }),
  };

  /** @typedef {ReturnType<typeof totalsOf>} Totals */

  /** Returns the numbers of one side in a span. @param {import('./release.js').Counters} side @param {number} span */
  function totalsOf(side, span) {
    const ofMiddleware = side.unmatched.map((row) => increaseOf(side, row, span, false));
    const redirects = ofMiddleware[REDIRECTED];
    const unmatched = ofMiddleware.reduce((sum, count) => sum + count, 0);
    let [all, notFound, turnedAway, failed] = [unmatched, ofMiddleware[NOT_FOUND], unmatched, 0];
    for (let route = 0; route < routes; route++) {
      all += increaseOf(side, side.requests[route], span);
      notFound += increaseOf(side, side.events[route][NOT_FOUND], span, false);
      for (const kind of TURNED_AWAY) turnedAway += increaseOf(side, side.events[route][kind], span, false);
      failed += increaseOf(side, side.events[route][FAILED], span);
      if (servedOn(canary, route, span) > 0 || servedOn(stable, route, span) > 0) continue;
      // A route that only refuses may be the mount of a middleware.
      for (const kind of REFUSED) ofMiddleware[kind] += increaseOf(side, side.events[route][kind], span, false);
    }
    return { all, found: all - notFound, notFound, redirects, unmatched, ofMiddleware, turnedAway, failed };
  }

  /**
   * Whether the share of the responses of a middleware is larger on the canary than on stable, by `least` and by more than chance.
   *
   * @param {number} kind
   * @param {number} least
   * @param {Totals} ofCanary
   * @param {Totals} ofStable
   */
  function isMore(kind, least, ofCanary, ofStable) {
    const [bad, badOfStable] = [ofCanary.ofMiddleware[kind], ofStable.ofMiddleware[kind]];
    return (
      bad > 0 &&
      bad / ofCanary.all - badOfStable / ofStable.all > least &&
      differenceZ(bad, ofCanary.all, badOfStable, ofStable.all) > persistence.z
    );
  }

  /** Whether a middleware refused users in each of the spans up to one. @param {number} weight of the canary @param {number} latest span */
  function areUsersRefused(weight, latest) {
    const spans = both.slice(Math.max(0, latest - persistence.spans + 1), latest + 1);
    return (
      spans.length === persistence.spans &&
      OF_MIDDLEWARE.some((kind) =>
        spans.every(
          ({ ofCanary, ofStable }) =>
            isMore(kind, persistence.large, ofCanary, ofStable) &&
            areRefusedOf(ofCanary, ofStable, weight / (1 - weight)),
        ),
      )
    );
  }

  /**
   * Whether the canary turns away users who arrive, and so serves less.
   *
   * @param {Totals} ofCanary
   * @param {Totals} ofStable
   * @param {number} odds of the canary
   */
  function areRefusedOf(ofCanary, ofStable, odds) {
    const notServed = ofStable.turnedAway + ofStable.failed;
    const promised = (1 - persistence.large) * odds;
    return (
      ofCanary.turnedAway / ofCanary.all - notServed / ofStable.all > persistence.large &&
      ofCanary.all >= promised * ofStable.all &&
      ofCanary.all - ofCanary.turnedAway < promised * (ofStable.all - notServed)
    );
  }

  /** Whether the canary has 404s in place of the requests to routes that have none. @param {Totals} ofCanary @param {Totals} ofStable @param {number} span */
  function isUnreached(ofCanary, ofStable, span) {
    const perRequestOfStable = ofCanary.found / ofStable.found;
    let unreached = 0;
    for (let route = 0; route < routes; route++) {
      if (increaseOf(canary, canary.requests[route], span) > 0) continue;
      const expected = servedOn(stable, route, span) * perRequestOfStable;
      if (expected >= persistence.mostEvents) unreached += expected;
    }
    return unreached > 0 && ofCanary.notFound - ofStable.notFound * perRequestOfStable > grown * unreached;
  }

  /** Whether the canary redirects nothing of what stable redirects without a route. @param {Totals} ofCanary @param {Totals} ofStable */
  function areRedirectsLost(ofCanary, ofStable) {
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

  /** Returns the number of requests to a route that were not refused. @param {import('./release.js').Counters} side @param {number} route @param {number} span */
  function servedOn(side, route, span) {
    const succeeded = increaseOf(side, ofSide.get(side)[route], span);
    const redirected = increaseOf(side, side.events[route][REDIRECTED], span, false);
    return succeeded + redirected + increaseOf(side, side.events[route][FAILED], span);
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

  /** @param {import('./release.js').Counters} side @param {Int32Array} counter @param {number} span */
  function increaseOf(side, counter, span, isInitialised = true) {
    // After a switch, stable is compared earlier.
    const end = phase + span * pace.span - (side === stable ? pace.earlier : 0);
    return increase(counter, end, samples, side.startedAt, isInitialised);
  }

  /** Returns what is proven by spans in a row. */
  function proofs() {
    /** @type {Map<string, number>} */
    const inRow = new Map();
    /** @type {Set<number>} */
    const proven = new Set();
    return {
      /** @param {string} name @param {number} span @param {boolean} holds whether the span holds evidence */
      add(name, span, holds) {
        const spans = holds ? (inRow.get(name) ?? 0) + 1 : 0;
        inRow.set(name, spans);
        if (spans >= persistence.spans) proven.add(span);
      },
      /** @param {number} span */
      areProvenAt: (span) => proven.has(span),
    };
  }
}
