import { CACHED_ITEMS } from './cache.js';
import { cardErrands, itemErrands, mixedErrands } from './errands.js';

/**
 * What a release goes through. All plans take about as long, at the same time.
 *
 * @typedef {object} Plan
 * @property {string} title
 * @property {string} about
 * @property {import('./errands.js').Errand[]} [coldErrands] the first, while the pod is cold: all are answered before the others begin
 * @property {import('./errands.js').Errand[]} errands
 * @property {number} spacing milliseconds from one to the next
 * @property {number} probePeriod milliseconds
 * @property {boolean} [isMonitored]
 * @property {number} [tolerance] the share of durations for which it may be unsure on which side of the objective they were
 * @property {(readings: import('./table.js').Readings) => string} [note] what Coalmine kept out
 */

/** @type {Record<string, Plan>} */
export const PLANS = {
  stable: {
    title: 'stable: healthy',
    about: 'healthy',
    errands: mixedErrands(),
    spacing: 15,
    probePeriod: 100,
  },
  canary: {
    title: 'canary: three bugs',
    about: 'never answers a checkout with a gift card, cuts every fifth report, fails on item 13',
    errands: mixedErrands(),
    spacing: 15,
    probePeriod: 100,
  },
  cold: {
    title: 'cold: healthy',
    about: `healthy; its cache is empty, so its first ${CACHED_ITEMS} requests take 0.8 s each`,
    coldErrands: itemErrands(CACHED_ITEMS, CACHED_ITEMS),
    errands: itemErrands(150 - CACHED_ITEMS, CACHED_ITEMS),
    spacing: 60,
    probePeriod: 100,
    note: ({ clients, coalmine }) =>
      `  durations withheld while it was cold: ${coalmine.withheld} of ${clients.withheld}, which the clients' durations leave out too`,
  },
  monitored: {
    title: 'monitored: healthy',
    about: 'healthy; a monitor whose test account has expired fails at its checkout ten times a second',
    errands: cardErrands(),
    spacing: 45,
    probePeriod: 100,
    isMonitored: true,
    note: ({ clients, coalmine }) => `  requests of the monitor excluded: ${excluded('signed', clients, coalmine)}`,
  },
  probed: {
    title: 'probed: fails on item 13',
    about: 'fails on item 13, as the canary does; it has few users, and a probe every 30 ms',
    errands: itemErrands(150, 50),
    spacing: 60,
    probePeriod: 30,
    note: ({ clients, coalmine }) => `  probes excluded: ${excluded('route', clients, coalmine)}`,
  },
  held: {
    title: 'held: nobody is served meanwhile',
    about: 'computes for 0.7 s for every 25th item, and its event loop serves nobody else meanwhile',
    errands: itemErrands(150, 50),
    spacing: 60,
    probePeriod: 100,
    // When a request arrived that waited in the kernel is an estimate.
    tolerance: 0.1,
    note: () => '  most of the wait was over before any handler began: a timer in the process sees the rest',
  },
};

/** How many of those that were sent Coalmine excluded for this reason, by the class of their status. */
function excluded(reason, clients, coalmine) {
  return [...clients.excluded]
    .filter(([key]) => key.startsWith(`${reason} `))
    .map(([key, sent]) => `${coalmine.excluded.get(key) ?? 0} of ${sent}, all ${key.slice(-3)}`)
    .join('; ');
}
