import { routeMatchers } from './accepted.js';
import { type Compared, each, overSpans } from './cells.js';
import { indent } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { CATCH_ALL, rangeOf, seconds } from './series.js';

/**
 * Returns PromQL for 1 if the canary does not know routes that stable serves, and their requests reach no route of their
 * own: a 404, or a handler for all other paths. Otherwise empty. A route whose parameter has another name is unknown, but
 * the canary serves as many requests on a route that stable does not know.
 */
export function lostRoutes({ release, canary, stable }: Compared): string {
  const { names, analysis, accept } = release;
  const { method, route, status_code: status } = names.labels;
  const range = seconds(rangeOf(analysis));
  const increase = (matchers: string): string => `increase(${names.requests}{${matchers}}[${range}])`;
  // A route of `GET` responds to `HEAD`, but is known for it only after the first request.
  const served = (side: string, without: string): string =>
    increase(`${side},${route}!~"${without}",${method}!="HEAD",${status}!~"4.."`);
  const known = (side: string): string =>
    `last_over_time(${names.requests}{${side},${route}!~"${CATCH_ALL}"}[${range}])`;
  const accepted = accept
    .filter((each) => /^4(?:04|xx)$/.test(each.status))
    .map((each) => `unless last_over_time(${names.requests}{${stable},${routeMatchers(release, each)}}[${range}])`);
  const all = (side: string): string => `sum(${increase(side)})`;
  const found = (side: string): string => `sum(${increase(`${side},${status}!="404"`)})`;
  const sumOf = (...lines: readonly string[]): string => `sum(\n${indent(lines.join('\n'))}\n)`;
  // A catch-all knows all paths, so it counts as known while it serves something.
  const lost = sumOf(
    served(stable, '[(]overflow[)]'),
    `unless on (${method}, ${route}) (${known(canary)} or ${increase(`${canary},${route}=~"${CATCH_ALL}",${status}!~"4.."`)} > 0)`,
    ...accepted,
  );
  const added = sumOf(
    served(canary, `[(]overflow[)]|${CATCH_ALL}`),
    `unless on (${method}, ${route}) ${known(stable)}`,
  );
  const astray = (side: string): string =>
    [`${status}="404"`, `${route}=~"${CATCH_ALL}"`]
      .map((matcher) => `(sum(${increase(`${side},${matcher}`)}) or 0 * ${all(side)})`)
      .join(' + ');
  return overSpans(
    release,
    each(
      `${lost}\n/ ${found(stable)} * ${found(canary)}\n>= bool ${PERSISTENCE.events}`,
      `(${added} or 0 * ${all(canary)})\n/ ${found(canary)}\n< bool 0.5 * ${lost}\n/ ${found(stable)}`,
      `(${astray(canary)})\n/ ${all(canary)}\n- (${astray(stable)})\n/ ${all(stable)}\n> bool 0.5 * ${lost}\n/ ${all(stable)}`,
    ),
  );
}
