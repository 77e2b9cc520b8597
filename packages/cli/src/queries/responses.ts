import type { Release } from '../release/release.js';
import { withoutAccepted } from './accepted.js';
import { type Cells, type Compared, requestsIn } from './cells.js';
import { inner } from './evidence.js';
import { CATCH_ALL, NO_ROUTE, WILDCARD } from './series.js';

/** The client has the response already. */
export const NOT_MODIFIED = '304';
/** The client left before the response, within the objective. */
export const LEFT = '499';
// As regular expressions. A response without a result (202: it comes later; 204, 205: there is none) is a success, but its
// user sees nothing of it.
// Some statuses are a class of their own.
export const TURNED_AWAY: string = '[34]..';
export const NOT_SERVED: string = '[345]..';
const WITHOUT_RESULT = '20[245]';
export const COMPARED: string = `${TURNED_AWAY}|${WITHOUT_RESULT}`;
export const UNJUDGED: string = `${NOT_MODIFIED}|${LEFT}`;
export const TOLD_APART = '20[245]|40[134]|429';
// What a middleware refuses: who somebody is, what they may do, how often they ask.
export const OF_MIDDLEWARE: string = '401|403|429';

/** Returns the judged responses of one side among some classes, to routes of the app, without those that are accepted. */
export function judgedResponses(compared: Compared, side: string, classes: string): string {
  const { release } = compared;
  const counted = requestsIn(compared)(`${side},${routesOfTheApp(release)}${statusesOf(release, classes)}`);
  return [counted, ...withoutAccepted(release, side)].join('\n');
}

/** Returns a matcher of the routes of the app: no catch-alls. */
export function routesOfTheApp({ names }: Release): string {
  return `${names.labels.route}!~"${NO_ROUTE}|${WILDCARD}"`;
}

/** Returns matchers of the judged statuses among some classes. */
export function statusesOf({ names }: Release, classes: string): string {
  const status = names.labels.status_code;
  return `,${status}=~"${classes}",${status}!~"${UNJUDGED}"`;
}

/**
 * Returns the responses of middleware, by matchers of their statuses: those of catch-alls, and those of routes that serve
 * nothing on either side, as the mount of an authentication does. Such a route has only `refusals` and failures.
 */
export function ofMiddleware(compared: Compared, side: string, statuses: string, refusals = '4..'): string {
  const { canary, stable, release } = compared;
  const { method, route, status_code: status } = release.names.labels;
  const increase = requestsIn(compared);
  const served = (of: string): string => `${increase(`${of},${status}!~"${refusals}|5.."`)} > 0`;
  return `${increase(`${side},${route}=~"${CATCH_ALL}"${statuses}`)}
or ${increase(`${side},${routesOfTheApp(release)}${statuses}`)}
unless on (${method}, ${route}) (${served(canary)} or ${served(stable)})`;
}

/** Returns a line of PromQL that leaves out preflights without a result, because a preflight needs none. */
export function withoutPreflights(compared: Compared, side: string): string {
  const { method, status_code: status } = compared.release.names.labels;
  return `unless ${requestsIn(compared)(`${side},${method}="OPTIONS",${status}=~"${WITHOUT_RESULT}"`)}`;
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
export function answersOf(compared: Compared, classes: string): Cells {
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
export function classed(release: Release, by: readonly string[], counted: readonly string[]): string {
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
