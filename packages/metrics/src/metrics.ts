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
  /** Where the metrics live. @defaultValue the global registry of the installed client */
  readonly registry?: RegistryLike;
  readonly objective?: ObjectiveOptions;
  /**
   * Upper bounds of the buckets in seconds, ascending; the objective is added when it is missing.
   * @defaultValue a tenth, a quarter and a half of the objective, the objective, and the patience
   */
  readonly buckets?: readonly number[];
  /**
   * What the histogram of durations says of the status: its code, its class (`2xx`) under the same label, or nothing. Each
   * value of a label is a histogram of its own. @defaultValue `'code'`
   */
  readonly durationStatus?: DurationStatus;
  /**
   * Whether OpenMetrics expositions say since when each counter and histogram counts: Prometheus stores every `_created`
   * sample as one more series. @defaultValue `false`
   */
  readonly created?: boolean;
  /** Constant labels on every series of ours. @defaultValue none */
  readonly labels?: Labels;
  /** Route patterns with series of their own; later ones are counted as `(overflow)`. @defaultValue `1000` */
  readonly maxRoutes?: number;
  /** Other names, or `'otel'` for those of OpenTelemetry. @defaultValue those of docs/metrics.md */
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

/** Route timing and error counters, living in a registry. */
export interface Metrics {
  readonly registry: RegistryLike;
  readonly objective: Objective;
  /** Upper bounds of the finite buckets in seconds, ascending, the objective among them. */
  readonly bounds: readonly number[];
  /** The clock, in milliseconds. */
  now(): number;
  /**
   * The handle of a method on a route pattern. Its series exist at zero from this call on: call it when the route
   * becomes known, not at the first request. Beyond `maxRoutes` patterns it answers the `(overflow)` route.
   * `objective` counts at the first call for a route; the default is that of the service.
   */
  route(method: string, pattern: string, objective?: Objective): Route;
  /**
   * Counts a request on a route and, unless it says nothing, its duration in seconds. With its exchange, its trace stands
   * for it as an exemplar, and its protocol is told apart where that is asked for.
   */
  record(route: Route, status: number, seconds?: number, exchange?: Exchange): void;
  /**
   * Counts a request that was refused because of how its client asked, such as one past `server.maxRequestsPerSocket`. Its
   * status counts, but it is never a failure: a stranger must not make a good release look bad.
   */
  refuse(route: Route, status: number, exchange?: Exchange): void;
  /** Puts an exchange in flight. */
  begin<T extends Exchange>(exchange: T): T;
  /** Takes an exchange out of flight and counts it on its route; the second end of an exchange does nothing. */
  end(exchange: Exchange, status: number, seconds?: number): void;
  /** Takes an exchange out of flight uncounted, as one that is to be excluded. */
  drop(exchange: Exchange): void;
  /** Counts a request that is no user's, with its duration in seconds unless that says nothing. `reason` is a label. */
  exclude(reason: string, status: number, seconds?: number): void;
  /** Keeps a duration, in seconds, out of those of users. `reason` is a label. */
  withhold(reason: string, seconds: number): void;
  /** Counts a request that claimed to be excluded and could not prove it. `reason` is a label. */
  rejectClaim(reason: string): void;
  /** Shows the zeros of reasons that are to come. */
  declare(reasons: DeclaredReasons): void;
  /**
   * Shows a number of the whole process, read when asked; no series while it is `undefined`. Where several are given
   * for one name, as by two apps on one registry, `aggregator` makes them one, and so it does for a cluster's workers.
   * Returns what takes it away again. With an `owner`, it lasts no longer than that object is in use, so that the registry
   * does not keep a closed app in memory.
   */
  reading(
    name: string,
    help: string,
    aggregator: Aggregator,
    read: () => number | undefined,
    owner?: object,
  ): () => void;
  /** The same for several numbers, told apart by labels. */
  readings(name: string, help: string, aggregator: Aggregator, read: Read, owner?: object): () => void;
  /**
   * The same for numbers that only grow, shown as a counter. Readers of one process read the same number: the largest
   * is shown, and the workers of a cluster are summed.
   */
  totals(name: string, help: string, read: Read, owner?: object): () => void;
  /** The exchanges in flight, oldest first; the one in hand may be ended meanwhile. */
  inFlight(): Iterable<Exchange>;
  /** The routes with their cells, read now: by them the numbers of users can be published elsewhere. */
  routes(): Iterable<Route>;
  /** The durations that were kept out, by reason. */
  withheld(): Iterable<Cell>;
  /** Everything that the registry was given. */
  families(): readonly MetricFamily[];
  /** Constant labels, as parsed. */
  readonly labels: Labels;
  readonly names: Names;
  /**
   * Runs `hook` before every read of the numbers, for as long as its `owner` is in use; without one, the same function is
   * kept once. What it throws is a warning.
   */
  beforeCollect(hook: (metrics: Metrics) => void, owner?: object): void;
  /** Puts the metrics (back) into their registry, as after its `clear()`. Does nothing where they are there. */
  attach(): void;
}

