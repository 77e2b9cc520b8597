import { OBJECTIVE } from './objective.js';

// A request that ends this close to the objective, in seconds, may be on either side of it for its client and its server.
const BAND = 0.15;

/**
 * What the clients saw, in the same terms as a {@link import('./reading.js').Reading}: exact, from every single visit.
 *
 * @param {import('./visit.js').Visit[]} visits
 * @param {ReturnType<import('./probe.js').probe>} probes that went on meanwhile
 */
export function truth(visits, probes) {
  const outcomes = visits.map(outcomeOf);
  const byStatus = new Map();
  for (const { key } of outcomes) byStatus.set(key, (byStatus.get(key) ?? 0) + 1);
  const durations = outcomes.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds])).sort((a, b) => a - b);
  return {
    byStatus,
    requests: visits.length,
    faults: outcomes.filter(({ status }) => status >= 500).length,
    observed: durations.length,
    over: durations.filter((seconds) => seconds > OBJECTIVE.latency).length,
    p95: durations[Math.ceil(0.95 * durations.length) - 1],
    /** Visits that ended too close to the objective to tell, on a machine as busy as this one was at that time. */
    close: visits.filter((visit) => {
      const doubt = BAND + probes.longestDelay(visit.startedAt, visit.endedAt);
      return Math.abs(secondsOf(visit) - OBJECTIVE.latency) < doubt;
    }).length,
  };
}

function secondsOf({ startedAt, endedAt }) {
  return (endedAt - startedAt) / 1000;
}

function outcomeOf(visit) {
  const { errand, end, status: received } = visit;
  const seconds = secondsOf(visit);
  const { status, isObserved } = judge(end, received, seconds);
  return { key: `${errand.method} ${errand.route} ${status}`, status, seconds: isObserved ? seconds : undefined };
}

/** The rules of docs/metrics.md, applied at the client's end. */
function judge(end, received, seconds) {
  const isOver = seconds > OBJECTIVE.latency;
  switch (end) {
    case 'answered':
      return { status: received, isObserved: true };
    case 'cut':
      return { status: 500, isObserved: true };
    case 'left mid-body':
      return { status: received, isObserved: isOver };
    case 'left':
      return { status: seconds > OBJECTIVE.patience ? 504 : 499, isObserved: isOver };
    default:
      throw new Error(`a visit cannot end ${end}`);
  }
}
