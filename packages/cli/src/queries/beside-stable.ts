import type { Accepted, Release } from '../release/release.js';
import { indent, inner, number } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { rangeOf, seconds, spanOf } from './series.js';

/** A release, and the pods of both sides as label matchers. */
export interface Compared {
  readonly release: Release;
  readonly canary: string;
  readonly stable: string;
}

// As regular expressions. 304 means that the client has the response, 499 that the client left; some 4xx are a class of
// their own.
export const UNJUDGED = '304|499';
export const TOLD_APART = '40[134]|429';

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
 * Returns PromQL for the number of routes and classes of responses (3xx, 401, 403, 404, 429, other 4xx) whose share
 * exceeds stable's by more than `excess`; empty if there is none. A difference that the release accepts does not count.
 */
export function answersOf(compared: Compared, excess: number): string {
  const { release } = compared;
  const { names, accept } = release;
  const { method, route, status_code: status } = names.labels;
  const range = seconds(rangeOf(release.analysis));
  const events = (side: string): string => {
    const pods = `${side},${route}${OF_THE_APP}`;
    const increase = `increase(${names.requests}{${pods},${status}=~"[34]..",${status}!~"${UNJUDGED}"}[${range}])`;
    const meant = accept.map(
      (each) => `unless last_over_time(${names.requests}{${pods},${matchersOf(release, each)}}[${range}])`,
    );
    const counted = [increase, ...meant].join('\n      ');
    return `sum by (${method}, ${route}, class) (
  label_replace(
    label_replace(
      ${counted},
      "class", "\${1}xx", "${status}", "(.).."
    ),
    "class", "$1", "${status}", "(${TOLD_APART})"
  )
)`;
  };
  const all = (side: string): string =>
    `sum by (${method}, ${route}) (increase(${names.requests}{${side},${route}${OF_THE_APP}}[${range}]))`;
  const cells: Cells = {
    canary: { bad: events(compared.canary), all: all(compared.canary) },
    stable: {
      bad: `(\n${indent(`${events(compared.stable)}\nor 0 * ${events(compared.canary)}`)}\n)`,
      all: all(compared.stable),
    },
    per: ` on (${method}, ${route}) group_left ()`,
  };
  return countPersisting(compared, cells, excess, PERSISTENCE.spans);
}

/**
 * Returns PromQL for 1 if the canary responds with 404 to at least half of the share of the traffic that stable has on
 * routes which the canary does not know; otherwise empty. A route whose parameter has another name is unknown, but
 * nobody gets a 404.
 */
export function lostRoutes({ release, canary, stable }: Compared): string {
  const { names, analysis, accept } = release;
  const { method, route, status_code: status } = names.labels;
  const range = seconds(rangeOf(analysis));
  const increase = (pods: string): string => `increase(${names.requests}{${pods}}[${range}])`;
  const lost = [
    increase(`${stable},${route}${OF_THE_APP},${status}!="404"`),
    `unless on (${method}, ${route}) last_over_time(${names.requests}{${canary}}[${range}])`,
    ...accept
      .filter((each) => /^4(?:04|xx)$/.test(each.status))
      .map((each) => `unless last_over_time(${names.requests}{${stable},${routeMatchers(release, each)}}[${range}])`),
  ].join('\n');
  const notFound = (side: string): string => `sum(${increase(`${side},${status}="404"`)})`;
  const all = (side: string): string => `sum(${increase(side)})`;
  return overSpans(
    analysis,
    PERSISTENCE.spans,
    `  (${notFound(canary)} >= bool ${PERSISTENCE.events})
  * (
    ${notFound(canary)} / ${all(canary)}
    - (${notFound(stable)} or 0 * ${all(stable)}) / ${all(stable)}
    > bool 0.5 * sum(
${indent(indent(indent(lost)))}
    ) / ${all(stable)}
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
