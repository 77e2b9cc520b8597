import type { Accepted, Release } from '../release/release.js';
import { indent, inner, number } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { CATCH_ALL, rangeOf, seconds, spanOf } from './series.js';

/** A release, and the pods of both sides as label matchers. */
export interface Compared {
  readonly release: Release;
  readonly canary: string;
  readonly stable: string;
}

// As regular expressions. 304 means that the client has the response, 499 that the client left; some 4xx are a class of
// their own.
export const UNJUDGED = '304|499';
export const TOLD_APART = '20[45]|40[134]|429';

// Excludes requests of scanners, and routes that came after `maxRoutes` others.
const OF_THE_APP = '!~"[(].*"';

/** Returns PromQL for the number of routes that fail and work on stable; empty if there is none. */
export function failuresOf(compared: Compared): string {
  const { names, objective } = compared.release;
  return countPersisting(
    compared,
    cellsOf(compared, names.failed, names.requests),
    PERSISTENCE.timesErrorRatio * objective.errorRatio,
    PERSISTENCE.spans,
  );
}

/** Returns PromQL for the number of routes that are over their objective and not on stable; empty if there is none. */
export function slownessOf(compared: Compared): string {
  const { names, objective } = compared.release;
  return countPersisting(
    compared,
    cellsOf(compared, names.slow, names.timed),
    PERSISTENCE.timesOverShare * objective.overShare,
    PERSISTENCE.spans,
  );
}

/**
 * Returns PromQL for the number of routes that redirect, refuse or do not find more of their requests than stable, by
 * class of response (3xx, 401, 403, 404, 429, other 4xx): more by `excess`. Empty if there is none. A difference that the
 * release accepts does not count.
 */
export function turningAway(compared: Compared, excess: number): string {
  return countPersisting(compared, answersOf(compared, LEAST_SERVED.large), excess, PERSISTENCE.spans);
}

/**
 * Returns PromQL for the number of routes and classes of responses of which the canary has more than stable, however
 * little; empty if there is none. Adds the responses without a body, and cells for what has no route on both sides:
 *
 * - the responses of catch-alls, as a share of all requests: a middleware has a route of its own, and only the requests
 *   that it turns away;
 * - all routes that the other side does not know, if both sides have some: a parameter has another name.
 */
export function differing(compared: Compared): string {
  const { release, canary, stable } = compared;
  const { requests, labels } = release.names;
  const { method, route, status_code: status } = labels;
  const range = seconds(rangeOf(release.analysis));
  const increase = (matchers: string): string => `increase(${requests}{${matchers}}[${range}])`;
  const unknownTo = (other: string): string =>
    `unless on (${method}, ${route}) last_over_time(${requests}{${other}}[${range}])`;
  const selected = `${status}=~"${CLASSES}|${EMPTY}",${status}!~"404|${UNJUDGED}"`;
  const bad = (side: string, other: string): readonly string[] => [
    inClasses(
      release,
      [method, 'class'],
      [increase(`${side},${route}=~"${CATCH_ALL}",${selected}`), ...meant(release, side)],
    ),
    inClasses(
      release,
      ['class'],
      [increase(`${side},${route}${OF_THE_APP},${selected}`), unknownTo(other), ...meant(release, side)],
    ),
  ];
  const all = (side: string, other: string): readonly string[] => [
    `sum by (${method}) (${increase(side)})`,
    `sum(${increase(`${side},${route}${OF_THE_APP}`)} ${unknownTo(other)})`,
  ];
  const of = answersOf(compared, LEAST_SERVED.small, `|${EMPTY}`);
  return countPersisting(
    compared,
    {
      canary: {
        bad: either(of.canary.bad, ...bad(canary, stable)),
        all: either(of.canary.all, ...all(canary, stable)),
      },
      stable: {
        bad: either(of.stable.bad, ...bad(stable, canary), ...bad(canary, stable).map((none) => `0 * ${none}`)),
        all: either(of.stable.all, ...all(stable, canary)),
      },
      per: of.per,
    },
    0,
    PERSISTENCE.spans,
  );
}

function either(...vectors: readonly string[]): string {
  return `(\n${indent(vectors.join('\nor '))}\n)`;
}

