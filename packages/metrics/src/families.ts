import { CounterFamily } from './counter-family.js';
import type { Aggregator, Family } from './family.js';
import { HistogramFamily } from './histogram-family.js';
import { countsOf, durationsOf } from './labelled-cell.js';
import { Reading, withoutLabels } from './reading.js';
import type { Recorder } from './recorder.js';
import { byRoute, byStatus, durations } from './route-series.js';
import type { CounterSeries, HistogramSeries, Source } from './series.js';

/** The name of the only metric that nobody can rename. */
export const OBJECTIVE_NAME = 'coalmine_objective_latency_seconds';

/** Returns what is registered of the numbers of a recorder, in the order of an exposition. */
export function createFamilies(recorder: Recorder): Family[] {
  const { exclusions, inFlight } = recorder;
  const { names, objective } = recorder.settings;
  const counter = (name: string, help: string, source: Source<CounterSeries>): Family =>
    new CounterFamily(recorder, name, help, source);
  const histogram = (name: string, help: string, source: Source<HistogramSeries>): Family =>
    new HistogramFamily(recorder, name, help, source);
  const reading = (name: string, help: string, aggregator: Aggregator, read: () => number): Family => {
    const family = new Reading(recorder, name, help, 'gauge', aggregator);
    family.from(withoutLabels(read));
    return family;
  };
  return [
    counter(names.requests, 'HTTP requests of users, by route and status', byStatus(recorder, 0)),
    counter(names.errors, 'HTTP requests of users with a response status of 400 or above', byStatus(recorder, 400)),
    counter(names.timed, 'HTTP requests of users whose duration counts', byRoute(recorder, 'timed')),
    counter(
      names.slow,
      'HTTP requests of users that took longer than the objective of their route',
      byRoute(recorder, 'slow'),
    ),
    counter(
      names.failed,
      'HTTP requests of users that the service failed: 5xx of every kind',
      byRoute(recorder, 'failed'),
    ),
    histogram(
      names.duration,
      'Seconds from the arrival of a request to the end of its response, without waits for the client',
      durations(recorder),
    ),
    reading(names.inFlight, 'HTTP requests whose response has not ended', 'sum', () => inFlight.size),
    reading(names.overdue, 'HTTP requests in flight for longer than the patience', 'sum', () => recorder.overdue()),
    counter(
      'coalmine_excluded_requests_total',
      'HTTP requests kept out of the series of users, by reason',
      countsOf(() => exclusions.requests()),
    ),
    histogram(
      'coalmine_excluded_request_duration_seconds',
      'Seconds of requests kept out of the durations of users, by reason',
      durationsOf(() => exclusions.durations()),
    ),
    counter(
      'coalmine_exclusion_claims_rejected_total',
      'Requests whose marker did not prove itself, by reason',
      countsOf(() => exclusions.rejected()),
    ),
    reading(OBJECTIVE_NAME, 'Seconds within which a response should end', 'max', () => objective.latency),
    counter(
      'coalmine_series_dropped_total',
      'Routes counted as (overflow) because there are more than maxRoutes',
      countsOf(() => [recorder.dropped]),
    ),
  ];
}
