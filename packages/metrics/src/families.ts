import type { Cell } from './cell.js';
import { CellCounter } from './cell-counter.js';
import { DurationCells } from './duration-cells.js';
import { DurationHistogram } from './duration-histogram.js';
import type { Aggregator, Family } from './family.js';
import { Reading, withoutLabels } from './reading.js';
import type { Recorder } from './recorder.js';

/** The name of the only metric that nobody can rename. */
export const OBJECTIVE_NAME = 'coalmine_objective_latency_seconds';

/** Returns what is registered of the numbers of a recorder, in the order of an exposition. */
export function createFamilies(recorder: Recorder): Family[] {
  const { exclusions, inFlight } = recorder;
  const { names, objective } = recorder.settings;
  const counter = (name: string, help: string, cells: () => Iterable<Cell>): Family =>
    new CellCounter(recorder, name, help, cells);
  const durations = new DurationCells(recorder);
  const histogram = (name: string, help: string, cells: () => Iterable<Cell>, shown?: () => Iterable<Cell>): Family =>
    new DurationHistogram(recorder, name, help, cells, shown);
  const reading = (name: string, help: string, aggregator: Aggregator, read: () => number): Family => {
    const family = new Reading(recorder, name, help, 'gauge', aggregator);
    family.from(withoutLabels(read));
    return family;
  };
  return [
    counter(names.requests, 'HTTP requests of users, by route and status', () => recorder.cells(0)),
    counter(names.errors, 'HTTP requests of users with a response status of 400 or above', () => recorder.cells(400)),
    counter(names.timed, 'HTTP requests of users whose duration counts', () => recorder.counters('timed')),
    counter(names.slow, 'HTTP requests of users that took longer than the objective of their route', () =>
      recorder.counters('slow'),
    ),
    counter(names.failed, 'HTTP requests of users that the service failed: 5xx of every kind', () =>
      recorder.counters('failed'),
    ),
    histogram(
      names.duration,
      'Seconds from the arrival of a request to the end of its response, without waits for the client',
      () => recorder.cells(0),
      durations.view,
    ),
    reading(names.inFlight, 'HTTP requests whose response has not ended', 'sum', () => inFlight.size),
    reading(names.overdue, 'HTTP requests in flight for longer than the patience', 'sum', () => recorder.overdue()),
    counter('coalmine_excluded_requests_total', 'HTTP requests kept out of the series of users, by reason', () =>
      exclusions.requests(),
    ),
    histogram(
      'coalmine_excluded_request_duration_seconds',
      'Seconds of requests kept out of the durations of users, by reason',
      () => exclusions.durations(),
    ),
    counter('coalmine_exclusion_claims_rejected_total', 'Requests whose marker did not prove itself, by reason', () =>
      exclusions.rejected(),
    ),
    reading(OBJECTIVE_NAME, 'Seconds within which a response should end', 'max', () => objective.latency),
    counter(
      'coalmine_series_dropped_total',
      'Routes counted as (overflow) because there are more than maxRoutes',
      () => [recorder.dropped],
    ),
  ];
}
