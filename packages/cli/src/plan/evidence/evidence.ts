import { timingOf } from '../../manifests/timing.js';
import { leastThat } from '../../queries/bisection.js';
import { leastShareOf, quantile } from '../../queries/evidence.js';
import { leastEvents, PERSISTENCE, SERVICE } from '../../queries/persistence.js';
import { spanOf } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { medianOf } from '../history/numbers.js';
import type { History } from '../history/traffic.js';
import type { Evidence, RareRoute, Stage, StepAt, StepEvidence, Traffic } from '../result.js';

/** The evidence that a view of the canary's requests needs for a rollback. */
interface Proof {
  readonly events: number;
  readonly minRequests: number;
  readonly z: number;
  readonly allowed: number;
}

/** Returns what each step of a release can prove at the traffic of the history. */
export function evidenceOf(release: Release, stages: readonly Stage[], history: History): Evidence {
  const traffic = trafficOf(history);
  const proofOf = proofsOf(release);
  const { settled } = timingOf(release);
  const steps = stages.map((stage, i): StepEvidence => {
    // The traffic that the canary has had when the step starts, in seconds of the service's traffic.
    const before = stages.slice(0, i).reduce((sum, { share, seconds }) => sum + share * seconds, 0);
    return { ...stage, at: traffic.map((each) => stepAt(stage, before, each)) };
  });
  const busy = traffic.find(({ time }) => time === 'busy');
  const { rare, judgedShare } = routesBy(release, stages, history, busy?.perSecond ?? 0);
  return { traffic, byHour: history.byHour, steps, rareRoutes: rare, judgedShare };

  function stepAt({ share, seconds }: Stage, before: number, { time, perSecond }: Traffic): StepAt {
    const { analysis, objective } = release;
    const { usualErrorRatio: errorRatio = 0, overShare = 0, timedShare } = history;
    const rate = perSecond * share;
    const inWindow = rate * analysis.windowSeconds;
    const sinceStart = perSecond * (before + share * seconds);
    const smallestProven = (allowed: number, counted: number): number | undefined => {
      const shares = [
        smallestShare(counted * inWindow, proofOf(SERVICE.events, allowed)),
        smallestShare(counted * sinceStart, proofOf(SERVICE.eventsSinceStart, allowed)),
      ].filter((each): each is number => each !== undefined);
      return inWindow < analysis.minRequests || shares.length === 0 ? undefined : Math.min(...shares);
    };
    const secondsFor = (allowed: number, counted: number): number | undefined => {
      const needed = requestsFor(2 * allowed, proofOf(SERVICE.eventsSinceStart, allowed));
      const counting = rate * counted;
      return needed === undefined || counting <= 0 ? undefined : Math.max(settled, Math.ceil(needed / counting));
    };
    // Failures that stable has as well do not count against the canary.
    const allowedShare = (objective: number, today: number): number =>
      analysis.compareWithStable ? Math.max(objective, SERVICE.timesStable * today) : objective;
    const errors = smallestProven(allowedShare(objective.errorRatio, errorRatio), 1);
    const slowness = smallestProven(allowedShare(objective.overShare, overShare), timedShare);
    return {
      time,
      requestsInWindow: inWindow,
      requests: rate * seconds,
      errors,
      errorIncrease: errors === undefined ? undefined : Math.max(0, errors - errorRatio),
      slowness,
      slownessIncrease: slowness === undefined ? undefined : Math.max(0, slowness - overShare),
      secondsForErrors: secondsFor(objective.errorRatio, 1),
      secondsForSlowness: secondsFor(objective.overShare, timedShare),
    };
  }
}

function trafficOf({ byHour, slots }: History): readonly Traffic[] {
  const [first] = byHour;
  if (first === undefined) return [];
  const ordered = [...byHour].sort((a, b) => a.perSecond - b.perSecond);
  const [night = first, busy = first] = [ordered[0], ordered.at(-1)];

  return [
    { time: 'busy', when: hourOf(busy.hour), perSecond: busy.perSecond },
    { time: 'median', when: 'half of all hours', perSecond: medianOf(slots.map(({ perSecond }) => perSecond)) ?? 0 },
    { time: 'night', when: hourOf(night.hour), perSecond: night.perSecond },
  ];
}

function hourOf(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00 UTC`;
}

/**
 * Returns the evidence that the queries of a release need for a rollback: a number of events, at a share above the
 * allowed share.
 */
export function proofsOf({ analysis }: Pick<Release, 'analysis'>): (events: number, allowed: number) => Proof {
  const { minRequests } = analysis;
  const z = quantile(analysis.confidence);
  return (events, allowed) => ({
    events: leastEvents(events, minRequests),
    minRequests,
    z,
    allowed,
  });
}

/**
 * Returns the smallest share of bad requests that a number of requests proves, if it contains as many bad requests as
 * the share predicts.
 */
export function smallestShare(requests: number, proof: Proof): number | undefined {
  if (!isProven(1, requests, proof)) return undefined;
  return leastThat((share) => isProven(share, requests, proof), proof.allowed, 1, 1e-6);
}

/** Returns the fewest requests that prove a share; `undefined` if no number does. */
export function requestsFor(share: number, proof: Proof): number | undefined {
  if (share <= proof.allowed || share > 1) return undefined;
  let high = proof.minRequests;
  while (!isProven(share, high, proof)) {
    high *= 2;
    if (high > 1e12) return undefined;
  }
  let low = proof.minRequests;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isProven(share, middle, proof)) high = middle;
    else low = middle;
  }
  return high;
}

function isProven(share: number, requests: number, { events, minRequests, z, allowed }: Proof): boolean {
  const bad = share * requests;
  return requests >= minRequests && bad >= events && leastShareOf(bad, requests, z) > allowed;
}

/**
 * Returns the routes that not even the last step can judge at the busiest hour, even if every request of them failed.
 * Each of several spans in a row needs two events, and half of the releases would not have them.
 */
function routesBy(
  release: Release,
  stages: readonly Stage[],
  history: History,
  perSecond: number,
): { readonly rare: readonly RareRoute[]; readonly judgedShare: number } {
  const share = Math.max(0, ...stages.map((stage) => stage.share));
  const total = history.routes.reduce((sum, { requests }) => sum + requests, 0);
  if (total === 0 || share === 0 || perSecond === 0) return { rare: [], judgedShare: 0 };
  const needed = (3600 * meanNeeded()) / (spanOf(release.analysis) * share);
  const routes = history.routes.map(({ route, requests }) => ({
    route,
    perHour: (3600 * perSecond * requests) / total,
    requests,
  }));
  const rare = routes.filter(({ perHour }) => perHour < needed);
  return {
    rare: rare.map(({ route, perHour }) => ({ route, perHour, neededPerHour: needed })),
    judgedShare: 1 - rare.reduce((sum, { requests }) => sum + requests, 0) / total,
  };
}

/** Returns the mean number of events per span with which half of all releases have enough events in each span. */
function meanNeeded(): number {
  const { spans, events } = PERSISTENCE;
  return leastThat((mean) => (1 - fewerThan(events, mean)) ** spans >= 0.5, 0, 50, 1e-4);
}

/** Returns the probability that a Poisson variable is less than a number. */
function fewerThan(number: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = 0;
  for (let i = 0; i < number; i += 1) {
    sum += term;
    term *= mean / (i + 1);
  }
  return sum;
}
