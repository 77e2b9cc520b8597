import {
  booleanOption,
  CoalmineError,
  choiceOption,
  functionOption,
  integerOption,
  messageOf,
  objectOption,
  warn,
} from '@coalmine/options';
import { parseBounds } from './bounds.js';
import type { Cell } from './cell.js';
import { CellCounter } from './cell-counter.js';
import type { RegistryLike } from './clients.js';
import { DurationCells } from './duration-cells.js';
import { DurationHistogram } from './duration-histogram.js';
import type { Aggregator, Family, MetricFamily } from './family.js';
import { watchFirstRequest } from './first-request.js';
import { guardNames } from './guard-names.js';
import type { Exchange } from './in-flight.js';
import { type Labels, type NameMap, type Names, parseLabels, parseNames } from './names.js';
import { type Objective, type ObjectiveOptions, parseObjective } from './objective.js';
import { OwnedSet } from './owned-set.js';
import { type Read, Reading } from './reading.js';
import { type DurationStatus, Recorder, type RecorderSettings } from './recorder.js';
import { parseRegistry } from './registry.js';
import type { Route } from './route.js';

export interface MetricsOptions {
  /** The registry of the metrics. @defaultValue the global registry of the installed client */
  readonly registry?: RegistryLike;
  readonly objective?: ObjectiveOptions;
  /**
   * Upper bounds of the buckets in seconds, ascending; the objective is added when it is missing.
   * @defaultValue a tenth, a quarter and a half of the objective, the objective, and the patience
   */
  readonly buckets?: readonly number[];
  /**
   * The status that the histogram of durations shows: its code, its class (`2xx`) under the same label, or none. Each
   * value of a label is a histogram of its own. @defaultValue `'code'`
   */
  readonly durationStatus?: DurationStatus;
  /**
   * Whether OpenMetrics expositions say since when each counter and histogram counts. Prometheus stores every
   * `_created` sample as one more series. @defaultValue `false`
   */
  readonly created?: boolean;
  /** Constant labels on every series of Coalmine. @defaultValue none */
  readonly labels?: Labels;
  /**
   * How many route patterns have series of their own; later patterns are counted as `(overflow)`. @defaultValue `1000`
   */
  readonly maxRoutes?: number;
  /** Other names, or `'otel'` for the names of OpenTelemetry. @defaultValue the names of docs/metrics.md */
  readonly names?: NameMap | 'otel';
  /** Monotonic clock in milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

const METRICS_OPTIONS = [
  'registry',
  'objective',
  'buckets',
  'durationStatus',
  'created',
  'labels',
  'maxRoutes',
  'names',
  'now',
] as const;

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
   * the `objective` of the first call for a route counts; the default is the objective of the service.
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
  /** Returns the routes with their cells as they are now, to publish the numbers of users elsewhere. */
  routes(): Iterable<Route>;
  /** Returns the durations that were kept out, by reason. */
  withheld(): Iterable<Cell>;
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

// Another app, or another copy of this package, finds our metrics on the same registry by this key.
const SHARED = Symbol.for('coalmine.metrics.1');

const OBJECTIVE_NAME = 'coalmine_objective_latency_seconds';

interface Shared {
  readonly metrics: Metrics;
  /** By option, as JSON: the options that two users of the same metrics must agree on. */
  readonly agreed: Readonly<Record<string, string>>;
}

/**
 * Creates the metrics and registers them. On a registry that has Coalmine's metrics already, returns those.
 *
 * Throws {@link CoalmineError}: `COALMINE_INVALID_OPTION`; `COALMINE_NO_CLIENT`; `COALMINE_METRIC_EXISTS` if the
 * registry has a metric of somebody else with the same name; `COALMINE_METRICS_DIFFER` if it has Coalmine's metrics
 * with other options.
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { registry: given, now, ...rest } = objectOption('options', options, METRICS_OPTIONS);
  const settings = parseSettings(rest, functionOption('now', now) ?? (() => performance.now()));
  const registry = parseRegistry(given);
  const agreed = listAgreed(settings);
  const shared = findShared(registry);
  if (shared === undefined) return register(registry, settings, agreed);
  const differing = Object.keys(agreed).filter((option) => shared.agreed[option] !== agreed[option]);
  if (differing.length > 0) {
    const differences = differing.map((option) => `${option} ${agreed[option]} instead of ${shared.agreed[option]}`);
    throw new CoalmineError(
      'COALMINE_METRICS_DIFFER',
      `The registry holds Coalmine metrics already, and these ask for ${differences.join(', ')}: use the same options, or another \`registry\``,
    );
  }
  return shared.metrics;
}

function listAgreed(settings: RecorderSettings): Shared['agreed'] {
  const { names, labels, bounds, objective, maxRoutes, durationStatus, created } = settings;
  const options = { names, labels, buckets: bounds, objective, maxRoutes, durationStatus, created };
  return Object.fromEntries(Object.entries(options).map(([option, value]) => [option, JSON.stringify(value)]));
}

function parseSettings(options: Omit<MetricsOptions, 'registry' | 'now'>, now: () => number): RecorderSettings {
  const objective = parseObjective(options.objective);
  const names = parseNames(options.names);
  return {
    names,
    labels: parseLabels(options.labels, names),
    bounds: parseBounds(options.buckets, objective),
    durationStatus: choiceOption('durationStatus', options.durationStatus, ['code', 'class', 'none'], 'code'),
    created: booleanOption('created', options.created, false),
    objective,
    maxRoutes: integerOption('maxRoutes', options.maxRoutes, 1000, 1),
    now,
  };
}

function register(registry: RegistryLike, settings: RecorderSettings, agreed: Shared['agreed']): Metrics {
  const recorder = new Recorder(settings);
  const families = familiesOf(recorder);
  const hooks = new OwnedSet<(metrics: Metrics) => void>();
  recorder.beforeCollect = () => {
    for (const hook of hooks) run(hook);
  };
  const metrics: Metrics = {
    registry,
    objective: settings.objective,
    bounds: settings.bounds,
    now: settings.now,
    route: (method, pattern, objective) => recorder.route(method, pattern, objective),
    record: (route, status, seconds, exchange) => recorder.record(route, status, seconds, exchange),
    refuse: (route, status, exchange) => recorder.refuse(route, status, exchange),
    begin: (exchange) => {
      recorder.inFlight.add(exchange);
      return exchange;
    },
    end: (exchange, status, seconds) => {
      if (recorder.inFlight.remove(exchange)) recorder.record(exchange.route, status, seconds, exchange);
    },
    drop: (exchange) => {
      recorder.inFlight.remove(exchange);
    },
    exclude: (reason, status, seconds) => recorder.exclusions.exclude(reason, status, seconds),
    withhold: (reason, seconds) => recorder.exclusions.withhold(reason, seconds),
    rejectClaim: (reason) => recorder.exclusions.reject(reason),
    declare: ({ excluded = [], rejected = [] }) => {
      for (const reason of excluded) recorder.exclusions.declareExcluded(reason);
      for (const reason of rejected) recorder.exclusions.declareRejected(reason);
    },
    reading: (name, help, aggregator, read, owner) =>
      metrics.readings(name, help, aggregator, withoutLabels(read), owner),
    readings: (name, help, aggregator, read, owner) =>
      readingOf(name, () => new Reading(recorder, name, help, 'gauge', aggregator)).from(read, owner),
    totals: (name, help, read, owner) =>
      readingOf(name, () => new Reading(recorder, name, help, 'counter', 'sum', 'max')).from(read, owner),
    inFlight: () => recorder.inFlight,
    routes: () => {
      recorder.beforeCollect();
      return recorder.routes;
    },
    withheld: () => recorder.exclusions.durations(),
    families: () => families,
    labels: settings.labels,
    names: settings.names,
    beforeCollect: (hook, owner) => {
      hooks.add(hook, owner);
    },
    attach: () => attach(registry, families),
  };
  const shared: Shared = { metrics, agreed };
  for (const family of families) share(family);
  metrics.attach();
  guardNames(registry, isOurs);
  watchFirstRequest();
  return metrics;

  /** Returns the reading of that name, and creates it if there is none. */
  function readingOf(name: string, create: () => Reading): Reading {
    const known = families.find((family) => family.name === name);
    if (known instanceof Reading) return known;
    const added = create();
    attach(registry, [share(added)]);
    families.push(added);
    return added;
  }

