import { addComment } from '../promql/comments.js';
import type { Release } from '../release/release.js';
import { withoutAccepted } from './accepted.js';
import {
  type Cells,
  type Compared,
  each,
  either,
  increaseOf,
  more,
  overSpans,
  requestsIn,
  unlessKnownTo,
} from './cells.js';
import { indent, number, percent } from './evidence.js';
import { unreachedRoutes } from './lost-routes.js';
import { PERSISTENCE } from './persistence.js';
import {
  COMPARED,
  countedBy,
  NOT_SERVED,
  ofMiddleware,
  responsesOf,
  routesOfTheApp,
  statusesOf,
  TURNED_AWAY,
  UNJUDGED,
  withoutPreflights,
} from './responses.js';
import { CATCH_ALL, rangeOf, seconds } from './series.js';

/**
 * Returns PromQL for the number of classes of responses of which the canary has more than stable, to requests that reach
 * no route which both sides know; empty if there is none. 404s count only where a router splits the requests: elsewhere,
 * a scanner gets them on one connection, and so on one side. Adds
 *
 * - the responses of catch-alls, as a share of all requests, because a middleware has a route of its own, with the
 *   requests that it turns away only;
 * - the responses of all routes that the other side does not know, if both sides have some: a parameter has another name.
 *   Their failed and slow requests are two more classes;
 * - the 404s in place of the requests to routes that both sides know.
 */
export function unmatchedDiffering(compared: Compared): string {
  const { release, canary, stable } = compared;
  const { names, objective } = release;
  const selected = selectRefusals(compared);
  const ofTheApp = (metric: string, side: string, more = ''): string =>
    increaseOf(compared, metric, `${side},${routesOfTheApp(release)}${more}`);
  const unknownTo = (other: string): string => unlessKnownTo(compared, other);
  const countUnknown = (metric: string, side: string, other: string): string =>
    `sum(${ofTheApp(metric, side)} ${unknownTo(other)})`;
  const ofUnknown = responsesOf(compared, {
    by: [],
    counted: (side, other) => [ofTheApp(names.requests, side, selected), unknownTo(other)],
    all: (side, other) => countUnknown(names.requests, side, other),
  });
  const countAll = (metric: string): string => `sum(${increaseOf(compared, metric, stable)})`;
  const failing = PERSISTENCE.timesErrorRatio * objective.errorRatio;
  const inClass = (name: string, promql: string): string =>
    `label_replace(\n${indent(promql)},\n  "class", "${name}", "", ""\n)`;
  const cellsOfUnknown = (bad: string, all: string): Cells => {
    const of = (side: string, other: string): Cells['canary'] => ({
      bad: countUnknown(bad, side, other),
      all: countUnknown(all, side, other),
    });
    return { canary: of(canary, stable), stable: of(stable, canary), per: '' };
  };
  const failed = cellsOfUnknown(names.failed, names.requests);
  // A route that is new has no counterpart. It must work as well as the service of stable does.
  const service = { bad: countAll(names.failed), all: countAll(names.requests) };
  const newFailing = `${more({ ...failed, stable: service }, failing)}\nunless ${failed.stable.bad} > 0`;
  const slow = PERSISTENCE.timesOverShare * objective.overShare;
  return overSpans(
    release,
    either(
      more(middleware(compared), 0),
      ...(isSplit(release) ? [more(notFound(compared), failing)] : []),
      more(ofUnknown, 0),
      inClass('failed', newFailing),
      inClass('failed', more(failed, failing)),
      inClass('slow', more(cellsOfUnknown(names.slow, names.timed), slow)),
      unreachedRoutes(compared),
    ),
  );
}

/**
 * Returns PromQL for the number of methods for which middleware of the canary turn away users: redirects and refusals where no
 * route serves anything are more by {@link PERSISTENCE.large} of the requests with the method than on stable, while the requests
 * that the weight promises arrive, and the canary serves so much less of them. A scanner on the canary gets the same responses,
 * but takes no user away from what is served. Empty if there is none.
 */
