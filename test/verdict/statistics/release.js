import { createDraws } from './draws.js';

/**
 * The counters of one side at each scrape, as if it had one pod.
 *
 * @typedef {object} Counters
 * @property {number} startedAt the last scrape before its pod started
 * @property {readonly Int32Array[]} requests by route
 * @property {readonly (readonly Int32Array[])[]} events by route and class
 * @property {readonly Int32Array[]} unmatched responses to requests that no route matches, by class
 * @property {Int32Array} overdue requests that are in flight for longer than the patience; no counter
 */

/**
 * @typedef {object} Release
 * @property {number} routes
 * @property {number} scrapes
 * @property {number} startedAt the last scrape before the release started
 * @property {number} phase the scrape that ends the first span
 * @property {((scrape: number) => number)} [weightAt] the share of the requests that a router sends to the canary; none after a switch
 * @property {Counters} canary
 * @property {Counters} stable
 */

/**
 * The fault of a canary: a share of the requests of one route, or of all routes, gets another response.
 *
 * @typedef {object} Fault
 * @property {string} class
 * @property {number} share of the requests that get it
 * @property {number} [ofTraffic] share of the service's requests that the route has; all routes if left out
 * @property {'requests' | 'redirects'} [unmatched] whether these requests match no route any more, or whether the requests that match
 *   no route on either side are redirected no more
 */

/**
 * @typedef {object} Setting
 * @property {number} perSecond requests of the whole service
 * @property {number} routes
 * @property {readonly number[]} weights share of the canary in each step
 * @property {number} scrapesOfStep
 * @property {number} scrapeSeconds
 * @property {number} scrapesOfSpan
 * @property {readonly Disturbance[]} disturbances
 * @property {Objective} objective
 * @property {number} used the largest share of its objective that the service uses up
 * @property {boolean} [isUsedUp] whether the service uses up exactly that share
 * @property {Fault} [fault]
 * @property {boolean} [isSwitched] whether all users move to the canary at once, as after the switch of a blue-green release
 */

/** @typedef {'trouble' | 'client' | 'retries' | 'bots'} Disturbance */
/** @typedef {{ readonly errorRatio: number, readonly overShare: number }} Objective */

/** The classes of responses that the simulation distinguishes. */
export const CLASSES = ['3xx', '401', '403', '404', '429', '4xx', 'failed', 'slow'];
export const FAILED = CLASSES.indexOf('failed');
export const SLOW = CLASSES.indexOf('slow');

// Scrapes of stable alone before the release starts: more than any window. After a switch, stable is compared with minutes before it.
const BEFORE = 16;
const BEFORE_SWITCH = 40;
// Scrapes of the pods of a preview before the switch.
const OF_PREVIEW = 8;
// The median share of each class on a route; routes differ from it by a factor of about a hundred.
const USUAL = [0.02, 0.01, 0.003, 0.02, 0.002, 0.01, 0.001, 0.01];
const SPREAD = 1.5;
const MOST = 0.3;
// The share of the traffic that no route matches, by class: a middleware redirects or refuses, and scanners find nothing.
const UNMATCHED = new Map(
  Object.entries({ '3xx': 0.02, 401: 0.01, 404: 0.02, 429: 0.002 }).map(([name, share]) => [
    CLASSES.indexOf(name),
    share,
  ]),
);
// The classes of the responses to a scanner.
const SCANNED = [...UNMATCHED.keys()];
// Half of the failed requests hang: they are overdue when the patience has passed, and for as long again.
const HUNG = 0.5;
const PATIENCE_SECONDS = 30;
// The classes of the responses to a confused client, which are mostly 404.
const CONFUSED = ['3xx', '401', '403', '404', '404', '404', '429', '4xx'].map((name) => CLASSES.indexOf(name));
const RETRIED = ['401', '429', 'failed'].map((name) => CLASSES.indexOf(name));
const RETRIED_FIRST = [...RETRIED, ...CLASSES.map((_, i) => i).filter((kind) => !RETRIED.includes(kind))];
const RETRIES = 2;
const FAILS_AGAIN = 0.7;
// The number of requests that one failure leads to.
const ATTEMPTS = Array.from({ length: RETRIES + 1 }, (_, i) => FAILS_AGAIN ** i).reduce((sum, share) => sum + share, 0);

