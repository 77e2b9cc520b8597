import type { Release } from '../release/release.js';
import { acceptsNotFound } from './accepted.js';
import { type Cells, type Compared, either, increaseOf, more, overSpans, requestsIn, unlessKnownTo } from './cells.js';
import { indent } from './evidence.js';
import { unreachedRoutes } from './lost-routes.js';
import { PERSISTENCE } from './persistence.js';
import {
  COMPARED,
  countedBy,
  ofMiddleware,
  responsesOf,
  routesOfTheApp,
  UNJUDGED,
  withoutPreflights,
} from './responses.js';
import { CATCH_ALL } from './series.js';

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
