import type { Cell } from './cell.js';
import type { Exemplar } from './exemplar.js';
import type { Labels } from './names.js';
import type { Recorder } from './recorder.js';
import type { Route, RouteCounter } from './route.js';
import type { RouteLabels } from './route-labels.js';
import type { CounterSeries, HistogramSeries, Series, Source, Timings } from './series.js';

/** Shows how often each route has responded with each status, from `leastStatus` on. */
export function byStatus({ routes, labels }: Recorder, leastStatus: number): Source<CounterSeries> {
  return {
    *series() {
      for (const route of routes) {
        for (const status of route.statuses()) {
          if (status >= leastStatus) yield new StatusSeries(labels, route, status, route.cell(status));
        }
      }
    },
    reset(createdAt) {
      for (const route of routes) route.resetStatuses(leastStatus, createdAt);
    },
  };
}

/** Shows one of the counters that each route has without a status. */
export function byRoute({ routes, labels }: Recorder, which: RouteCounter): Source<CounterSeries> {
  return {
    *series() {
      for (const route of routes) yield new CountedSeries(labels, route, which);
    },
    reset(createdAt) {
      for (const route of routes) route.reset(which, createdAt);
    },
  };
}

/** Shows the durations of users, as the option `durationStatus` wants them: by status, or sums of several statuses. */
export function durations({ routes, labels, settings: { durationStatus } }: Recorder): Source<HistogramSeries> {
  return {
    *series() {
      for (const route of routes) {
        if (durationStatus !== 'code') {
          yield* sums(labels, route, durationStatus);
          continue;
        }
        for (const status of route.statuses()) {
          const cell = route.cell(status);
          if (cell !== undefined) yield new TimedSeries(labels, route, status, cell);
        }
      }
    },
    reset(createdAt) {
      for (const route of routes) for (const [, cell] of route.counted()) cell.resetTimings(createdAt);
    },
  };
}

function* sums(labels: RouteLabels, route: Route, by: 'class' | 'none'): Generator<HistogramSeries, void, undefined> {
  const found = new Map<string | undefined, Sum>();
  for (const [status, { timings, timedFrom, exemplars }] of route.counted()) {
    if (timings === undefined) continue;
    const group = by === 'none' ? undefined : `${Math.floor(status / 100)}xx`;
    const sum = found.get(group);
    if (sum === undefined) found.set(group, { timings: [...timings], timedFrom, exemplars: [...(exemplars ?? [])] });
    else add(sum, timings, timedFrom, exemplars);
  }
  for (const [group, sum] of found) yield new TimedSeries(labels, route, group, sum);
}

interface Sum {
  timings: number[];
  timedFrom: number;
  exemplars: (Exemplar | undefined)[];
}

/** Adds the durations of one cell to a sum, and its exemplars if they are newer. */
function add(sum: Sum, timings: Timings, timedFrom: number, exemplars: Cell['exemplars'] = []): void {
  for (let i = 0; i < timings.length; i++) (sum.timings[i] as number) += timings[i] as number;
  sum.timedFrom = Math.min(sum.timedFrom, timedFrom);
  for (const [bucket, exemplar] of exemplars.entries()) {
    const known = sum.exemplars[bucket];
    if (exemplar === undefined || (known !== undefined && known.timestamp > exemplar.timestamp)) continue;
    sum.exemplars[bucket] = exemplar;
  }
}

/** The labels of a route, spelled when somebody asks. */
abstract class RouteSeries implements Series {
  protected readonly route: Route;
  readonly #labels: RouteLabels;
  readonly #status: number | string | undefined;

  constructor(labels: RouteLabels, route: Route, status: number | string | undefined) {
    this.#labels = labels;
    this.route = route;
    this.#status = status;
  }

  get labels(): Labels {
    return this.#labels.labels(this.route, this.#status);
  }

  get text(): string {
    return this.#labels.text(this.route, this.#status);
  }
}

class StatusSeries extends RouteSeries implements CounterSeries {
  readonly #cell: Cell | undefined;

  constructor(labels: RouteLabels, route: Route, status: number, cell: Cell | undefined) {
    super(labels, route, status);
    this.#cell = cell;
  }

  get requests(): number {
    return this.#cell?.requests ?? 0;
  }

  get createdAt(): number {
    return this.#cell?.createdAt ?? this.route.zeroFrom('statuses');
  }

  get exemplar(): Exemplar | undefined {
    return this.#cell?.exemplar;
  }
}

class CountedSeries extends RouteSeries implements CounterSeries {
  readonly #which: RouteCounter;

  constructor(labels: RouteLabels, route: Route, which: RouteCounter) {
    super(labels, route, undefined);
    this.#which = which;
  }

  get requests(): number {
    return this.route[this.#which];
  }

  get createdAt(): number {
    return this.route.zeroFrom(this.#which);
  }

  get exemplar(): Exemplar | undefined {
    return this.#which === 'timed' ? undefined : this.route.exemplars?.[this.#which];
  }
}

class TimedSeries extends RouteSeries implements HistogramSeries {
  readonly timings: Timings | undefined;
  readonly timedFrom: number;
  readonly exemplars: readonly (Exemplar | undefined)[] | undefined;

  constructor(labels: RouteLabels, route: Route, status: number | string | undefined, timed: Timed) {
    super(labels, route, status);
    this.timings = timed.timings;
    this.timedFrom = timed.timedFrom;
    this.exemplars = timed.exemplars;
  }
}

type Timed = Omit<HistogramSeries, keyof Series>;