/**
 * Simulates a release. Without a fault, canary and stable are the same program, so every rollback is false.
 *
 * @param {Setting} setting
 * @param {() => number} random
 * @param {Counters[]} [counters] arrays of an earlier release of this setting, to reuse
 * @returns {Release}
 */
export function simulateRelease(setting, random, counters = bothSides(setting)) {
  const { perSecond, routes, weights, scrapesOfStep, scrapeSeconds, scrapesOfSpan, disturbances, fault } = setting;
  const draws = createDraws(random);
  const before = scrapesBefore(setting);
  const scrapes = before + weights.length * scrapesOfStep;
  const phase = Math.floor(random() * scrapesOfSpan);
  const weightAt = (/** @type {number} */ scrape) =>
    scrape < before ? 0 : weights[Math.floor((scrape - before) / scrapesOfStep)];
  // The route with a fault is the last, so that the other routes are equal to the routes of a release without a fault.
  const broken = fault?.ofTraffic === undefined ? undefined : routes - 1;
  const traffic = sharesOfTraffic(routes, broken, fault?.ofTraffic);
  const usual = usualShares(setting, traffic, draws);
  const [canary, stable] = counters;
  const sides = [
    { counters: canary, weights },
    { counters: stable, weights: weights.map((weight) => 1 - weight) },
  ];
  for (const { unmatched } of counters) {
    for (const row of unmatched) row.fill(0);
  }
  const troubles = disturbances.includes('trouble') ? drawTroubles() : [];

  for (let route = 0; route < routes; route++) {
    const perScrape = perSecond * scrapeSeconds * traffic[route];
    for (const side of sides) {
      const row = side.counters.requests[route].fill(0);
      if (side.counters === stable) draws.addPoisson(row, 0, before, perScrape);
      side.weights.forEach((weight, step) => {
        draws.addPoisson(row, before + step * scrapesOfStep, scrapesOfStep, perScrape * weight);
      });
      if (side.counters === canary && fault?.unmatched === 'requests') unmatch(row, route, fault);
    }
    // Retries are requests as well, so the classes that are retried come first.
    for (const kind of RETRIED_FIRST) answer(route, kind);
  }
  if (disturbances.includes('client')) addClients({ every: 120, routesOfOne: 1 });
  if (disturbances.includes('bots')) addClients({ every: 120, routesOfOne: 5 });
  addUnmatched();
  if (disturbances.includes('bots')) addScanners({ every: 600, perSecond: 10 });
  // Until here, each element is the count since the previous scrape.
  for (const side of counters) {
    hang(side);
    side.requests.forEach(addUp);
    side.unmatched.forEach(addUp);
    for (const classes of side.events) classes.forEach(addUp);
  }
  return { routes, scrapes, startedAt: before, phase, canary, stable, ...(!setting.isSwitched && { weightAt }) };

  /** @param {number} route @param {number} kind */
  function answer(route, kind) {
    const share = usual[route * CLASSES.length + kind];
    const shocks = disturbances.includes('trouble') ? drawShocks(share) : [];
    for (const { counters } of sides) {
      const requests = counters.requests[route];
      const events = counters.events[route][kind].fill(0);
      draws.addSuccesses(
        requests,
        sumOf(requests),
        events,
        counters === canary ? withFault(share, route, kind) : share,
      );
      for (const [scrape, more] of shocks) worsen(requests, events, scrape, more);
      if (kind === FAILED || kind === SLOW) {
        for (const [scrape, more] of troubles) worsen(requests, events, scrape, more);
      }
      if (disturbances.includes('retries') && RETRIED.includes(kind)) retry(requests, events);
    }
  }

  /** @param {number} share @param {number} route @param {number} kind */
  function withFault(share, route, kind) {
    if (fault === undefined || fault.unmatched !== undefined || CLASSES[kind] !== fault.class || !isBroken(route))
      return share;
    return share + (1 - share) * fault.share;
  }

  /** @param {Int32Array} requests @param {Int32Array} events @param {number} scrape @param {number} share */
  function worsen(requests, events, scrape, share) {
    events[scrape] += draws.successes(requests[scrape] - events[scrape], share);
  }

  /** Sends each request that failed up to two more times, to the same pod. @param {Int32Array} requests @param {Int32Array} events */
  function retry(requests, events) {
    for (let i = 0; i < scrapes; i++) {
      let more = 0;
      for (let first = 0; first < events[i]; first++) {
        for (let times = 0; times < RETRIES && random() < FAILS_AGAIN; times++) more += 1;
      }
      events[i] += more;
      requests[i] += more;
    }
  }

  /** Adds trouble of both sides at the same time, on all routes: a dependency that is down every ten minutes, for up to two minutes. */
  function drawTroubles() {
    /** @type {[number, number][]} */
    const found = [];
    for (let from = 0; from < scrapes; from++) {
      if (random() >= scrapeSeconds / 600) continue;
      const share = 0.02 + 0.3 * random();
      const to = from + Math.ceil((random() * 120) / scrapeSeconds);
      for (let i = from; i < Math.min(to, scrapes); i++) found.push([i, share]);
    }
    return found;
  }

  /** Adds trouble of both sides on one route and class: half a minute in a hundred minutes, with ten times the usual share. @param {number} share */
  function drawShocks(share) {
    /** @type {[number, number][]} */
    const found = [];
    const lasts = Math.ceil(30 / scrapeSeconds);
    for (let from = draws.geometric(100) - 1; from * lasts < scrapes; from += draws.geometric(100)) {
      const times = -5 * Math.log((1 - random()) * (1 - random()));
      const more = Math.min(0.9, share * times) - share;
      for (let i = from * lasts; i < Math.min((from + 1) * lasts, scrapes); i++) found.push([i, Math.max(0, more)]);
    }
    return found;
  }

  /**
   * Adds clients that make mistakes, each on one connection and so on one side: one client in each period of `every` seconds, for up
   * to two minutes, with a request every two seconds on average, on one route or spread over several routes.
   *
   * @param {{ readonly every: number, readonly routesOfOne: number }} clients
   */
  function addClients({ every, routesOfOne }) {
    for (let from = 0; from < scrapes; from++) {
      if (random() >= scrapeSeconds / every) continue;
      const { counters } = sides[random() < weightAt(from) ? 0 : 1];
      const to = from + Math.ceil((random() * 120) / scrapeSeconds);
      const asked = 1 + Math.floor(random() * routesOfOne);
      const perScrape = (draws.geometric(15) * scrapeSeconds) / (30 * asked);
      for (let i = 0; i < asked; i++) {
        const route = random() < 0.5 ? Math.floor(random() * routes) : drawRoute();
        const kind = CONFUSED[Math.floor(random() * CONFUSED.length)];
        const [requests, events] = [counters.requests[route], counters.events[route][kind]];
        for (let scrape = from; scrape < Math.min(to, scrapes); scrape++) {
          const more = draws.poisson(perScrape);
          requests[scrape] += more;
          events[scrape] += more;
        }
      }
    }
  }

  /** @param {number} route */
  function isBroken(route) {
    return broken === undefined || broken === route;
  }

  /** Takes requests away from a route of the canary, which matches them no more. @param {Int32Array} requests @param {number} route @param {Fault} fault */
  function unmatch(requests, route, { class: name, share }) {
    if (!isBroken(route)) return;
    requests.forEach((count, i) => {
      const moved = draws.successes(count, share);
      requests[i] -= moved;
      canary.unmatched[CLASSES.indexOf(name)][i] += moved;
    });
  }

  /** Adds the requests that no route matches. */
  function addUnmatched() {
    for (const { counters, weights: ofSide } of sides) {
      for (const [kind, share] of UNMATCHED) {
        const isLost = counters === canary && fault?.unmatched === 'redirects' && CLASSES[kind] === '3xx';
        const row = counters.unmatched[isLost ? CLASSES.indexOf(fault.class) : kind];
        const perScrape = perSecond * scrapeSeconds * share;
        if (counters === stable) draws.addPoisson(row, 0, before, perScrape);
        ofSide.forEach((weight, step) => {
          draws.addPoisson(row, before + step * scrapesOfStep, scrapesOfStep, perScrape * weight);
        });
      }
    }
  }

  /**
   * Adds scanners that ask for paths without a route, each on one connection and so on one side: one scanner in each period of `every`
   * seconds, for up to two minutes. It gets responses of one class.
   *
   * @param {{ readonly every: number, readonly perSecond: number }} scanners
   */
  function addScanners({ every, perSecond }) {
    for (let from = 0; from < scrapes; from++) {
      if (random() >= scrapeSeconds / every) continue;
      const { counters } = sides[random() < weightAt(from) ? 0 : 1];
      const row = counters.unmatched[SCANNED[Math.floor(random() * SCANNED.length)]];
      const to = from + Math.ceil((random() * 120) / scrapeSeconds);
      for (let scrape = from; scrape < Math.min(to, scrapes); scrape++)
        row[scrape] += draws.poisson(perSecond * scrapeSeconds);
    }
  }

  /** Sets how many requests hang at each scrape. @param {Counters} side */
  function hang({ events, overdue }) {
    const patience = Math.ceil(PATIENCE_SECONDS / scrapeSeconds);
    overdue.fill(0);
    for (const classes of events) {
      classes[FAILED].forEach((failed, scrape) => {
        const hanging = Math.round(HUNG * failed);
        const end = Math.min(scrape + 2 * patience, scrapes);
        for (let i = scrape + patience; i < end; i++) overdue[i] += hanging;
      });
    }
  }

  /** Returns a route with the probability that users choose it. */
  function drawRoute() {
    let rest = random();
    return Math.max(
      0,
      traffic.findIndex((share) => {
        rest -= share;
        return rest < 0;
      }),
    );
  }
}

