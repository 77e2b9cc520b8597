import type { Release } from '../release/release.js';
import { guardQuery } from './agreement.js';
import { indent, inner } from './evidence.js';
import { SERVICE } from './persistence.js';
import type { Question, Sides } from './question.js';
import { latest, READY, seconds } from './series.js';

/** The result if many pods were restarted once. */
export const MANY_RESTARTED = 1.5;
/** The result if other pods replaced the pods of the canary again and again. */
export const MANY_REPLACED = 1.25;

// How many pods are many, and what share of them. Of two pods, both are many.
const MANY = { pods: 3, least: 2, share: 0.25 } as const;
// How many pods in the place of one are many.
const IN_ONE_PLACE = 3;

/** Returns the question whether the pods of the canary stay up. */
export function restarts(release: Release, { canary, stable }: Sides): Question {
  const { analysis, names } = release;
  const ofCanary = restartsOf(release, canary);
  const most = `(
  max(${ofCanary})
  + ${MANY_RESTARTED - 1} * (max(${ofCanary}) == bool 1)
  * (sum(${ofCanary}) >= bool clamp(count(${ofCanary}), ${MANY.least}, ${MANY.pods}))
  * (avg(${ofCanary}) >= bool ${MANY.share})
)`;
  // One pod of many on stable that restarts excuses nothing.
  const beyondStable = (ofStable: string): string =>
    `${most} > ${SERVICE.timesStable} * (quantile(0.9, ${ofStable}) or vector(0))\nor 0 * max(${ofCanary})`;
  const ofPlaces = replacedOf(release, canary);
  const replaced =
    stable === undefined
      ? ofPlaces
      : `${ofPlaces}\n> bool (\n${indent(replacedOf(release, stable))}\n  or vector(0)\n)`;
  return {
    name: 'restarts',
    kind: 'release',
    why: `How often the least steady pod was restarted, if stable's pods were not. Once may be a drained node or a lost
probe; twice is a crash loop, which few requests show: they fail before they reach the app. ${MANY_RESTARTED} if many pods were
restarted once, as when memory leaks; ${MANY_REPLACED} if pods with other names replaced them twice, as after evictions.`,
    query: guardQuery(
      release,
      canary,
      `max(
  ${inner(stable === undefined ? most : beyondStable(restartsOf(release, stable)))}
  or label_replace(
    ${MANY_REPLACED} * (
${indent(indent(indent(replaced)))}
    ),
    "places", "replaced", "", ""
  )
)
or sum(${latest(analysis, names.requests, canary)}) == 0`,
    ),
    good: { most: 1 },
    badAbove: MANY_RESTARTED,
  };
}

/** Returns PromQL for the number of restarts of each pod of one side that is there. */
function restartsOf({ analysis }: Release, side: string): string {
  const ready = `${READY}{${side}}`;
  // The time only grows, so each later start is a reset of its negative. changes() would count the first sample on
  // VictoriaMetrics, and not on Prometheus. Pods that are gone may be those of the release before.
  return `resets((-${ready})[${seconds(analysis.lookbackSeconds)}:${seconds(analysis.scrapeSeconds)}]) and last_over_time(${ready}[${seconds(2 * analysis.windowSeconds)}])`;
}

/**
 * Returns PromQL for 1 if a ReplicaSet of one side has had several times as many pods as it ever had at once, and 0 if it has
 * not. Pods that an autoscaler adds are there at once.
 */
function replacedOf({ analysis, labels }: Release, side: string): string {
  const { lookbackSeconds, scrapeSeconds } = analysis;
  const lookback = seconds(lookbackSeconds);
  // The name of a pod is the name of its ReplicaSet and five letters.
  const pods = (range = ''): string => {
    const ready = `${READY}{${side}}`;
    const seen = range === '' ? ready : `last_over_time(${ready}[${range}])`;
    return `count by (owner) (label_replace(${seen}, "owner", "$1", "${labels.pod}", "(.*)-.*"))`;
  };
  return `max(
  ${pods(lookback)}
  >= bool ${IN_ONE_PLACE} * max_over_time(${pods()}[${lookback}:${seconds(scrapeSeconds)}])
  and ${pods(seconds(2 * analysis.windowSeconds))}
)`;
}