/** Returns the responses of each route by class. */
function answersOf({ release, canary, stable }: Compared, leastServed: number, more = ''): Cells {
  const { requests, labels } = release.names;
  const { method, route, status_code: status } = labels;
  const range = seconds(rangeOf(release.analysis));
  const events = (side: string): string =>
    inClasses(
      release,
      [method, route, 'class'],
      [
        `increase(${requests}{${side},${route}${OF_THE_APP},${status}=~"${CLASSES}${more}",${status}!~"${UNJUDGED}"}[${range}])`,
        ...meant(release, side),
        ...(side === canary ? [`unless on (${method}, ${route}, ${status}) ${scanned()}`] : []),
      ],
    );
  // A scanner adds 404s to a catch-all, and a file that is gone takes a response from its users.
  const scanned = (): string => {
    const served = (side: string): string => {
      const increase = (more: string): string => `increase(${requests}{${side}${more},${status}!~"4.."}[${range}])`;
      return `sum by (${method}, ${route}) (${increase(`,${route}=~"${CATCH_ALL}"`)}) / on () group_left () sum(${increase('')})`;
    };
    return `label_replace(
  ${served(canary)}
  >= ${number(leastServed)} * ${served(stable)},
  "${status}", "404", "", ""
)`;
  };
  const all = (side: string): string =>
    `sum by (${method}, ${route}) (increase(${requests}{${side},${route}${OF_THE_APP}}[${range}]))`;
  return {
    canary: { bad: events(canary), all: all(canary) },
    stable: { bad: either(events(stable), `0 * ${events(canary)}`), all: all(stable) },
    per: ` on (${method}, ${route}) group_left ()`,
  };
}

const CLASSES = '[34]..';
// A response that says that it is complete, and that its user sees nothing of.
const EMPTY = '20[45]';

/**
 * The least share of the responses of a catch-all that the canary still has, as a part of stable's, if its 404s are those
 * of a scanner.
 */
const LEAST_SERVED = { large: 0.5, small: 0.8 };

/** Returns the increase of responses by class. */
function inClasses(release: Release, by: readonly string[], counted: readonly string[]): string {
  const status = release.names.labels.status_code;
  return `sum by (${by.join(', ')}) (
  label_replace(
    label_replace(
      ${inner(inner(inner(counted.join('\n'))))},
      "class", "\${1}xx", "${status}", "(.).."
    ),
    "class", "$1", "${status}", "(${TOLD_APART})"
  )
)`;
}

/** Returns lines that leave out the differences that a release accepts. */
function meant(release: Release, pods: string): readonly string[] {
  const range = seconds(rangeOf(release.analysis));
  return release.accept.map(
    (each) => `unless last_over_time(${release.names.requests}{${pods},${matchersOf(release, each)}}[${range}])`,
  );
}

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
  // A route of `GET` responds to `HEAD`, but is known for it only after the first request. A catch-all knows all paths, so
  // it counts as known while it serves something.
  const unknown = (side: string, other: string, ...more: readonly string[]): string =>
    `sum(\n${indent(
      [
        increase(`${side},${route}!="(overflow)",${method}!="HEAD",${status}!~"4.."`),
        `unless on (${method}, ${route}) (
  last_over_time(${names.requests}{${other},${route}!~"${CATCH_ALL}"}[${range}])
  or ${increase(`${other},${route}=~"${CATCH_ALL}",${status}!~"4.."`)} > 0
)`,
        ...more,
      ].join('\n'),
    )}\n)`;
  const accepted = accept
    .filter((each) => /^4(?:04|xx)$/.test(each.status))
    .map((each) => `unless last_over_time(${names.requests}{${stable},${routeMatchers(release, each)}}[${range}])`);
  const all = (side: string): string => `sum(${increase(side)})`;
  const found = (side: string): string => `sum(${increase(`${side},${status}!="404"`)})`;
  const lost = unknown(stable, canary, ...accepted);
  const astray = (side: string, matcher: string): string =>
    `(sum(${increase(`${side},${matcher}`)}) or 0 * ${all(side)}) / ${all(side)}`;
  const grows = (matcher: string): string => `(
  ${astray(canary, matcher)}
  - ${astray(stable, matcher)}
  > bool 0.5 * ${inner(lost)} / ${all(stable)}
)`;
  return overSpans(
    analysis,
    PERSISTENCE.spans,
    `  (
    ${inner(inner(lost))} / ${found(stable)} * ${found(canary)}
    >= bool ${PERSISTENCE.events}
  )
  * (
    (${inner(inner(unknown(canary, stable)))} or 0 * ${all(canary)}) / ${found(canary)}
    < bool 0.5 * ${inner(inner(lost))} / ${found(stable)}
  )
  * (
    ${inner(inner(grows(`${status}="404"`)))}
    + ${inner(inner(grows(`${route}=~"${CATCH_ALL}"`)))}
    > bool 0
  )`,
  );
}

