import type { Release } from '../release/release.js';
import { withoutAccepted } from './accepted.js';
import {
  type Cells,
  type Compared,
  each,
  either,
  foundIn,
  increaseOf,
  more,
  overSpans,
  requestsIn,
  unlessKnownTo,
} from './cells.js';
import { indent, inner, number } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { CATCH_ALL, WILDCARD } from './series.js';

/** The client has the response already. */
export const NOT_MODIFIED = '304';
/** The client left before the response, within the objective. */
export const LEFT = '499';
// As regular expressions. A response without a result (202: it comes later; 204, 205: there is none) is a success, but its
// user sees nothing of it.
// Some statuses are a class of their own.
const TURNED_AWAY = '[34]..';
const NOT_SERVED = '[345]..';
const WITHOUT_RESULT = '20[245]';
export const COMPARED: string = `${TURNED_AWAY}|${WITHOUT_RESULT}`;
export const UNJUDGED: string = `${NOT_MODIFIED}|${LEFT}`;
export const TOLD_APART = '20[245]|40[134]|429';
// What a middleware refuses: who somebody is, what they may do, how often they ask.
const OF_MIDDLEWARE = '401|403|429';

/**
 * Returns PromQL for the number of routes that redirect (3xx) or refuse (4xx) more of their requests than stable: more by
 * `excess`. All routes together are one more, if the canary turns away nearly all of its users. Empty if there is none.
 * A difference that the release accepts does not count.
 */
export function turningAway(compared: Compared, excess: number): string {
  return overSpans(
    compared.release,
    either(
      routesTurningAway(compared, excess),
      catchAllsLost(compared, { excess, least: 0.5 }),
      allTurnedAway(compared),
    ),
  );
}

/**
 * Returns PromQL for the number of routes and classes of responses of which the canary has more than stable, however
 * little, responses without a result included. A route whose clients leave is one more, and so are all routes together.
 * Empty if there is none.
 */
export function differing(compared: Compared): string {
  return overSpans(
    compared.release,
    either(
      more(answersOf(compared, COMPARED), 0),
      more(clientsLeaving(compared), PERSISTENCE.left),
      catchAllsLost(compared, { excess: 0, least: 0.8, orMostOfAll: true }),
      moreTurnedAway(compared, PERSISTENCE.large),
    ),
  );
}

/**
 * Returns PromQL that is 1 if nearly all requests to routes of the canary are turned away, beyond those that stable does not
 * serve: where many routes have few requests each, no route alone proves this.
 */
function allTurnedAway(compared: Compared): string {
  const { canary, stable, release } = compared;
  const { most, mostEvents } = PERSISTENCE;
  const increase = requestsIn(compared);
  const ofTheApp = routesOfTheApp(release);
  const responses = (side: string, classes: string): string =>
    `sum(\n${indent(judgedResponses(compared, side, classes))}\n)`;
  const all = (side: string): string => `sum(${increase(`${side},${ofTheApp}`)})`;
  const bad = responses(canary, TURNED_AWAY);
  return each(
    `${bad}\n/ ${all(canary)}\n- (${responses(stable, NOT_SERVED)} or 0 * ${bad})\n/ ${all(stable)}\n> bool ${number(most)}`,
    `${bad}\n>= bool ${mostEvents}`,
  );
}

/**
 * Returns PromQL that is 1 if the canary turns away more requests to all routes than stable's share of each route promises,
 * by `excess` of them. As routes are compared first, a client that asks for what redirects on both sides is no difference.
 */
function moreTurnedAway(compared: Compared, excess: number): string {
  const { canary, stable, release } = compared;
  const { method, route } = release.names.labels;
  const increase = requestsIn(compared);
  const ofTheApp = routesOfTheApp(release);
  const byRoute = (counted: string): string => `sum by (${method}, ${route}) (\n${indent(counted)}\n)`;
  const all = (side: string): string => byRoute(increase(`${side},${ofTheApp}`));
  const responses = (side: string, classes: string): string => byRoute(judgedResponses(compared, side, classes));
  const bad = responses(canary, TURNED_AWAY);
  const ofCanary = all(canary);
  const ofStable = `(${all(stable)} > 0)`;
  const expected = `(${responses(stable, NOT_SERVED)} or 0 * ${ofStable})\n/ ${ofStable}\n* ${ofCanary}`;
  return each(
    `sum(\n${indent(`(${bad} or 0 * ${ofCanary})\n- ${expected}`)}\n)\n/ sum(${ofCanary} and ${ofStable})\n> bool ${number(excess)}`,
    // Beside fewer requests, one client is many.
    `sum(${ofCanary})\n>= bool ${5 * release.analysis.minRequests}`,
  );
}

/** Returns the judged responses of one side among some classes, to routes of the app, without those that are accepted. */
function judgedResponses(compared: Compared, side: string, classes: string): string {
  const { release } = compared;
  const counted = requestsIn(compared)(`${side},${routesOfTheApp(release)}${statusesOf(release, classes)}`);
  return [counted, ...withoutAccepted(release, side)].join('\n');
}

