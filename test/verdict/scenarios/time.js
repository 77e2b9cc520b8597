import { again, both, failing, from, holding, SLOW, slow, until, well } from '../behaviours.js';

const LATER_STEP = 25;

/**
 * These scenarios are about when a fault starts and how long it lasts.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const TIME = [
  {
    name: 'a single blip',
    right: 'promote',
    why: 'the event loop is blocked for 0.3 s, once',
    canary: holding((hold) => setTimeout(hold, 8000, 300)),
  },
  {
    name: 'a held event loop',
    right: 'rollback',
    why: 'the event loop is blocked for 0.6 s again and again, and a third of the users wait',
    canary: holding((hold) => setInterval(hold, 1500, 600)),
  },
  {
    name: 'a saturated event loop',
    right: 'rollback',
    why: 'the event loop is never idle: the pod cannot keep up, although the responses are fast enough',
    canary: holding(keepBusy),
  },
  {
    name: 'a cold start that outlasts the warm-up',
    right: 'promote',
    why: 'all requests are slow for nine seconds, nearly a window, where the warm-up takes two; then all are fast',
    canary: until(9, slow(1)),
  },
  {
    name: 'slowness that only the whole life proves',
    right: 'rollback',
    why: '7.5 % are slow where 5 % are allowed: no window has enough slow requests to prove it, and the time since the first step has',
    perSecond: 80,
    stablePerSecond: 80,
    canary: slow(0.075),
    judgedAfter: LATER_STEP,
  },
  {
    name: 'slowness that only a window proves',
    right: 'rollback',
    why: 'all requests are fast in the first step; in the second step 12 % are slow, which is 5.6 % since the canary started',
    canary: from(LATER_STEP, slow(0.12)),
    judgedAfter: LATER_STEP,
  },
  {
    name: 'slowness that comes and goes',
    right: 'rollback',
    why: 'all requests are slow for five seconds of fifteen, like one minute of three; three times fifteen seconds prove it',
    canary: again({ seconds: 5, every: 15 }, slow(1)),
    judgedAfter: 45,
  },
  {
    name: 'errors that only the whole life proves',
    right: 'rollback',
    why: '2.2 % fail where 1 % are allowed: no window has enough failures to prove it, and the time since the first step has',
    perSecond: 80,
    stablePerSecond: 80,
    canary: failing(0.022),
    judgedAfter: LATER_STEP,
  },
  {
    name: 'errors that only a window proves',
    right: 'rollback',
    why: 'all requests succeed in the first step; in the second step 4 % fail, which is 1.8 % since the canary started',
    canary: from(LATER_STEP, failing(0.04)),
    // Half as many requests would have 16 failures in a window, and proof needs at least 15.
    perSecond: 80,
    judgedAfter: LATER_STEP,
  },
  {
    name: 'a cold start that hides errors',
    right: 'rollback',
    why: 'the canary is slow only at its start, but 10 % of the requests always fail',
    canary: both(until(4, slow(1, SLOW)), failing(0.1)),
    stable: well,
  },
];

/** Keeps the event loop busy: each turn is 10 ms of work, and there is no idle time. */
function keepBusy(hold) {
  hold(10);
  setImmediate(keepBusy, hold);
}