/**
 * Returns PromQL for the number of routes whose mean duration is more than `factor` times that of stable; empty if
 * there is none.
 */
export function slowdownOf({ release, canary, stable }: Compared, factor: number): string {
  const { names, analysis } = release;
  const { method, route } = names.labels;
  const sum = (side: string, what: 'sum' | 'count'): string =>
    `sum by (${method}, ${route}) (increase(${names.duration}_${what}{${side},${route}${OF_THE_APP}}[${seconds(rangeOf(analysis))}]))`;
  return overSpans(
    analysis,
    PERSISTENCE.spans,
    `  (${sum(canary, 'count')} >= bool ${analysis.minRequests})
  * (
    ${sum(canary, 'sum')}
    / ${sum(canary, 'count')}
    > bool ${number(factor)}
    * ${sum(stable, 'sum')}
    / ${sum(stable, 'count')}
  )`,
  );
}

/** Events and requests of each cell, on both sides. */
interface Cells {
  readonly canary: { readonly bad: string; readonly all: string };
  readonly stable: { readonly bad: string; readonly all: string };
  /** How the requests of a route are matched to its events, if the events are told apart further. */
  readonly per: string;
}

function cellsOf({ release, canary, stable }: Compared, bad: string, all: string): Cells {
  const { method, route } = release.names.labels;
  const sum = (metric: string, side: string): string =>
    `sum by (${method}, ${route}) (increase(${metric}{${side},${route}${OF_THE_APP}}[${seconds(rangeOf(release.analysis))}]))`;
  return {
    canary: { bad: sum(bad, canary), all: sum(all, canary) },
    stable: { bad: sum(bad, stable), all: sum(all, stable) },
    per: '',
  };
}

/**
 * Returns the number of cells with evidence in a number of spans: enough events, and a share of the canary that exceeds
 * stable's by more than `least`, and by more than chance does in one span of 700: a pooled test of two proportions. The
 * variance of a share p is p * (1 - p), written as 0.25 - (p - 0.5)^2, so that the share is written once.
 */
function countPersisting({ release }: Compared, { canary, stable, per }: Cells, least: number, spans: number): string {
  return overSpans(
    release.analysis,
    spans,
    `  (
    ${inner(inner(canary.bad))}
    >= bool ${PERSISTENCE.events}
  )
  * (
    ${inner(inner(canary.bad))}
    /${per} ${inner(inner(canary.all))}
    - ${inner(inner(stable.bad))}
    /${per} ${inner(inner(stable.all))}
    > bool clamp_min(
      ${PERSISTENCE.z} * sqrt(
        (
          0.25
          - (
            (
              ${inner(inner(inner(inner(inner(inner(inner(canary.bad)))))))}
              + ${inner(inner(inner(inner(inner(inner(inner(stable.bad)))))))}
            )
            /${per} (
              ${canary.all}
              + ${stable.all}
            )
            - 0.5
          ) ^ 2
        )
        *${per} (
          1 / ${canary.all}
          + 1 / ${stable.all}
        )
      ),
      ${number(least)}
    )
  )`,
  );
}

/** Returns how many elements of a product of conditions hold in each of several spans. */
export function overSpans(analysis: Release['analysis'], spans: number, conditions: string): string {
  const span = spanOf(analysis);
  return `count(sum_over_time((\n${conditions}\n)[${seconds(spans * span)}:${seconds(span)}]) >= ${spans})`;
}

function matchersOf(release: Release, accepted: Accepted): string {
  const status = release.names.labels.status_code;
  return `${routeMatchers(release, accepted)},${status}=~"${accepted.status.replaceAll('x', '.')}"`;
}

function routeMatchers({ names }: Release, accepted: Accepted): string {
  const { method, route } = names.labels;
  return `${method}="${accepted.method}",${route}=${JSON.stringify(accepted.route)}`;
}