function routesOfTheApp({ names }: Release): string {
  return `${names.labels.route}!~"[(].*|${WILDCARD}"`;
}

/** Returns matchers of the judged statuses among some classes. */
function statusesOf({ names }: Release, classes: string): string {
  const status = names.labels.status_code;
  return `,${status}=~"${classes}",${status}!~"${UNJUDGED}"`;
}

/**
 * Returns PromQL that is 1 for the routes and responses of which the canary has more than stable, by `excess`, if all
 * redirects or all refusals of the route are more by `excess`, too. An API that refuses with another 4xx than before turns away no more, and
 * neither does one that refuses what fails on stable, or what stable turns away where the canary no longer does.
 */
function routesTurningAway(compared: Compared, excess: number): string {
  const { names } = compared.release;
  const { method, route } = names.labels;
  const cells = answersOf(compared, TURNED_AWAY);
  const { canary, stable, per } = cells;
  const ofClass = (answers: string): string => `sum by (${method}, ${route}, class) (\n${indent(answers)}\n)`;
  const failed = `sum by (${method}, ${route}) (${increaseOf(compared, names.failed, compared.stable)})`;
  const large = `${ofClass(canary.bad)}
/${per} ${canary.all}
- (
${indent(ofClass(stable.bad))}
  +${per} ${failed}
)
/${per} ${stable.all}
> bool ${number(excess)}`;
  const ofRoute = `on (${method}, ${route}, class) group_left () (\n${indent(large)}\n)`;
  return `${more(cells, excess)}\n* ${ofRoute}\nunless on (${method}, ${route}, class, apart) (\n${indent(cellsThatMoved(compared, canary.bad))}\n)`;
}

/**
 * Returns PromQL for the cells whose requests moved there from elsewhere, and did not become more: stable turned away
 * at least half as many where the canary no longer does, and all routes together turn away about as many as on stable.
 */
function cellsThatMoved(compared: Compared, cells: string): string {
  const { canary, stable, release } = compared;
  const { method, route, status_code: status } = release.names.labels;
  const increase = requestsIn(compared);
  const ofApp = (side: string): string =>
    increase(`${side},${routesOfTheApp(release)}${statusesOf(release, TURNED_AWAY)}`);
  const refused = `,${status}=~"${OF_MIDDLEWARE}"`;
  const share = (side: string, ...lines: readonly string[]): string =>
    `${classed(release, ['class', 'apart'], lines)}\n/ on () group_left () sum(${increase(side)})`;
  const total = (side: string): string =>
    share(side, ofApp(side), `or ${increase(`${side},${route}=~"${CATCH_ALL}"${refused}`)}`);
  const gone = share(
    stable,
    `(\n${indent(ofMiddleware(compared, stable, refused))}\n)`,
    `unless on (${method}, ${route}, ${status}) ${increase(canary + refused)} > 0`,
    // Another route of the canary may respond to the paths of a route that it does not know. A route of `GET` responds to
    // `HEAD`, but is known for it only after the first request.
    `or ${ofApp(stable)}`,
    `and on (${method}, ${route}) ${increase(`${stable},${method}!="HEAD",${status}!~"${NOT_SERVED}"`)} > 0`,
    unlessKnownTo(compared, canary),
  );
  return `${cells}
/ on () group_left () sum(${increase(canary)})
< on (class, apart) group_left () 2 * ${gone}
and on (class, apart) (
${indent(`${total(canary)}\n< 1.2 * ${total(stable)}`)}
)`;
}

/**
 * Returns the responses of middleware, by matchers of their statuses: those of catch-alls, and the refusals of routes that serve
 * nothing on either side, as the mount of an authentication does.
 */
export function ofMiddleware(compared: Compared, side: string, statuses: string): string {
  const { canary, stable, release } = compared;
  const { method, route, status_code: status } = release.names.labels;
  const increase = requestsIn(compared);
  const served = (of: string): string => `${increase(`${of},${status}!~"4.."`)} > 0`;
  return `${increase(`${side},${route}=~"${CATCH_ALL}"${statuses}`)}
or ${increase(`${side},${routesOfTheApp(release)},${status}=~"4.."${statuses}`)}
unless on (${method}, ${route}) (${served(canary)} or ${served(stable)})`;
}

/** Returns a line of PromQL that leaves out preflights without a result, because a preflight needs none. */
export function withoutPreflights(compared: Compared, side: string): string {
  const { method, status_code: status } = compared.release.names.labels;
  return `unless ${requestsIn(compared)(`${side},${method}="OPTIONS",${status}=~"${WITHOUT_RESULT}"`)}`;
}

/** Returns the requests of each route whose client left before the response, within the objective. */
function clientsLeaving(compared: Compared): Cells {
  const { method, route, status_code: status } = compared.release.names.labels;
  const ofTheApp = routesOfTheApp(compared.release);
  return countedBy(compared, [method, route], `,${ofTheApp},${status}="${LEFT}"`, `,${ofTheApp}`);
}

