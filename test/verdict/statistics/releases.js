import { chance } from '../chance.js';

/**
 * Simulated releases: what canary and stable count, route by route, in ticks of half a minute.
 *
 * @typedef {object} Release
 * @property {number} ticks
 * @property {number} routes
 * @property {Side} canary
 * @property {Side} stable
 *
 * @typedef {object} Side requests by tick and route, and events by tick, route and class of {@link CLASSES}
 * @property {Int32Array} requests
 * @property {Int32Array} events
 */

/** What a request can be besides well. The first six turn a user away; then failures of the server, and slow answers. */
export const CLASSES = ['3xx', '401', '403', '404', '429', '4xx', '5xx', 'slow'];
/** How often each is, on the average of all routes: each route and class differs from it by up to a hundredfold. */
const BASE = [0.02, 0.01, 0.003, 0.02, 0.002, 0.01, 0.001, 0.01];
export const [FAILED, SLOW] = [6, 7];
const RETRIED = new Set([4, FAILED, SLOW]);

export const TICK_SECONDS = 30;
/** Weights of the steps, and how many ticks each is held. */
export const WEIGHTS = [0.05, 0.2, 0.5];
export const TICKS_PER_STEP = 13;

/** @typedef {'equal' | 'shared' | 'clients' | 'retries' | 'bots'} Kind */

/** The kinds of good releases: both sides are the same program. */
export const KINDS = /** @type {const} */ ({
  equal: 'both sides equal',
  shared: 'both suffer at the same times',
  clients: 'a client goes wrong on one connection, for up to 2 minutes every 2 minutes',
  retries: 'what failed, was refused for its rate or was slow is sent again, up to three times',
  bots: 'crawlers, to whom a third of the pages is gone, for up to 3 minutes every 5 minutes, on one connection each',
});

/**
 * @param {object} options
 * @param {number} options.perSecond requests to the service, canary and stable together
 * @param {number} options.seed
 * @param {Kind} [options.kind]
 * @param {(route: number, kind: number, share: number) => number} [options.effect] the canary's share of a class, of stable's
 * @returns {Release}
 */
export function simulate({ perSecond, seed, kind = 'equal', effect }) {
  const random = chance(seed);
  const draw = createDraws(random);
  const routes = Math.max(5, Math.min(100, Math.round(10 * Math.sqrt(perSecond / 2))));
  const kinds = CLASSES.length;
  const ticks = WEIGHTS.length * TICKS_PER_STEP;
  const shares = zipf(routes);
  const rates = Float64Array.from({ length: routes * kinds }, (_, i) =>
    Math.min(0.3, BASE[i % kinds] * Math.exp(1.5 * draw.normal() - 1.125)),
  );
  // The service keeps its objective, also where what failed is sent again.
  for (let route = 0; route < routes; route++) {
    for (const [k, most] of [
      [FAILED, 0.005],
      [SLOW, 0.025],
    ]) {
      rates[route * kinds + k] = Math.min(most, rates[route * kinds + k]);
    }
  }

  const release = { ticks, routes, canary: side(), stable: side() };
  for (let tick = 0; tick < ticks; tick++) {
    const weight = WEIGHTS[Math.floor(tick / TICKS_PER_STEP)];
    for (let route = 0; route < routes; route++) {
      const canary = draw.poisson(perSecond * TICK_SECONDS * weight * shares[route]);
      const stable = draw.poisson(perSecond * TICK_SECONDS * (1 - weight) * shares[route]);
      release.canary.requests[tick * routes + route] = canary;
      release.stable.requests[tick * routes + route] = stable;
      for (let k = 0; k < kinds; k++) {
        const rate = rates[route * kinds + k] * (kind === 'shared' && random() < 0.01 ? draw.gamma() : 1);
        const share = Math.min(0.9, rate);
        count(release.canary, tick * routes + route, k, canary, effect === undefined ? share : effect(route, k, share));
        count(release.stable, tick * routes + route, k, stable, share);
      }
    }
  }
  if (kind === 'clients') visits({ every: 4, longest: 4, classes: [0, 1, 2, 3, 3, 3, 4, 5], wrong: 1, perTick: 20 });
  if (kind === 'bots') visits({ every: 10, longest: 6, classes: [3, 3, 0, 5], wrong: 1 / 3, perTick: 60 });
  return release;

  /** @returns {Side} */
  function side() {
    return { requests: new Int32Array(ticks * routes), events: new Int32Array(ticks * routes * kinds) };
  }

  /** Counts how many of some requests are of a class, and what is sent again for them: half of it meets the same. */
  function count({ requests, events }, cell, k, asked, share) {
    const first = draw.binomial(asked, share);
    let again = 0;
    if (kind === 'retries' && RETRIED.has(k)) for (let i = 0; i < first; i++) again += Math.floor(4 * random());
    requests[cell] += again;
    events[cell * kinds + k] += first + draw.binomial(again, 0.5);
  }

  /** Visits of one client each, which stays on one connection, and so on one side. */
  function visits({ every, longest, classes, wrong, perTick }) {
    for (let from = 0; from < ticks; from++) {
      if (random() >= 1 / every) continue;
      const weight = WEIGHTS[Math.floor(from / TICKS_PER_STEP)];
      const { requests, events: counted } = random() < weight ? release.canary : release.stable;
      const kindOfVisit = classes[Math.floor(random() * classes.length)];
      const only = pick(shares, random());
      const rate = Math.ceil(-Math.log(1 - random()) * perTick);
      const until = Math.min(ticks, from + 1 + Math.floor(random() * longest));
      for (let tick = from; tick < until; tick++) {
        for (let i = 0; i < rate; i++) {
          const cell = tick * routes + (wrong === 1 ? only : Math.floor(random() * routes));
          requests[cell] += 1;
          if (random() < wrong) counted[cell * kinds + kindOfVisit] += 1;
        }
      }
    }
  }
}

function zipf(routes) {
  const weights = Float64Array.from({ length: routes }, (_, i) => (i + 1) ** -1.1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function pick(shares, random) {
  let rest = random;
  for (let i = 0; i < shares.length; i++) {
    rest -= shares[i];
    if (rest < 0) return i;
  }
  return shares.length - 1;
}

/** Numbers of the usual distributions, out of numbers from 0 to 1. */
function createDraws(random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const poisson = (mean) => {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = random(); product > limit; product *= random()) count += 1;
    return count;
  };
  return {
    normal,
    poisson,
    /** Of shape 2 and scale 5: ten on the average. */
    gamma: () => -5 * (Math.log(1 - random()) + Math.log(1 - random())),
    binomial(trials, share) {
      if (trials === 0 || share <= 0) return 0;
      if (share > 0.5) return trials - this.binomial(trials, 1 - share);
      if (trials * share > 40) {
        const deviation = Math.sqrt(trials * share * (1 - share));
        return Math.min(trials, Math.max(0, Math.round(trials * share + deviation * normal())));
      }
      // By the gaps between one event and the next.
      const scale = Math.log(1 - share);
      let count = 0;
      for (let at = Math.log(1 - random()) / scale; at < trials; at += 1 + Math.log(1 - random()) / scale) count += 1;
      return Math.min(trials, count);
    },
  };
}
