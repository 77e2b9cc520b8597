import { withoutAcceptedRoutes } from './accepted.js';
import { type Compared, each, foundIn, knownTo, overSpans, requestsIn, unlessKnownTo } from './cells.js';
import { indent } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { LEFT, ofMiddleware } from './responses.js';
import { CATCH_ALL, NO_ROUTE, rangeOf, seconds, WILDCARD } from './series.js';

/**
 * Returns PromQL for 1 if the canary does not know routes that stable serves, and their requests reach no route of their
 * own: 404s or the responses of catch-alls become more, by half of what the lost routes had. Otherwise empty. A route whose
 * pattern has changed is unknown, but the canary serves as many requests on a route that stable does not know.
 */
export function lostRoutes(compared: Compared): string {
  const { release, canary, stable } = compared;
  const { names, analysis } = release;
  const { method, route, status_code: status } = names.labels;
  const range = seconds(rangeOf(analysis));
  const increase = requestsIn(compared);
  // A route of `GET` responds to `HEAD`, but is known for it only after the first request.
  const served = (side: string, without: string): string =>
    increase(`${side},${route}!~"${without}",${method}!="HEAD",${status}!~"4.."`);
  const all = (side: string): string => `sum(${increase(side)})`;
  const found = foundIn(compared);
  const sumOf = (...lines: readonly string[]): string => `sum(\n${indent(lines.join('\n'))}\n)`;
  // A catch-all responds to all paths, so it counts as known while it serves something.
  const lost = sumOf(
    served(stable, '[(]overflow[)]'),
    `unless on (${method}, ${route}) (
  last_over_time(${names.requests}{${canary},${route}!~"${CATCH_ALL}"}[${range}])
  or ${increase(`${canary},${route}=~"${CATCH_ALL}",${status}!~"4.."`)} > 0
)`,
    ...withoutAcceptedRoutes(release, stable),
  );
  // After `maxRoutes` others, a route that the canary serves has no name of its own.
  const added = sumOf(served(canary, '[(]unmatched[)]'), unlessKnownTo(compared, stable));
  // Express responds to every OPTIONS by itself, and a GraphQL server refuses an unknown field.
  const elsewhere: readonly ((side: string) => string)[] = [
    ...[`${status}="404"`, `${route}=~"${CATCH_ALL}"`, `${route}="(unmatched)"`].map(
      (matcher) => (side: string) => increase(`${side},${matcher}`),
    ),
    (side) => ofMiddleware(compared, side, `,${status}=~"4..",${status}!="${LEFT}"`),
  ];
  const share = (side: string, counted: string): string =>
    `(sum(\n${indent(counted)}\n) or 0 * ${all(side)}) / ${all(side)}`;
  const grown = elsewhere.map(
    (counted, i) =>
      `label_replace(\n${indent(`${share(canary, counted(canary))}\n- ${share(stable, counted(stable))}`)},\n  "elsewhere", "${i}", "", ""\n)`,
  );
  return overSpans(
    release,
    each(
      `${lost}\n/ ${found(stable)} * ${found(canary)}\n>= bool ${PERSISTENCE.events}`,
      `(${added} or 0 * ${all(canary)})\n/ ${found(canary)}\n< bool 0.5 * ${lost}\n/ ${found(stable)}`,
      `max(\n${indent(grown.join('\nor '))}\n)\n> bool 0.5 * ${lost}\n/ ${all(stable)}`,
    ),
  );
}

/**
 * Returns PromQL for 1 if the canary has no request to routes that it knows, and 404s instead: by half of what stable's
 * share of these routes is. A handler that passes requests on does this. So do a client on one connection to stable
 * and a scanner of the canary, together. Otherwise empty.
 */
export function unreachedRoutes(compared: Compared): string {
  const { release, canary, stable } = compared;
  const { method, route, status_code: status } = release.names.labels;
  const increase = requestsIn(compared);
  const notFound = (side: string): string => `sum(${increase(`${side},${status}="404"`)})`;
  const served = [
    increase(`${stable},${route}!~"${NO_ROUTE}|${WILDCARD}",${status}!~"4.."`),
    `and on (${method}, ${route}) ${knownTo(compared, canary)}`,
    `unless on (${method}, ${route}) ${increase(canary)} > 0`,
    ...withoutAcceptedRoutes(release, stable),
  ].join('\n');
  const found = foundIn(compared);
  const perRequestOfStable = `${found(canary)} / ${found(stable)}`;
  // With fewer expected requests, chance alone leaves none.
  const unreached = `sum(
  sum by (${method}, ${route}) (
${indent(indent(served))}
  )
  * on () group_left () (${perRequestOfStable})
  >= ${PERSISTENCE.mostEvents}
)`;
  return `${notFound(canary)}
- (${notFound(stable)} or 0 * ${found(stable)})
* ${perRequestOfStable}
> bool 0.5 * ${unreached}`;
}