/** Returns the requests that matchers select, among others, by labels. */
export function countedBy(compared: Compared, by: readonly string[], bad: string, all: string): Cells {
  const increase = requestsIn(compared);
  const sum = (side: string, matchers: string): string => `sum by (${by.join(', ')}) (${increase(side + matchers)})`;
  const { canary, stable } = compared;
  const ofCanary = sum(canary, bad);
  return {
    canary: { bad: ofCanary, all: sum(canary, all) },
    // 0 where stable has had none.
    stable: { bad: `(${sum(stable, bad)} or 0 * ${ofCanary})`, all: sum(stable, all) },
    per: '',
  };
}

/** Returns the responses of each route by class, without those of catch-alls. */
function answersOf(compared: Compared, classes: string): Cells {
  const { method, route } = compared.release.names.labels;
  const increase = requestsIn(compared);
  const ofTheApp = routesOfTheApp(compared.release);
  return responsesOf(compared, {
    by: [method, route],
    counted: (side) => [
      increase(`${side},${ofTheApp}${statusesOf(compared.release, classes)}`),
      ...(classes === COMPARED ? [withoutPreflights(compared, side)] : []),
    ],
    all: (side) => `sum by (${method}, ${route}) (${increase(`${side},${ofTheApp}`)})`,
  });
}

/**
 * Returns PromQL for the catch-alls that redirect, refuse or do not find more of their requests than stable's, by
 * `excess`, and whose share of all requests that are served is less than stable's, by the factor `least`: a scanner adds
 * refused requests, and a file that is gone takes a response away. Where a catch-all serves most of all requests, its share
 * says little: `orMostOfAll` adds those.
 */
function catchAllsLost(
  compared: Compared,
  { excess, least, orMostOfAll = false }: { excess: number; least: number; orMostOfAll?: boolean },
): string {
  const { canary, stable, release } = compared;
  const { method, route, status_code: status } = release.names.labels;
  const increase = requestsIn(compared);
  const ofCatchAlls = (side: string, more = ''): string => increase(`${side},${route}=~"${WILDCARD}"${more}`);
  const served = `,${status}!~"${NOT_SERVED}"`;
  // With what fails: a canary that fixes another route has no smaller share. At least 1, so that a canary that serves nothing
  // has a share of 0.
  const all = (side: string): string => `clamp_min(sum(${increase(`${side},${status}!~"${TURNED_AWAY}"`)}), 1)`;
  const found = foundIn(compared)(canary);
  const share = (side: string): string =>
    `sum by (${method}, ${route}) (${ofCatchAlls(side, served)}) / on () group_left () ${all(side)}`;
  const cells = responsesOf(compared, {
    by: [method, route],
    counted: (side) => [ofCatchAlls(side, statusesOf(release, TURNED_AWAY))],
    all: (side) => `sum by (${method}, ${route}) (${ofCatchAlls(side)})`,
  });
  const less = `${share(canary)}\n< bool ${number(least)} * ${share(stable)}`;
  // With fewer expected requests, chance alone leaves none.
  const gone = each(
    orMostOfAll ? `(${less})\n+ (${share(stable)} > bool 0.5)\n> bool 0` : less,
    `${share(stable)} * on () group_left () ${found}\n>= bool ${PERSISTENCE.events}`,
  );
  return `${more(cells, excess)}\n* on (${method}, ${route}) group_left () (\n${indent(gone)}\n)`;
}

/** Which responses are compared by class. */
interface Counted {
  /** Labels by which they are told apart, besides their class. */
  readonly by: readonly string[];
  /** Returns a vector of the counted responses of one side, and lines that leave some of them out. */
  readonly counted: (side: string, other: string) => readonly [string, ...string[]];
  /** Returns the number of requests of which they are a share. */
  readonly all: (side: string, other: string) => string;
}

export function responsesOf({ release, canary, stable }: Compared, { by, counted, all }: Counted): Cells {
  const [ofCanary, ...without] = counted(canary, stable);
  const inClasses = (...lines: readonly string[]): string => classed(release, [...by, 'class', 'apart'], lines);
  return {
    canary: { bad: inClasses(ofCanary, ...without, ...withoutAccepted(release, canary)), all: all(canary, stable) },
    stable: {
      // 0 where stable has had no response of the class.
      bad: inClasses(...counted(stable, canary), ...withoutAccepted(release, stable), `or 0 * ${ofCanary}`),
      all: all(stable, canary),
    },
    per: ` on (${by.join(', ')}) group_left ()`,
  };
}

/** Returns the sum of responses by class, by the statuses that are told apart in it, and by other labels. */
function classed(release: Release, by: readonly string[], counted: readonly string[]): string {
  const status = release.names.labels.status_code;
  return `sum by (${by.join(', ')}) (
  label_replace(
    label_replace(
      ${inner(inner(inner(counted.join('\n'))))},
      "class", "\${1}xx", "${status}", "(.).."
    ),
    "apart", "$1", "${status}", "(${TOLD_APART})"
  )
)`;
}