export function usersRefused(compared: Compared, weight: string): string {
  const { release, canary, stable } = compared;
  const { analysis, names } = release;
  const { method } = names.labels;
  const { large } = PERSISTENCE;
  const increase = requestsIn(compared);
  const all = (side: string): string => allByMethod(compared, side);
  const withStatus = (side: string, classes: string): string =>
    `(sum by (${method}) (${increase(ofRoutes(compared, side) + statusesOf(release, classes))}) or 0 * ${all(side)})`;
  const turnedAway = withStatus(canary, TURNED_AWAY);
  // A release that refuses what fails on stable turns nobody away.
  const ofStable = withStatus(stable, NOT_SERVED);
  // A controller may raise the weight within a span. There is no ratio if the canary has all of the traffic.
  const odds = `avg_over_time((${weight} / (100 - ${weight} > 0))[${seconds(rangeOf(analysis))}:${seconds(analysis.scrapeSeconds)}])`;
  const promised = `${number(1 - large)} * scalar(${odds})`;
  return overSpans(
    release,
    each(
      addComment('Do middleware turn away more than on stable?', more(turnedAwayByMiddleware(compared), large)),
      addComment(
        `Does the canary turn away ${percent(large)} more of all requests with the method?`,
        `${turnedAway} / ${all(canary)} - ${ofStable} / ${all(stable)} > bool ${number(large)}`,
      ),
      addComment(
        'Do the requests arrive that the weight promises?',
        `${all(canary)} >= bool ${promised} * ${all(stable)}`,
      ),
      addComment(
        `Does the canary serve less than ${percent(1 - large)} of what the weight promises?`,
        `${all(canary)} - ${turnedAway} < bool ${promised} * (${all(stable)} - ${ofStable})`,
      ),
    ),
  );
}

/** Returns what middleware turn away of the requests with each method, whatever the status. */
function turnedAwayByMiddleware(compared: Compared): Cells {
  const { release, canary, stable } = compared;
  const { method, status_code: status } = release.names.labels;
  const all = (side: string): string => allByMethod(compared, side);
  const bad = (side: string): string => {
    const statuses = `${statusesOf(release, TURNED_AWAY)}${acceptsNotFound(release) ? `,${status}!="404"` : ''}`;
    const responses = ofMiddleware(compared, side, statuses, TURNED_AWAY);
    return `sum by (${method}) (\n${indent([`(\n${indent(responses)}\n)`, ...withoutAccepted(release, side)].join('\n'))}\n)`;
  };
  return {
    canary: { bad: bad(canary), all: all(canary) },
    // 0 where stable has had none.
    stable: { bad: `(${bad(stable)} or 0 * ${all(stable)})`, all: all(stable) },
    per: '',
  };
}

/** Returns the number of requests of one side by method. */
function allByMethod(compared: Compared, side: string): string {
  return `sum by (${compared.release.names.labels.method}) (${requestsIn(compared)(ofRoutes(compared, side))})`;
}

/** Returns matchers of the requests of one side: a sidecar may have a counter of the same name, without routes. */
function ofRoutes({ release }: Compared, side: string): string {
  return `${side},${release.names.labels.route}!=""`;
}

/** Returns the responses of middleware by method and class, among all requests with the method. */
function middleware(compared: Compared): Cells {
  const { method } = compared.release.names.labels;
  return responsesOf(compared, {
    by: [method],
    counted: (side) => [
      `(\n${indent(ofMiddleware(compared, side, selectRefusals(compared)))}\n)`,
      withoutPreflights(compared, side),
    ],
    all: (side) => `sum by (${method}) (${requestsIn(compared)(side)})`,
  });
}

/** Returns matchers of the compared statuses. 404s are compared separately. */
function selectRefusals({ release }: Compared): string {
  const status = release.names.labels.status_code;
  return `,${status}=~"${COMPARED}",${status}!~"404|${UNJUDGED}"`;
}

/** Returns the 404s of catch-alls among all requests with a method. */
function notFound(compared: Compared): Cells {
  const { method, route, status_code: status } = compared.release.names.labels;
  return countedBy(compared, [method], `,${route}=~"${CATCH_ALL}",${status}="404"`, '');
}

/** Whether a router chooses a side for each request, and no 404 is accepted. */
function isSplit(release: Release): boolean {
  return release.router !== 'basic' && release.strategy === 'canary' && !acceptsNotFound(release);
}

/** Whether a release accepts a 404: then more of its requests reach no route. */
function acceptsNotFound({ accept }: Release): boolean {
  return accept.some(({ status }) => /^4(?:04|xx)$/.test(status));
}
