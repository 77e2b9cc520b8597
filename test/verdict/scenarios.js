import { items, well } from './behaviours.js';
import { AGREEMENT } from './scenarios/agreement.js';
import { BESIDE_STABLE } from './scenarios/beside-stable.js';
import { ROUTES } from './scenarios/routes.js';
import { SERVICE } from './scenarios/service.js';
import { TIME } from './scenarios/time.js';

/**
 * A release, and the verdict that is correct. Times are in seconds since the canary started. Times of behaviours are in seconds
 * since its first request. Shares are shares of requests.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Verdict | readonly Verdict[]} right the correct verdict, or a list of correct verdicts
 * @property {string} why
 * @property {number} [perSecond] requests of users to the canary, 40 by default
 * @property {number} [stablePerSecond] requests of users to stable
 * @property {import('./behaviours.js').BehaviourFactory} [canary]
 * @property {import('./behaviours.js').BehaviourFactory} [stable]
 * @property {(random: () => number) => () => import('./users.js').Visit} [visit] the requests of the users of both sides
 * @property {readonly import('./service.js').Route[]} [moreRoutes] routes of both sides besides the usual ones
 * @property {(routes: readonly import('./service.js').Route[]) => readonly import('./service.js').Route[]} [canaryRoutes]
 *   returns the routes of the canary from the routes of both sides
 * @property {import('./behaviours.js').Middleware} [middleware] a middleware before the routes of both sides
 * @property {import('./behaviours.js').Middleware} [canaryMiddleware] a middleware before the routes of the canary
 * @property {object} [coalmine] options of Coalmine, on both sides
 * @property {() => object} [canaryCoalmine] more options for the canary only
 * @property {boolean} [isFirst] whether stable has no Coalmine yet
 * @property {readonly Others[]} [others] other clients of the canary
 * @property {readonly number[]} [restarts] when the process of the canary ends and restarts
 * @property {number} [joins] when a second pod joins the canary
 * @property {number} [judgedAfter] when the gate starts, as the gate of a later step; at once by default
 * @property {number} [probesPerSecond] the rate of each probe, 1 by default
 * @property {import('@coalmine/cli').ReleaseOptions} [manifests] more options for `coalmine manifests`
 * @property {Readonly<Record<string, string>>} [args] arguments of the generated gate in addition to the hashes
 */

/** @typedef {import('@coalmine/cli').Verdict} Verdict */

/**
 * @typedef {object} Others
 * @property {number} perSecond
 * @property {(random: () => number, port: number) => import('./users.js').Visit} visit
 */

export const SCENARIOS = [...SERVICE, ...BESIDE_STABLE, ...ROUTES, ...TIME, ...AGREEMENT].map((scenario) => ({
  canary: well,
  stable: well,
  visit: items,
  ...scenario,
  right: [scenario.right].flat(),
}));
