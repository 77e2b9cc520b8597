import { items, well } from './behaviours.js';
import { AGREEMENT } from './scenarios/agreement.js';
import { BESIDE_STABLE } from './scenarios/beside-stable.js';
import { ROUTES } from './scenarios/routes.js';
import { SERVICE } from './scenarios/service.js';
import { TIME } from './scenarios/time.js';

/**
 * A release, and what a controller should make of it. Times are in seconds since the canary started, those of behaviours
 * since its first request; shares are of requests.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Verdict | readonly Verdict[]} right a list where several verdicts are right
 * @property {string} why
 * @property {number} [perSecond] requests of users to the canary; 40 where absent
 * @property {number} [stablePerSecond] the same to stable
 * @property {import('./behaviours.js').BehaviourFactory} [canary]
 * @property {import('./behaviours.js').BehaviourFactory} [stable]
 * @property {(random: () => number) => () => import('./users.js').Visit} [visit] what the users of both sides ask for
 * @property {readonly import('./service.js').Route[]} [moreRoutes] routes of both sides besides the usual ones
 * @property {(routes: readonly import('./service.js').Route[]) => readonly import('./service.js').Route[]} [canaryRoutes]
 *   the routes of the canary, made of those of both sides
 * @property {object} [coalmine] options of Coalmine, on both sides
 * @property {() => object} [canaryCoalmine] more options, of the canary alone
 * @property {boolean} [isFirst] whether stable has no Coalmine yet
 * @property {readonly Others[]} [others] who else asks the canary
 * @property {readonly number[]} [restarts] when its process ends and begins anew
 * @property {number} [joins] when a second pod joins it
 * @property {number} [judgedAfter] when the gate starts, as that of a later step; at once where absent
 * @property {number} [probesPerSecond] how often each probe asks; 1 where absent
 * @property {import('@coalmine/cli').ReleaseOptions} [manifests] what `coalmine manifests` is told besides
 * @property {Readonly<Record<string, string>>} [args] arguments of the generated gate besides the hashes
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