  function run(hook: (metrics: Metrics) => void): void {
    try {
      hook(metrics);
    } catch (error) {
      warn('COALMINE_COLLECT_FAILED', `A hook of beforeCollect failed: ${messageOf(error)}`, hook);
    }
  }

  function share(family: Family): Family {
    return Object.defineProperty(family, SHARED, { value: shared });
  }
}

function familiesOf(recorder: Recorder): Family[] {
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

function withoutLabels(read: () => number | undefined): Read {
  return () => {
    const value = read();
    return value === undefined ? [] : [{ labels: {}, value }];
  };
}

function attach(registry: RegistryLike, families: readonly Family[]): void {
  const absent = families.filter((family) => registry.getSingleMetric(family.name) !== family);
  const taken = absent.find((family) => registry.getSingleMetric(family.name) !== undefined);
  if (taken !== undefined) {
    throw new CoalmineError(
      'COALMINE_METRIC_EXISTS',
      `The registry already holds a metric named ${taken.name} that Coalmine did not register: remove it, rename Coalmine's metric with \`names\`, or pass another \`registry\``,
    );
  }
  for (const family of absent) registry.registerMetric(family as never);
}

function findShared(registry: RegistryLike): Shared | undefined {
  // The only metric of ours that nobody can rename.
  const metric = registry.getSingleMetric(OBJECTIVE_NAME);
  return isOurs(metric) ? metric[SHARED] : undefined;
}

function isOurs(metric: unknown): metric is { readonly [SHARED]: Shared } {
  return typeof metric === 'object' && metric !== null && SHARED in metric;
}