/** @param {Int32Array} row */
function sumOf(row) {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i];
  return sum;
}

/** Replaces each element by the sum of all elements up to it. @param {Int32Array} row */
function addUp(row) {
  for (let i = 1; i < row.length; i++) row[i] += row[i - 1];
}

/** Returns the counters of canary and stable, which {@link simulateRelease} fills. @param {Setting} setting @returns {Counters[]} */
export function bothSides(setting) {
  const { routes, weights, scrapesOfStep, isSwitched = false } = setting;
  const before = scrapesBefore(setting);
  const row = () => new Int32Array(before + weights.length * scrapesOfStep);
  const side = (/** @type {number} */ startedAt) => ({
    startedAt,
    requests: Array.from({ length: routes }, row),
    events: Array.from({ length: routes }, () => CLASSES.map(row)),
    unmatched: CLASSES.map(row),
    overdue: row(),
  });
  return [side(isSwitched ? before - OF_PREVIEW : before), side(0)];
}

/** @param {Setting} setting */
function scrapesBefore({ isSwitched = false }) {
  return isSwitched ? BEFORE_SWITCH : BEFORE;
}

/**
 * Returns shares of the traffic by Zipf's law, with a given share for one route.
 *
 * @param {number} routes
 * @param {number} [route]
 * @param {number} [share]
 */
