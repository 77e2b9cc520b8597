import { CACHED_ITEMS } from './cache.js';
import { cardErrands, itemErrands, mixedErrands } from './errands.js';

/**
 * The requests that a release gets. All plans run at the same time and take about equally long.
 *
 * @typedef {object} Plan
 * @property {string} title
 * @property {string} about
 * @property {import('./errands.js').Errand[]} [coldErrands] the first requests, to a cold pod: the others start when all of these have their responses
 * @property {import('./errands.js').Errand[]} errands
 * @property {number} spacing milliseconds from one request to the next
 * @property {number} probePeriod milliseconds
 * @property {boolean} [isMonitored]
 * @property {number} [tolerance] the share of durations that may be on the wrong side of the objective
 * @property {(readings: import('./table.js').Readings) => string} [note] tells what Coalmine excluded
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
    about: 'never responds to a checkout with a gift card, cuts every fifth report, fails on item 13',
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
      `  durations withheld while the pod was cold: ${coalmine.withheld} of ${clients.withheld}; the clients' durations leave them out as well`,
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
    about: 'fails on item 13 like the canary; it has few users, and a probe every 30 ms',
    errands: itemErrands(150, 50),
    spacing: 60,
    probePeriod: 30,
    note: ({ clients, coalmine }) => `  probes excluded: ${excluded('route', clients, coalmine)}`,
  },
  held: {
    title: 'held: a held event loop',
    about: 'computes for 0.7 s for every 25th item, and serves nobody else during that time',
    errands: itemErrands(150, 50),
    spacing: 60,
    probePeriod: 100,
    // Coalmine estimates when a request arrived that waited in the kernel.
    tolerance: 0.1,
    note: () => '  most of the waiting happened before a handler started: a timer in the process misses that part',
  },
};

/** Returns how many of the requests with this reason Coalmine excluded, by the class of their status. */
function excluded(reason, clients, coalmine) {
  return [...clients.excluded]
    .filter(([key]) => key.startsWith(`${reason} `))
    .map(([key, sent]) => `${coalmine.excluded.get(key) ?? 0} of ${sent}, all ${key.slice(-3)}`)
    .join('; ');
}
