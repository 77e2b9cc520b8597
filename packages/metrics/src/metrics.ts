import type { RegistryLike } from './clients.js';
import type { Aggregator, MetricFamily } from './family.js';
import type { Exchange } from './in-flight.js';
import type { Labels, Names } from './names.js';
import type { Objective } from './objective.js';
import type { Read } from './reading.js';
import type { Route } from './route.js';
import type { HistogramSeries } from './series.js';

/** Route timing and error counters in a registry. */
export interface Metrics {
  readonly registry: RegistryLike;
  readonly objective: Objective;
  /** Upper bounds of the finite buckets in seconds, ascending, the objective among them. */
  readonly bounds: readonly number[];
  /** Returns the time in milliseconds. */
  now(): number;
  /**
   * Returns the handle of a method on a route pattern. Its series exist at zero from this call on: call it when the
   * route becomes known, not at the first request. Beyond `maxRoutes` patterns it returns the `(overflow)` route. Only
   * the `objective` of the first call for a route counts; the default is the objective of the service. Throws
   * `CoalmineError` if the pattern or the objective cannot be used.
   */
  route(method: string, pattern: string, objective?: Objective): Route;
  /**
   * Counts a request on a route and, if `seconds` is given, its duration. With its exchange, the trace of the request
   * becomes an exemplar, and its protocol is counted apart if that is asked for.
   */
  record(route: Route, status: number, seconds?: number, exchange?: Exchange): void;
  /**
   * Counts a request that was refused because of how its client asked, such as one past `server.maxRequestsPerSocket`.
   * The status counts, but the request is never a failure: a stranger must not make a good release look bad.
   */
  refuse(route: Route, status: number, exchange?: Exchange): void;
  /** Puts an exchange in flight. */
  begin<T extends Exchange>(exchange: T): T;
  /** Takes an exchange out of flight and counts it on its route. A second call for the same exchange does nothing. */
  end(exchange: Exchange, status: number, seconds?: number): void;
  /** Takes an exchange out of flight without counting it, such as an exchange that will be excluded. */
  drop(exchange: Exchange): void;
  /** Counts an excluded request and, if `seconds` is given, its duration. `reason` is a label. */
  exclude(reason: string, status: number, seconds?: number): void;
  /** Keeps a duration, in seconds, out of the durations of users. `reason` is a label. */
  withhold(reason: string, seconds: number): void;
  /** Counts a request that claimed to be excluded and could not prove it. `reason` is a label. */
  rejectClaim(reason: string): void;
  /** Creates the series of these reasons, at zero. */
  declare(reasons: DeclaredReasons): void;
  /**
   * Shows a number of the whole process, which `read` returns at each collection; there is no series while it is
   * `undefined`. If several are given for one name, as by two apps on one registry, `aggregator` makes them one number,
   * and so it does for the workers of a cluster. Returns a function that removes the number again. With an `owner`, the
   * number lasts no longer than that object is in use, so that the registry does not keep a closed app in memory.
   */
  reading(
    name: string,
    help: string,
    aggregator: Aggregator,
    read: () => number | undefined,
    owner?: object,
  ): () => void;
  /** As `reading`, for several numbers that differ by their labels. */
  readings(name: string, help: string, aggregator: Aggregator, read: Read, owner?: object): () => void;
  /**
   * As `readings`, for numbers that only grow, shown as a counter. All readers of one process read the same number: the
   * largest is shown, and the workers of a cluster are summed.
   */
  totals(name: string, help: string, read: Read, owner?: object): () => void;
  /** Yields the exchanges in flight, oldest first. The current exchange may be ended meanwhile. */
  inFlight(): Iterable<Exchange>;
  /** Returns the routes with what they have counted until now, to publish the numbers of users elsewhere. */
  routes(): Iterable<Route>;
  /** Returns the durations that were kept out, by reason: the same object for a reason at each call. */
  withheld(): Iterable<HistogramSeries>;
  /** Returns everything that was registered. */
  families(): readonly MetricFamily[];
  /** Constant labels, as parsed. */
  readonly labels: Labels;
  readonly names: Names;
  /**
   * Runs `hook` before every collection, for as long as its `owner` is in use. Without an `owner`, the same function is
   * kept once. If `hook` throws, a warning is emitted.
   */
  beforeCollect(hook: (metrics: Metrics) => void, owner?: object): void;
  /** Puts the metrics (back) into their registry, for example after its `clear()`. Does nothing if they are there. */
  attach(): void;
}

/** Reasons, grouped by what is kept out for them. */
export interface DeclaredReasons {
  /** Whole requests. */
  readonly excluded?: readonly string[];
  /** Claims, as {@link Metrics.rejectClaim} counts them. */
  readonly rejected?: readonly string[];
}
