import { chance } from '../../verdict/chance.js';

/**
 * @typedef {object} Load
 * @property {string} name
 * @property {number} perSecond Requests that arrive in a second, on average.
 * @property {number} hold Milliseconds for which a request holds the event loop.
 * @property {number} share The share of the requests that hold the event loop.
 * @property {number} work Milliseconds of asynchronous work that each request needs after that.
 * @property {boolean} isHealthy The service keeps up without a queue.
 */

/**
 * @typedef {object} Arrival
 * @property {number} at Milliseconds from the start of the load.
 * @property {number} hold Milliseconds for which this request holds the event loop.
 */

/** @type {Load[]} */
export const LOADS = [
  saturated('110 ms, 8/s', 8, 110, 1),
  saturated('110 ms, 10/s', 10, 110, 1),
  saturated('400 ms one in five, 10/s', 10, 400, 0.2),
  saturated('400 ms 17 %, 10/s', 10, 400, 0.17),
  saturated('1,000 ms 5 %, 10/s', 10, 1000, 0.05),
  saturated('50 ms, 18/s', 18, 50, 1),
  healthy('5 ms of work, 20/s', 20),
  healthy('5 ms of work, 200/s', 200),
];

/**
 * Returns the requests of a load: a Poisson process, the same for the same run.
 *
 * @param {Load} load
 * @param {number} seconds
 * @param {number} run
 * @returns {Arrival[]}
 */
export function drawArrivals({ name, perSecond, hold, share }, seconds, run) {
  const random = chance(100 * run + LOADS.findIndex((load) => load.name === name));
  const arrivals = [];
  let at = 0;
  while (true) {
    at -= (Math.log(1 - random()) / perSecond) * 1000;
    if (at >= seconds * 1000) return arrivals;
    arrivals.push({ at, hold: random() < share ? hold : 0 });
  }
}

/** Returns how many requests wait or are served at the same time, at most, if one process serves them in their order. */
export function peakOf(arrivals, { work }) {
  const ends = [];
  let freeAt = 0;
  let served = 0;
  let peak = 0;
  for (const { at, hold } of arrivals) {
    freeAt = Math.max(freeAt, at) + hold;
    ends.push(freeAt + work);
    while (ends[served] <= at) served++;
    peak = Math.max(peak, ends.length - served);
  }
  return peak;
}

function saturated(name, perSecond, hold, share) {
  return { name, perSecond, hold, share, work: 20, isHealthy: false };
}

function healthy(name, perSecond) {
  return { name, perSecond, hold: 0, share: 0, work: 5, isHealthy: true };
}
