import type { Release } from '../release/release.js';
import { number, type Tally } from './evidence.js';

/**
 * PromQL for what the pods of one side served: each returns one element without labels, or none if a series is missing.
 */
export interface Series {
  /** Failed requests in the window. */
  readonly errors: Tally;
  /** Requests over the objective of their route, of the requests whose duration counts, in the window. */
  readonly slowness: Tally;
  /** Failed requests in a span of {@link spanOf}. */
  readonly errorsInSpan: Tally;
  readonly slownessInSpan: Tally;
  /** Requests that hang, together with the requests that ended in the window. */
  readonly hangs: Tally;
  /** Failed requests since the pods began. */
  readonly errorsSinceStart: Tally;
  /** Slow requests since the pods began. */
  readonly slownessSinceStart: Tally;
}

/** Returns the series of Coalmine on the pods that label matchers select, by the names of the release. */
export function seriesOf({ names, analysis }: Release, pods: string): Series {
  const window = seconds(analysis.windowSeconds);
  const increase = (metric: string, range: string): string => `sum(increase(${metric}{${pods}}[${range}]))`;
  // A counter includes requests before the first scrape since the process began; increase() does not.
  const sinceStart = (metric: string): string => `sum(${latest(analysis, metric, pods)})`;
  const seen = (bad: string, all: string): string => `(${sinceStart(bad)} + ${sinceStart(all)})`;
  const counted = (bad: string, all: string, count: (metric: string) => string): Tally => ({
    bad: count(bad),
    all: count(all),
    seen: seen(bad, all),
  });
  const within = (range: string) => (metric: string) => increase(metric, range);
  const inSpan = within(seconds(rangeOf(analysis)));
  const overdue = sinceStart(names.overdue);
  return {
    errors: counted(names.failed, names.requests, within(window)),
    slowness: counted(names.slow, names.timed, within(window)),
    errorsInSpan: counted(names.failed, names.requests, inSpan),
    slownessInSpan: counted(names.slow, names.timed, inSpan),
    hangs: {
      bad: overdue,
      all: `(${increase(names.requests, window)} + ${overdue})`,
      seen: seen(names.overdue, names.requests),
    },
    errorsSinceStart: counted(names.failed, names.requests, sinceStart),
    slownessSinceStart: counted(names.slow, names.timed, sinceStart),
  };
}

/** Returns PromQL for the last sample of each series that matchers select, if a window has one. */
export function latest({ windowSeconds }: Release['analysis'], metric: string, matchers: string): string {
  return `last_over_time(${metric}{${matchers}}[${seconds(windowSeconds)}])`;
}

/** Returns the seconds of each span in a comparison of consecutive spans: half a window, and at least four scrapes. */
export function spanOf({ windowSeconds, scrapeSeconds }: Release['analysis']): number {
  return Math.max(windowSeconds / 2, 4 * scrapeSeconds);
}

/**
 * Returns the seconds that a span reads: up to the last scrape before it, so that no request falls between two spans.
 */
export function rangeOf(analysis: Release['analysis']): number {
  return spanOf(analysis) + analysis.scrapeSeconds;
}

/** Returns a Prometheus duration: `90s`, `2m`. */
export function seconds(value: number): string {
  if (!Number.isInteger(value)) return `${Math.round(1000 * value)}ms`;
  return value % 60 === 0 ? `${value / 60}m` : `${value}s`;
}

/** Returns a matcher of a bucket bound. Prometheus 3 stores the whole number 1 as 1.0. */
export function isWithin(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}\\\\.0"` : `le="${number(bound)}"`;
}
