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
import { indent, number } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import {
  answersOf,
  COMPARED,
  classed,
  countedBy,
  judgedResponses,
  LEFT,
  NOT_SERVED,
  OF_MIDDLEWARE,
  ofMiddleware,
  responsesOf,
  routesOfTheApp,
  statusesOf,
  TURNED_AWAY,
} from './responses.js';
import { CATCH_ALL, WILDCARD } from './series.js';

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
      moreTurnedAway(compared, { excess: PERSISTENCE.most, events: PERSISTENCE.mostEvents }),
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
      // Beside fewer requests, one client is many.
      moreTurnedAway(compared, { excess: PERSISTENCE.large, requests: 5 * compared.release.analysis.minRequests }),
    ),
  );
}

/**
 * Returns PromQL that is 1 if the canary turns away more requests to all routes than stable's share of each route promises,
 * by `excess` of them: where many routes have few requests each, no route alone proves this. As routes are compared first, a
 * client that asks for what redirects on both sides is no difference. The canary must have had as many requests, or have
 * turned away as many, as the options say.
 */
function moreTurnedAway(
  compared: Compared,
  { excess, requests, events }: { excess: number; requests?: number; events?: number },
): string {
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
    ...(requests === undefined ? [] : [`sum(${ofCanary})\n>= bool ${requests}`]),
    ...(events === undefined ? [] : [`sum(${bad})\n>= bool ${events}`]),
  );
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

/** Returns the requests of each route whose client left before the response, within the objective. */
function clientsLeaving(compared: Compared): Cells {
  const { method, route, status_code: status } = compared.release.names.labels;
  const ofTheApp = routesOfTheApp(compared.release);
  return countedBy(compared, [method, route], `,${ofTheApp},${status}="${LEFT}"`, `,${ofTheApp}`);
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
