import type { Release } from '../release/release.js';
import { number, type Tally } from './evidence.js';
import { PERSISTENCE, SERVICE } from './persistence.js';

/**
 * PromQL for what the pods of one side served: each returns one element without labels, or none if a series is missing.
 */
export interface Series {
  /** Requests in the window whose client waited for the response. */
  readonly answered: string;
  /** Failed requests in the window. */
  readonly errors: Tally;
  /** Requests over the objective of their route, of the requests whose duration counts, in the window. */
  readonly slowness: Tally;
  /** Failed requests in a span of {@link spanOf}. */
  readonly errorsInSpan: Tally;
  readonly slownessInSpan: Tally;
  /** Slow requests in as many spans as a proof takes. */
  readonly slownessInLongSpan: Tally;
  /** The same two of the pods that began long before. None if there are no such pods. */
  readonly oldSlownessInSpan: Tally;
  readonly oldSlownessInLongSpan: Tally;
  /** Whether the side had pods that long ago. None if it had not, or if nothing says so. */
  readonly isOld: string;
  /** Requests that hang, together with the requests that ended in the window. */
  readonly hangs: Tally;
  /** Failed requests since the pods began. */
  readonly errorsSinceStart: Tally;
  /** The same without what is longer ago than the lookback. */
  readonly errorsInLookback: Tally;
  /** Slow requests since the pods began. */
  readonly slownessSinceStart: Tally;
  readonly slownessInLookback: Tally;
}

/** Returns the series of Coalmine on the pods that label matchers select, by the names of the release. */
export function seriesOf(release: Release, pods: string): Series {
  const { names, analysis } = release;
  const inWindow: Count = (metric, matchers) => increaseInWindow(analysis, metric, matchers);
  const inSpan: Count = (metric, matchers) => increaseInSpan(analysis, metric, matchers);
  const inLongSpan: Count = (metric, matchers) => increaseInLongSpan(analysis, metric, matchers);
  const ofOld =
    (count: Count): Count =>
    (metric, matchers) =>
      ofOldPods(release, pods, count(metric, matchers));
  // A counter includes requests before the first scrape since the process began; increase() does not.
  const sinceStart: Count = (metric, matchers) => latest(analysis, metric, matchers);
  const inLookback: Count = (metric, matchers) => {
    const now = sinceStart(metric, matchers);
    // Of a counter that is younger, or that began again, all counts.
    const then = latest(analysis, metric, matchers, ` offset ${seconds(analysis.lookbackSeconds)}`);
    return `(${now} - ${then} >= 0 or ${now})`;
  };
  const latestSum = (metric: string): string => `sum(${sinceStart(metric, pods)})`;
  const seen = (bad: string, all: string): string => `(${latestSum(bad)} + ${latestSum(all)})`;
  const counted = (bad: string, all: string, count: Count): Tally => ({
    bad: `sum(${count(bad, pods)})`,
    all: all === names.requests ? ofUsers(count) : `sum(${count(all, pods)})`,
    seen: seen(bad, all),
  });
  // The requests that are left out need no difference to be found.
  const ofUsers = (count: Count): string =>
    `sum(${usersOnly(release, pods, count, count === inLookback ? sinceStart : count)})`;
  const overdue = latestSum(names.overdue);
  return {
    answered: `sum(${usersOnly(release, `${pods},${names.labels.status_code}!="499"`, inWindow)})`,
    errors: counted(names.failed, names.requests, inWindow),
    slowness: counted(names.slow, names.timed, inWindow),
    errorsInSpan: counted(names.failed, names.requests, inSpan),
    slownessInSpan: counted(names.slow, names.timed, inSpan),
    slownessInLongSpan: counted(names.slow, names.timed, inLongSpan),
    oldSlownessInSpan: counted(names.slow, names.timed, ofOld(inSpan)),
    oldSlownessInLongSpan: counted(names.slow, names.timed, ofOld(inLongSpan)),
    isOld: `count(${READY}{${pods}} offset ${seconds(oldAge(analysis))})`,
    hangs: {
      bad: overdue,
      all: `(${ofUsers(inWindow)} + ${overdue})`,
      seen: seen(names.overdue, names.requests),
    },
    errorsSinceStart: counted(names.failed, names.requests, sinceStart),
    errorsInLookback: counted(names.failed, names.requests, inLookback),
    slownessSinceStart: counted(names.slow, names.timed, sinceStart),
    slownessInLookback: counted(names.slow, names.timed, inLookback),
  };
}