function sharesOfTraffic(routes, route, share = 0) {
  const ranks = Array.from({ length: routes }, (_, i) => (i === route ? 0 : (i + 1) ** -1.1));
  const sum = ranks.reduce((all, rank) => all + rank, 0);
  return ranks.map((rank, i) => (i === route ? share : (rank / sum) * (1 - share)));
}

/**
 * Returns the share of each class on each route. A service that keeps its objective uses up at most a part of it, so its failed and
 * slow requests are scaled down to this part.
 *
 * @param {Setting} setting
 * @param {readonly number[]} traffic
 * @param {ReturnType<typeof createDraws>} draws
 */
function usualShares({ routes, objective, used, isUsedUp, disturbances }, traffic, draws) {
  const shares = Float64Array.from({ length: routes * CLASSES.length }, (_, i) =>
    Math.min(MOST, USUAL[i % CLASSES.length] * Math.exp(SPREAD * draws.normal())),
  );
  const attempts = disturbances.includes('retries') ? ATTEMPTS : 1;
  for (const [kind, most] of [
    [FAILED, (used * objective.errorRatio) / attempts],
    [SLOW, used * objective.overShare],
  ]) {
    const all = traffic.reduce((sum, share, route) => sum + share * shares[route * CLASSES.length + kind], 0);
    if (all <= most && !isUsedUp) continue;
    for (let route = 0; route < routes; route++) shares[route * CLASSES.length + kind] *= most / all;
  }
  return shares;
}