/** Reasons by what is kept out for them. */
export interface DeclaredReasons {
  /** Whole requests. */
  readonly excluded?: readonly string[];
  /** Claims, as {@link Metrics.rejectClaim} counts them. */
  readonly rejected?: readonly string[];
}

// Found on our metrics by whoever creates ours on the same registry: a second app, a second copy of this package.
const SHARED = Symbol.for('coalmine.metrics.1');

const OBJECTIVE_NAME = 'coalmine_objective_latency_seconds';

interface Shared {
  readonly metrics: Metrics;
  /** By option, as JSON: what two users of the same metrics must agree on. */
  readonly agreed: Readonly<Record<string, string>>;
}

/**
 * Creates the metrics and registers them; on a registry that holds ours already, answers those.
 *
 * Throws {@link CoalmineError}: `COALMINE_INVALID_OPTION`; `COALMINE_NO_CLIENT`; `COALMINE_METRIC_EXISTS` when the
 * registry holds somebody else's metric of the same name; `COALMINE_METRICS_DIFFER` when it holds ours with other options.
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { registry: given, now, ...rest } = objectOption('options', options, METRICS_OPTIONS);
  const settings = parseSettings(rest, functionOption('now', now) ?? (() => performance.now()));
  const registry = parseRegistry(given);
  const agreed = agreedOn(settings);
  const shared = sharedBy(registry);
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

function agreedOn(settings: RecorderSettings): Shared['agreed'] {
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
    reading: (name, help, aggregator, read, owner) => metrics.readings(name, help, aggregator, unlabelled(read), owner),
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

  /** The reading of that name, which is created where there is none. */
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
      warn('COALMINE_COLLECT_FAILED', `What was to run before the metrics are read failed: ${messageOf(error)}`, hook);
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
    family.from(unlabelled(read));
    return family;
  };
  return [
    counter(names.requests, 'HTTP requests of users, by route and status', () => recorder.cells(0)),
    counter(names.errors, 'HTTP requests of users that were answered with a status of 400 or above', () =>
      recorder.cells(400),
    ),
    counter(names.timed, 'HTTP requests of users whose duration counts', () => recorder.counters('timed')),
    counter(names.slow, 'HTTP requests of users that took longer than the objective of their route', () =>
      recorder.counters('slow'),
    ),
    counter(names.failed, 'HTTP requests of users that the service failed: 5xx of every kind', () =>
      recorder.counters('failed'),
    ),
    histogram(
      names.duration,
      'Seconds from the arrival of a request to the end of its answer, waits for the client left out',
      () => recorder.cells(0),
      durations.view,
    ),
    reading(names.inFlight, 'HTTP requests whose answer has not ended', 'sum', () => inFlight.size),
    reading(names.overdue, 'HTTP requests in flight for longer than the patience', 'sum', () => recorder.overdue()),
    counter('coalmine_excluded_requests_total', 'HTTP requests kept out of the series of users, by reason', () =>
      exclusions.requests(),
    ),
    histogram(
      'coalmine_excluded_request_duration_seconds',
      'Seconds kept out of the durations of users, by reason',
      () => exclusions.durations(),
    ),
    counter('coalmine_exclusion_claims_rejected_total', 'Requests whose marker did not prove itself, by reason', () =>
      exclusions.rejected(),
    ),
    reading(OBJECTIVE_NAME, 'Seconds within which a request should be answered', 'max', () => objective.latency),
    counter(
      'coalmine_series_dropped_total',
      'Times that a route was counted as (overflow), for want of room below maxRoutes',
      () => [recorder.dropped],
    ),
  ];
}

function unlabelled(read: () => number | undefined): Read {
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
      `The registry already holds a metric named ${taken.name} that is not this Coalmine's: remove it, map ours to another name with \`names\`, or pass another \`registry\``,
    );
  }
  for (const family of absent) registry.registerMetric(family as never);
}

function sharedBy(registry: RegistryLike): Shared | undefined {
  // The one of ours that nobody can rename.
  const metric = registry.getSingleMetric(OBJECTIVE_NAME);
  return isOurs(metric) ? metric[SHARED] : undefined;
}

function isOurs(metric: unknown): metric is { readonly [SHARED]: Shared } {
  return typeof metric === 'object' && metric !== null && SHARED in metric;
}
