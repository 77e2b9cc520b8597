import { OBJECTIVE } from './objective.js';

// If a duration is this close to the objective, in seconds, its client and its server may see it on different sides.
const BAND = 0.15;

/**
 * The requests that were sent to a release.
 *
 * @typedef {object} Sent
 * @property {import('./visit.js').Visit[]} cold visits of users while the pod was cold: their durations do not count
 * @property {import('./visit.js').Visit[]} visits later visits of users
 * @property {Record<string, number[]>} excluded the statuses of requests that no user sent, by the reason of their exclusion
 */

/**
 * Returns what the clients saw in the form of a {@link import('./reading.js').Reading}: exact, because it is from every visit.
 *
 * @param {Sent} sent
 * @param {ReturnType<import('./probe.js').probe>} probes the probes that ran during the visits
 */
export function truth({ cold, visits, excluded }, probes) {
  const coldOutcomes = cold.map(outcomeOf);
  const warmOutcomes = visits.map(outcomeOf);
  const outcomes = [...coldOutcomes, ...warmOutcomes];
  const durations = durationsOf(warmOutcomes).sort((a, b) => a - b);
  return {
    byStatus: countBy(outcomes, ({ key }) => key),
    requests: outcomes.length,
    faults: outcomes.filter(({ status }) => status >= 500).length,
    observed: durations.length,
    over: durations.filter((seconds) => seconds > OBJECTIVE.latency).length,
    p95: durations[Math.ceil(0.95 * durations.length) - 1],
    withheld: durationsOf(coldOutcomes).length,
    excluded: countBy(
      Object.entries(excluded).flatMap(([reason, statuses]) =>
        statuses.map((status) => `${reason} ${classOf(status)}`),
      ),
      (key) => key,
    ),
    /** Visits too close to the objective to say on which side they are, on a machine as busy as it was at that time. */
    close: visits.filter((visit) => {
      const doubt = BAND + probes.longestDelay(visit.startedAt, visit.endedAt);
      return Math.abs(secondsOf(visit) - OBJECTIVE.latency) < doubt;
    }).length,
  };
}

function secondsOf({ startedAt, endedAt }) {
  return (endedAt - startedAt) / 1000;
}

function durationsOf(outcomes) {
  return outcomes.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
}

function classOf(status) {
  return `${Math.floor(status / 100)}xx`;
}

/** @template T @param {T[]} all @param {(each: T) => string} keyOf */
function countBy(all, keyOf) {
  const counts = new Map();
  for (const each of all) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return counts;
}

function outcomeOf(visit) {
  const { errand, end, status: received } = visit;
  const seconds = secondsOf(visit);
  const { status, isObserved } = judge(end, received, seconds);
  return { key: `${errand.method} ${errand.route} ${status}`, status, seconds: isObserved ? seconds : undefined };
}

/** Applies the rules of docs/metrics.md to what the client saw. */
function judge(end, received, seconds) {
  const isOver = seconds > OBJECTIVE.latency;
  switch (end) {
    case 'answered':
      return { status: received, isObserved: true };
    case 'cut':
      return { status: 500, isObserved: true };
    case 'left mid-body':
      return { status: received, isObserved: seconds > OBJECTIVE.patience };
    case 'left':
      return { status: seconds > OBJECTIVE.patience ? 504 : 499, isObserved: isOver };
    default:
      throw new Error(`a visit cannot end ${end}`);
  }
}
