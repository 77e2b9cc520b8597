import type { Release } from '../release/release.js';
import { number, type Tally } from './evidence.js';

/** PromQL of what the pods of one side served: each answers one element without labels, or none where nothing is scraped. */
export interface Series {
  /** Failed requests in the window. */
  readonly errors: Tally;
  /** Requests within the objective in the window. */
  readonly fast: Tally;
  /** Requests that hang, beside those that ended in the window. */
  readonly hangs: Tally;
  /** Failed requests since the pods began. */
  readonly errorsSinceStart: Tally;
  /** Requests within the objective since the pods began. */
  readonly fastSinceStart: Tally;
  /** Requests since the pods began: there from the first scrape on, at 0. */
  readonly seen: string;
}

/** The series of Coalmine on the pods that label matchers select, by the names that the release gives them. */
export function seriesOf({ names, objective, analysis }: Release, pods: string): Series {
  const window = seconds(analysis.windowSeconds);
  const status = names.labels.status_code;
  const increase = (metric: string, ...matchers: readonly string[]): string =>
    `sum(increase(${metric}{${[pods, ...matchers].join(',')}}[${window}]))`;
  // A counter says what it counted since the process began, before the first scrape as well: increase() cannot.
  const latest = (metric: string, ...matchers: readonly string[]): string =>
    `sum(last_over_time(${metric}{${[pods, ...matchers].join(',')}}[${window}]))`;
  const failed = `${status}=~"5.."`;
  const within = isWithin(objective.latency);
  const overdue = latest(names.overdue);
  return {
    errors: { bad: increase(names.requests, failed), all: increase(names.requests) },
    fast: {
      good: increase(`${names.duration}_bucket`, within),
      all: increase(`${names.duration}_count`),
    },
    hangs: { bad: overdue, all: `(${increase(names.requests)} + ${overdue})` },
    errorsSinceStart: { bad: latest(names.requests, failed), all: latest(names.requests) },
    fastSinceStart: {
      good: latest(`${names.duration}_bucket`, within),
      all: latest(`${names.duration}_count`),
    },
    seen: latest(names.requests),
  };
}

/** A Prometheus duration: `90s`, `2m`. */
export function seconds(value: number): string {
  if (!Number.isInteger(value)) return `${Math.round(1000 * value)}ms`;
  return value % 60 === 0 ? `${value / 60}m` : `${value}s`;
}

/** A matcher of a bucket bound. Prometheus 3 stores the whole number 1 as 1.0. */
export function isWithin(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}\\\\.0"` : `le="${number(bound)}"`;
}
