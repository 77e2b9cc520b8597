import type { Release } from '../release/release.js';
import { guardQuery } from './agreement.js';
import { indent } from './evidence.js';
import { SERVICE } from './persistence.js';
import type { Question, Sides } from './question.js';
import { latest, seconds } from './series.js';

/** The result if many pods were restarted once. */
export const MANY_RESTARTED = 1.5;

// How many pods are many, and what share of them.
const MANY = { pods: 3, share: 0.25 } as const;

/** Returns the question whether the pods of the canary stay up. */
export function restarts(release: Release, { canary, stable }: Sides): Question {
  const { analysis, names } = release;
  const of = (side: string): string => {
    const ready = `coalmine_pod_ready_timestamp_seconds{${side}}`;
    // The time only grows, so each later start is a reset of its negative. changes() would count the first sample on
    // VictoriaMetrics, and not on Prometheus. Pods that are gone may be those of the release before.
    return `resets((-${ready})[${seconds(analysis.lookbackSeconds)}:${seconds(analysis.scrapeSeconds)}]) and last_over_time(${ready}[${seconds(2 * analysis.windowSeconds)}])`;
  };
  const ofCanary = of(canary);
  const most = `(
  max(${ofCanary})
  + ${MANY_RESTARTED - 1} * (max(${ofCanary}) == bool 1)
  * (sum(${ofCanary}) >= bool ${MANY.pods})
  * (avg(${ofCanary}) >= bool ${MANY.share})
)`;
  // One pod of many on stable that restarts excuses nothing.
  const beyondStable = (ofStable: string): string =>
    `\n* (${indent(most).trimStart()} > bool ${SERVICE.timesStable} * (quantile(0.9, ${ofStable}) or vector(0)))`;
  return {
    name: 'restarts',
    kind: 'release',
    why: `How often the least steady pod was restarted, if stable's pods were not. Once may be a drained node or a lost
probe; twice is a crash loop, which few requests show: they fail before they reach the app. ${MANY_RESTARTED} if many pods were
restarted once, as when memory leaks.`,
    query: guardQuery(
      release,
      canary,
      `${most}${stable === undefined ? '' : beyondStable(of(stable))}\nor sum(${latest(analysis, names.requests, canary)}) == 0`,
    ),
    good: { most: 1 },
    badAbove: MANY_RESTARTED,
  };
}