/** Returns PromQL that counts the series of a metric that label matchers select. */
type Count = (metric: string, matchers: string) => string;

/** The time at which the process of a pod became ready. */
export const READY = 'coalmine_pod_ready_timestamp_seconds';

/** Requests of scanners, and routes that came after `maxRoutes` others. */
export const NO_ROUTE = '[(]overflow[)]|[(]unmatched[)]';
/** Excludes {@link NO_ROUTE}. */
export const OF_THE_APP: string = `!~"${NO_ROUTE}"`;

/** A pattern of routes that respond to all paths below one. */
export const WILDCARD = '.*[*].*';
/** A pattern of routes that respond to all paths which no other route knows, or to all paths below one. */
export const CATCH_ALL: string = `[(]unmatched[)]|${WILDCARD}`;

/**
 * Returns PromQL for the requests of users, as series. A request that a {@link CATCH_ALL} refuses is left out: a scanner sends as many
 * as it likes, and they would hide failures, or look like users where there are none. So is a series without a route: a sidecar
 * may have a counter of the same name. `find` is a shorter query of the series that `count` counts.
 */
export function usersOnly({ names }: Release, pods: string, count: Count, find: Count = count): string {
  const { route, status_code: status } = names.labels;
  const refused = `${route}=~"${CATCH_ALL}",${status}=~"4.."`;
  return `${count(names.requests, `${pods},${route}!=""`)} unless ${find(names.requests, `${pods},${refused}`)}`;
}

/** Returns PromQL for the last sample of each series that matchers select, if a window has one. */
export function latest({ windowSeconds }: Release['analysis'], metric: string, matchers: string, offset = ''): string {
  return `last_over_time(${metric}{${matchers}}[${seconds(windowSeconds)}]${offset})`;
}

/** Returns PromQL for the increase of the series of a metric that matchers select, in the window. */
export function increaseInWindow({ windowSeconds }: Release['analysis'], metric: string, matchers: string): string {
  return `increase(${metric}{${matchers}}[${seconds(windowSeconds)}])`;
}

/** Returns PromQL for the increase of the series of a metric that matchers select, in a span of {@link spanOf}. */
export function increaseInSpan(analysis: Release['analysis'], metric: string, matchers: string, offset = ''): string {
  return `increase(${metric}{${matchers}}[${seconds(rangeOf(analysis))}]${offset})`;
}

/** Returns PromQL for the increase of the series of a metric that matchers select, in as many spans as a proof takes. */
export function increaseInLongSpan(analysis: Release['analysis'], metric: string, matchers: string): string {
  return `increase(${metric}{${matchers}}[${seconds(longSpanOf(analysis) + analysis.scrapeSeconds)}])`;
}

/**
 * Returns the counts of those pods whose process began long before: a cold start is over before the latest long span of a
 * process that is as old as two.
 */
export function ofOldPods({ analysis, labels }: Release, pods: string, counted: string): string {
  return `${counted} and on (${labels.pod}) time() - ${READY}{${pods}} > ${oldAge(analysis)}`;
}

function oldAge(analysis: Release['analysis']): number {
  return 2 * longSpanOf(analysis);
}

function longSpanOf(analysis: Release['analysis']): number {
  return SERVICE.spans * spanOf(analysis);
}

/** Returns the seconds of each span in a comparison of consecutive spans: half a window, and at least four scrapes. */
export function spanOf({ windowSeconds, scrapeSeconds }: Release['analysis']): number {
  return Math.max(windowSeconds / 2, 4 * scrapeSeconds);
}

/**
 * Returns how many seconds before a measurement stable is compared after the switch of a blue-green release. The spans of
 * the first proof after the switch are then compared with spans that ended before the switch.
 */
export function switchedSecondsOf(analysis: Release['analysis']): number {
  return (PERSISTENCE.spans + 2) * spanOf(analysis);
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
export function matchBucket(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}\\\\.0"` : `le="${number(bound)}"`;
}
