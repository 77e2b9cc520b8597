import { addComment } from '../promql/comments.js';
import type { Release } from '../release/release.js';
import { indent, number, percent } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { increaseInSpan, rangeOf, seconds, spanOf } from './series.js';

/** A release, and the pods of both sides as label matchers. */
export interface Compared {
  readonly release: Release;
  readonly canary: string;
  readonly stable: string;
  /** PromQL for how much earlier the spans of stable are; usually empty. */
  readonly offset: string;
}

/** Events and requests of each cell, on both sides. */
export interface Cells {
  readonly canary: { readonly bad: string; readonly all: string };
  readonly stable: { readonly bad: string; readonly all: string };
  /** How the requests of a route are matched to its events, if the events are told apart further. */
  readonly per: string;
}

/**
 * Returns PromQL that is 1 for the cells in which the share of the canary exceeds stable's by more than `least`, and by
 * more than chance does in one span of 700, or of 80 if the difference is large. The arcsine of the square root of a
 * share has a standard error that depends only on the number of requests; the constants correct it where there are few. (F. J.
 * Anscombe, "The transformation of Poisson, binomial and negative-binomial data", 1948.) Fewer standard errors prove a large
 * difference, without half an event of the canary, so that one event is never evidence.
 */
export function more({ canary, stable, per }: Cells, least: number): string {
  const [z, correction] = least === 0 ? [PERSISTENCE.z, '+ 0.375'] : [PERSISTENCE.zOfLarge, '- 0.125'];
  const angle = ({ bad, all }: Cells['canary'], correction: string): string =>
    `asin(sqrt(clamp_max(\n  (\n${indent(indent(bad))}\n    ${correction}\n  )\n  /${per} (${all} + 0.75),\n  1\n)))`;
  const share = ({ bad, all }: Cells['canary']): string => `${bad}\n/${per} ${all}`;
  const byChance = `${number(z / 2)} * sqrt(\n  1 / (${canary.all} + 0.5)\n  + 1 / (${stable.all} + 0.5)\n)`;
  return each(
    addComment(
      `Is the share of the canary larger than on stable, by more than chance: ${z} standard errors?`,
      `${angle(canary, correction)}\n- ${angle(stable, '+ 0.375')}\n> bool${per} ${byChance}`,
    ),
    ...(least === 0
      ? []
      : [
          addComment(
            `Is it larger by ${percent(least)} of the requests?`,
            `${share(canary)}\n- ${share(stable)}\n> bool ${number(least)}`,
          ),
        ]),
  );
}

/** Returns PromQL for the increase of the series of a metric on pods of one side, in a span. */
export function increaseOf(compared: Compared, metric: string, matchers: string): string {
  return increaseInSpan(compared.release.analysis, metric, matchers, offsetOf(compared, matchers));
}

/** Returns PromQL for how much earlier the series of matchers are compared, which begin with those of their side. */
export function offsetOf({ stable, offset }: Compared, matchers: string): string {
  return matchers.startsWith(stable) ? offset : '';
}

/** Returns a function that returns PromQL for the requests that label matchers select, in a span. */
export function requestsIn(compared: Compared): (matchers: string) => string {
  return (matchers) => increaseOf(compared, compared.release.names.requests, matchers);
}

/** Returns PromQL for the series of requests to routes that one side knows. */
export function knownTo(compared: Compared, side: string): string {
  const { names, analysis } = compared.release;
  return `last_over_time(${names.requests}{${side}}[${seconds(rangeOf(analysis))}]${offsetOf(compared, side)})`;
}

/** Returns PromQL for a part of a query that leaves out the routes that one side knows. */
export function unlessKnownTo(compared: Compared, side: string): string {
  const { method, route } = compared.release.names.labels;
  return `unless on (${method}, ${route}) ${knownTo(compared, side)}`;
}

/** Returns a function that returns PromQL for the number of requests of a side that found something, in a span. */
export function foundIn(compared: Compared): (side: string) => string {
  const increase = requestsIn(compared);
  return (side) => `sum(${increase(`${side},${compared.release.names.labels.status_code}!="404"`)})`;
}

/** Returns PromQL that is 1 where each of several conditions is 1, and 0 where one is not. */
export function each(...conditions: readonly string[]): string {
  return conditions.map((condition) => `(\n${indent(condition)}\n)`).join('\n* ');
}

export function either(...conditions: readonly string[]): string {
  return conditions.join('\nor ');
}

/**
 * Returns PromQL for the number of elements that are 1 in each of the spans of a proof, and of which the sum of `surplus` over
 * these spans is not negative; empty if there is none.
 */
export function overSpans(release: Release, condition: string, surplus?: string): string {
  const { spans } = PERSISTENCE;
  const isProven = `${sumOverSpans(release, condition)} >= ${spans}`;
  if (surplus === undefined) return `count(${isProven})`;
  return `count(\n${indent(`${isProven}\nand ${sumOverSpans(release, surplus)} >= 0`)}\n)`;
}

function sumOverSpans({ analysis }: Release, promql: string): string {
  const span = spanOf(analysis);
  return `sum_over_time((\n${indent(promql)}\n)[${seconds(PERSISTENCE.spans * span)}:${seconds(span)}])`;
}
