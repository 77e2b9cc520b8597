export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';

/**
 * The part of a prom-client registry that Coalmine uses. `Registry` of `prom-client` 15 and of `@prometheus-io/client`
 * both fit: Coalmine looks at the shape, so that several copies can live in one process.
 */
interface RegistryLike {
    readonly contentType: string;
    registerMetric(metric: never): void;
    getSingleMetric(name: string): unknown;
    getMetricsAsArray(): unknown[];
    metrics(): Promise<string>;
}

/** Other names for our series and labels, so that existing dashboards keep working. */
interface NameMap {
    /** @defaultValue `http_requests_total` */
    readonly requests?: string;
    /** @defaultValue `http_errors_total` */
    readonly errors?: string;
    /** @defaultValue `http_request_duration_seconds` */
    readonly duration?: string;
    /** @defaultValue `http_requests_timed_total` */
    readonly timed?: string;
    /** @defaultValue `http_requests_slow_total` */
    readonly slow?: string;
    /** @defaultValue `http_requests_failed_total` */
    readonly failed?: string;
    /** @defaultValue `http_requests_in_flight` */
    readonly inFlight?: string;
    /** @defaultValue `http_requests_overdue` */
    readonly overdue?: string;
    /** Label names. @defaultValue `{ method: 'method', route: 'route', status_code: 'status_code' }` */
    readonly labels?: {
        readonly method?: string;
        readonly route?: string;
        readonly status_code?: string;
        /** An additional label on responses of 500 and above, with their status. @defaultValue none */
        readonly error_type?: string;
    };
}
/** A parsed {@link NameMap}: every name present, valid and distinct. */
interface Names {
    readonly requests: string;
    readonly errors: string;
    readonly duration: string;
    readonly timed: string;
    readonly slow: string;
    readonly failed: string;
    readonly inFlight: string;
    readonly overdue: string;
    readonly labels: {
        readonly method: string;
        readonly route: string;
        readonly status_code: string;
        readonly error_type?: string;
    };
}
/** Constant labels: name to value. */
type Labels = Readonly<Record<string, string>>;
/** Parses the name map, or the name of a preset. Throws {@link InvalidOption}. */
declare function parseNames(map: NameMap | 'otel' | undefined): Names;

/** The numbers of several cells, one after another. */
interface Block {
    readonly numbers: Float64Array;
    /** The owner of this block, which has the numbers of further cells. */
    readonly owner: CellNumbers;
}
/**
 * The numbers of all cells of a recorder, in a few typed arrays. A cell has about a dozen numbers: with an array of its
 * own, it would take half as much memory again.
 */
declare class CellNumbers {
    /** How many numbers a cell has. */
    readonly length: number;
    newest: Block | undefined;
    /** How many numbers of the newest block belong to cells. */
    used: number;
    constructor(length: number);
    /** Returns a place for the numbers of a new cell. All of them are zero. */
    allocate(): {
        readonly block: Block;
        readonly start: number;
    };
}

/** The trace of a request: the part of OpenTelemetry's `SpanContext` that an exemplar shows. */
interface TraceContext {
    /** 32 hexadecimal digits. */
    readonly traceId: string;
    /** 16 hexadecimal digits. */
    readonly spanId: string;
}
/** One request as an example of the requests that were counted with it. Source: OpenMetrics 1.0, "Exemplars". */
interface Exemplar {
    readonly labelSet: Readonly<Record<string, string>>;
    /** Seconds in a histogram, 1 in a counter. */
    readonly value: number;
    /** Epoch seconds. */
    readonly timestamp: number;
}

/**
 * How a request came. Every protocol has one object, {@link protocolOf}, which serves as a key. Source: OpenTelemetry
 * semantic conventions, `url.scheme` and `network.protocol.version`.
 */
interface Protocol {
    readonly scheme: 'http' | 'https';
    readonly version: string;
}
/**
 * What OpenTelemetry tells apart among the requests that one cell counts. Every part has one object, {@link partOf},
 * which serves as a key.
 */
interface Part {
    readonly protocol: Protocol;
    /** The status that was sent, if the request is counted with another status. */
    readonly sentStatus: number | undefined;
}
/** The part of most requests. */
declare const PLAIN_PART: Part;
/** Returns the protocol of a request, by Node's `httpVersion`; `undefined` for HTTP/1.1 without TLS. */
declare function protocolOf(httpVersion: string, isEncrypted: boolean): Protocol | undefined;

/** Data that only few cells need. */
interface CellExtras {
    exemplar: Exemplar | undefined;
    exemplars: (Exemplar | undefined)[] | undefined;
    parts: Map<Part, Cell> | undefined;
}
/**
 * The numbers of one set of labels, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
declare class Cell {
    readonly block: Block;
    readonly start: number;
    extras: CellExtras | undefined;
    constructor(numbers: CellNumbers, createdAt: number);
    /** How many requests the counter has counted. */
    get requests(): number;
    set requests(requests: number);
    /** Epoch seconds at which the counter was zero. */
    get createdAt(): number;
    set createdAt(createdAt: number);
    /** Epoch seconds at which the histogram was zero; 0 before the first observation. */
    get timedFrom(): number;
    set timedFrom(timedFrom: number);
    /**
     * Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent before the first observation.
     * The numbers change as the cell counts.
     */
    get timings(): Float64Array | undefined;
    /** The exemplar of the counter, if it counts errors. */
    get exemplar(): Exemplar | undefined;
    /** Exemplars by bucket, in the order of {@link timings}; absent until there is one. */
    get exemplars(): readonly (Exemplar | undefined)[] | undefined;
    /** The counts by {@link Part}; absent until something is counted in another part than the plain one. */
    get parts(): ReadonlyMap<Part, Cell> | undefined;
    /** Counts a request. Its trace, if it is given, becomes the exemplar of the counter. */
    count(context: TraceContext | undefined): void;
    /** Counts one duration, in seconds, and returns the index of its bucket. */
    observe(seconds: number, bounds: readonly number[]): number;
    /**
     * Keeps a request as the exemplar of its bucket. A request that tells little (`isPlain`) replaces an exemplar only
     * rarely.
     */
    exemplifyBucket(context: TraceContext, bucket: number, seconds: number, isPlain: boolean): void;
    /** Returns the cell of a part. Call it before this cell counts what the part counts. */
    under(part: Part): Cell;
    /** Sets the count to zero in place. */
    reset(createdAt: number): void;
    /** Sets the histogram to zero in place. */
    resetTimings(createdAt: number): void;
}

/** One set of labels of a metric. */
interface Series {
    readonly labels: Labels;
    /** The labels as exposition text, without braces. */
    readonly text: string;
}
/** One series of a counter, as the counter is now. */
interface CounterSeries extends Series {
    readonly requests: number;
    /** Epoch seconds at which the counter was zero. */
    readonly createdAt: number;
    readonly exemplar: Exemplar | undefined;
}
/** The durations of a histogram, read from where they are counted. */
type Timings = ArrayLike<number> & Iterable<number>;
/** All series of a histogram that differ in their bucket alone, as the histogram is now. */
interface HistogramSeries extends Series {
    /** Bucket counts, not cumulative, the last one for +Inf, then the sum in seconds; absent without an observation. */
    readonly timings: Timings | undefined;
    /** Epoch seconds at which the histogram was zero. */
    readonly timedFrom: number;
    /** Exemplars by bucket. */
    readonly exemplars: readonly (Exemplar | undefined)[] | undefined;
}

/** What the service promises to its users, in seconds. */
interface ObjectiveOptions {
    /**
     * Seconds within which a response should end. The latency of the service is always a bucket bound. @defaultValue
     * `0.5`
     */
    readonly latency?: number;
    /**
     * Seconds after which a user who leaves was failed (504), not merely impatient (499).
     * @defaultValue four times `latency`, the point from which Apdex calls a user frustrated
     */
    readonly patience?: number;
}
/** A parsed {@link ObjectiveOptions}; both in seconds. */
interface Objective {
    readonly latency: number;
    readonly patience: number;
}
/**
 * Parses an objective. An absent value comes from `base`; if only a latency is given, the patience is four times that
 * latency. Warns if the latency looks like milliseconds.
 */
declare function parseObjective(options: ObjectiveOptions | undefined, base?: Objective): Objective;

/** The route of a request that matched no route. */
declare const UNMATCHED = "(unmatched)";
/** The route of a request whose route came after `maxRoutes` others. */
declare const OVERFLOW = "(overflow)";
/** The counters that each route has without a status. */
type RouteCounter = 'timed' | 'slow' | 'failed';
/**
 * A method on a route pattern: the handle for recording requests.
 *
 * Most statuses of most routes never come. A status gets memory when it counts for the first time, and what shows the
 * counters shows the zeros.
 */
declare class Route {
    /** A known HTTP method, or `_OTHER`. */
    readonly method: string;
    /** The pattern, mount prefixes included; never a path. */
    readonly pattern: string;
    readonly objective: Objective;
    /** Whether it stands for all paths that no other route knows, or for all paths below one. */
    readonly isCatchAll: boolean;
    /** The label of its pattern as exposition text: one text for all methods of the pattern. */
    readonly text: string;
    /** Epoch seconds at which the route became known. */
    readonly knownFrom: number;
    /** Requests whose duration counts. */
    timed: number;
    /** Timed requests that took longer than the objective of this route. */
    slow: number;
    /** Requests that the service failed: 5xx of every kind. */
    failed: number;
    /** The exemplars of its counters; absent until there is one. */
    exemplars: {
        slow: Exemplar | undefined;
        failed: Exemplar | undefined;
    } | undefined;
    /** Epoch seconds of the last reset of a counter or of the statuses; absent until there is one. */
    resets: Partial<Record<RouteCounter | 'statuses', number>> | undefined;
    /** The next route of the same pattern, with another method. Only the recorder writes this field. */
    sibling: Route | undefined;
    /** The first of its cells; the others follow it. Only this module writes the field. */
    firstCell: StatusCell | undefined;
    constructor(method: string, pattern: string, objective: Objective, text: string);
    /** Counts a slow or a failed request. Its trace, if it is given, becomes the exemplar of the counter. */
    count(which: 'slow' | 'failed', context: TraceContext | undefined): void;
    /** Returns the epoch seconds at which a counter was zero, or the statuses that have counted nothing since. */
    zeroFrom(which: RouteCounter | 'statuses'): number;
    /** Sets one of its counters to zero. */
    reset(which: RouteCounter, createdAt: number): void;
    /** Sets the counts of the statuses to zero, from `leastStatus` on. */
    resetStatuses(leastStatus: number, createdAt: number): void;
    /** Returns the cell of a status, if the status has counted anything. */
    cell(status: number): Cell | undefined;
    /** Returns the cell of a status, in which a request can be counted. A new cell has its numbers in `numbers`. */
    open(status: number, numbers: CellNumbers): Cell;
    /** Returns every status that has series, whether the status has counted anything or not. */
    statuses(): readonly number[];
    /** Yields the statuses that have counted anything, with their cells. */
    counted(): Generator<readonly [status: number, cell: Cell], void, undefined>;
}
/** A cell in the list of its route: a route has few, and a list takes less memory than a map. */
declare class StatusCell extends Cell {
    readonly status: number;
    next: StatusCell | undefined;
    constructor(numbers: CellNumbers, createdAt: number, status: number);
}

/** The trace of a request. */
interface Trace {
    /** The context for exemplars: absent if the trace is not kept, because the exemplar would be a dead link. */
    readonly context: TraceContext | undefined;
}
/** One request in flight: the only object that recording allocates. */
declare class Exchange {
    /** The route on which it will be counted. The adapter sets it as soon as the framework has routed the request. */
    route: Route;
    /** When the request most likely arrived, in milliseconds on the recorder's clock. */
    arrivedAt: number;
    /** Milliseconds since then in which the service waited for its client. They do not count as time of the service. */
    clientMilliseconds: number;
    /** The trace of the request; always absent without telemetry. */
    trace: Trace | undefined;
    /** The protocol, unless it is plain HTTP/1.1. Always absent without telemetry. */
    protocol: Protocol | undefined;
    /** The status that was sent, if another status is counted. Always absent without telemetry. */
    sentStatus: number | undefined;
    /** Whether it is in flight. Only {@link InFlight} writes this field and the links. */
    isInFlight: boolean;
    previous: Exchange | undefined;
    next: Exchange | undefined;
    constructor(route: Route, arrivedAt: number);
    /** Returns the seconds that the service has taken until `now`, without the waits for its client. */
    secondsUntil(now: number): number;
}

/** The status that the histogram of durations shows: the code, its class (`2xx`), or none. */
type DurationStatus = 'code' | 'class' | 'none';

/** One sample of a metric, as a registry expects it. */
interface MetricValue {
    value: number;
    labels: Record<string, string | number>;
    /** Defaults to the name of the metric. */
    metricName?: string;
    /** Labels shared by many rows; only when text is rendered. */
    sharedLabels?: Readonly<Record<string, string>>;
    exemplar?: {
        labelSet: Record<string, string>;
        value: number;
        timestamp: number;
    } | null;
}
/** What `get()` of a metric returns. */
interface MetricObject {
    name: string;
    help: string;
    type: string;
    values: MetricValue[];
    aggregator?: string;
}
/** Returns the given registry, or the global registry of the client that the app uses. Throws {@link CoalmineError}. */
declare function parseRegistry(registry: RegistryLike | undefined): RegistryLike;
/**
 * Registers the default process metrics of the client that `registry` belongs to, unless they are registered. Throws
 * {@link CoalmineError} if no client is found.
 */
declare function collectDefaultMetrics(registry: RegistryLike): void;

/** How several numbers become one: the numbers of apps that share a registry, and of the workers of a cluster. */
type Aggregator = 'sum' | 'min' | 'max';
/** A metric of ours, for code that publishes it elsewhere. */
interface MetricFamily {
    readonly name: string;
    readonly help: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    /** Returns its samples as they are now, with all their labels. */
    get(): MetricObject;
    /** Returns the series of a counter of requests, with the time since when each of them counts. */
    series?(): Iterable<CounterSeries>;
}

/** One number of a reading. */
interface LabelledNumber {
    /** Added to the labels of the process. */
    readonly labels: Labels;
    readonly value: number;
}
/** Returns the numbers of a process, or of one app in it. */
type Read = () => readonly LabelledNumber[];

/** Route timing and error counters in a registry. */
interface Metrics {
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
    reading(name: string, help: string, aggregator: Aggregator, read: () => number | undefined, owner?: object): () => void;
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
interface DeclaredReasons {
    /** Whole requests. */
    readonly excluded?: readonly string[];
    /** Claims, as {@link Metrics.rejectClaim} counts them. */
    readonly rejected?: readonly string[];
}

interface MetricsOptions {
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

/**
 * Creates the metrics and registers them. On a registry that has Coalmine's metrics already, returns those.
 *
 * Throws {@link CoalmineError}: `COALMINE_INVALID_OPTION`; `COALMINE_NO_CLIENT`; `COALMINE_METRIC_EXISTS` if the
 * registry has a metric of somebody else with the same name; `COALMINE_METRICS_DIFFER` if it has Coalmine's metrics
 * with other options.
 */
declare function createMetrics(options?: MetricsOptions): Metrics;

/** Turns of the event loop for jobs that run at the same time: each turn is for one of them. */
declare class Turns {
    #private;
    /** Resolves in a turn of the event loop that nobody else has got. */
    next(): Promise<unknown>;
}
/** A stretch of work that should yield to the event loop before long. */
declare class Slice {
    #private;
    /** `turns` are shared with the jobs that run at the same time. */
    constructor(turns?: Turns);
    /** Whether the slice has lasted for about a quarter of a millisecond. */
    isOver(): boolean;
    /** Yields to the event loop, and starts the next slice. */
    next(): Promise<void>;
}

/** The types of both formats, and `unknown`, which the text format calls `untyped`. */
type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

/** Prometheus text 0.0.4, or OpenMetrics 1.0. */
type Format = 'text' | 'openmetrics';
/** The `Content-Type` of each {@link Format}. */
declare const CONTENT_TYPES: Readonly<Record<Format, string>>;
/**
 * Renders a whole registry, our metrics and the metrics of the user, and yields to the event loop about every quarter
 * of a millisecond.
 *
 * - `_created` samples are written for our own metrics, in OpenMetrics only, if `created` asks for them.
 * - A counter whose name lacks `_total` is `unknown` in OpenMetrics, so that it has the same name in both formats.
 * - A user's metric that fails to collect, takes longer than 5 s, or returns something that no scraper could read, is
 *   left out of this exposition with a process warning: it must not blind the controller.
 * - The values of one user's metric are read in one go, as its client reads them; only the rendering is sliced.
 *
 * Rejects only if the registry itself cannot be read. Sources: Prometheus exposition formats 0.0.4, OpenMetrics 1.0.0.
 */
declare function renderRegistry(registry: RegistryLike, format: Format): AsyncGenerator<string, void, undefined>;

/** How the numbers of several processes become one, by the names of `prom-client`. */
type ClusterAggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit';
/** Some samples of one metric, as one process sends them to another. JSON carries it as it is. */
interface SnapshotPiece {
    readonly name: string;
    readonly help: string;
    readonly type: MetricType;
    readonly aggregator: ClusterAggregator;
    /** Each sample with its series, as an exposition shows it. A value that JSON has no number for is text. */
    readonly samples: readonly (readonly [series: string, value: number | string])[];
    readonly exemplars: readonly (readonly [series: string, exemplar: Exemplar])[];
}
/**
 * Reads a whole registry for another process, and yields to the event loop between slices. Yields as many pieces at a
 * time as one message takes. Metrics that had to be left out are added to `missing`: they are not gone.
 */
declare function snapshotRegistry(registry: RegistryLike, milliseconds: number, missing: Set<string>): AsyncGenerator<readonly SnapshotPiece[], void, undefined>;
/** Returns at once what counters and histograms of ours have counted: the last message of a process. */
declare function lastWords(registry: RegistryLike): readonly SnapshotPiece[];

/**
 * Samples by series. Their series are kept when their values are replaced: a process sends the same series in each
 * snapshot, and tens of thousands of new texts and a new map for each of them would hold the event loop for as long as
 * the garbage collector copies them.
 */
declare class Samples implements Iterable<readonly [series: string, value: number]> {
    #private;
    readonly values: number[];
    constructor(slots?: Map<string, number>, values?: number[]);
    get(series: string): number | undefined;
    set(series: string, value: number): void;
    /** Returns the index of a series in {@link values}. */
    slotOf(series: string): number | undefined;
    /** Returns samples of the same series, whose values can be changed. No series may be added to them. */
    copyOfValues(): Samples;
    /** Returns samples that share nothing with these. */
    copy(): Samples;
    [Symbol.iterator](): Generator<readonly [series: string, value: number], void, undefined>;
}

/** The samples of one metric, from one process or several. */
interface FamilyNumbers extends Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'> {
    readonly samples: Samples;
    readonly exemplars: Map<string, Exemplar>;
}
/** The numbers that one process has sent: its last complete snapshot. */
declare class ProcessNumbers {
    #private;
    /** Families by name. A later snapshot does not change the result, the snapshot after that one may. */
    get families(): ReadonlyMap<string, FamilyNumbers>;
    /** Adds pieces to the snapshot that is in progress. */
    add(pieces: readonly SnapshotPiece[]): void;
    /**
     * Ends the snapshot. Metrics that could not be read this time keep their last values, because a sum that falls reads
     * as a reset.
     */
    complete(missing: readonly string[]): void;
    /** Discards a snapshot that will not be complete. */
    abandon(): void;
    /**
     * Replaces samples with newer ones, in the last snapshot and in the snapshot in progress: a process may go on with its
     * snapshot after it has sent its last counts.
     */
    amend(pieces: readonly SnapshotPiece[]): void;
}
/** The counts of processes that have ended: counters and histograms, whose sums must not fall. */
declare class DepartedNumbers {
    #private;
    constructor(seriesAtMost: number);
    /**
     * Families by name. Each {@link add} creates new objects, so that a reader at work does not count a process twice.
     */
    get families(): ReadonlyMap<string, FamilyNumbers>;
    /** Adds the counts of a process. Returns whether there was room for all of its series. */
    add({ families }: ProcessNumbers): boolean;
}

/**
 * Renders the metrics of several processes as one, each with its aggregator, and yields to the event loop as
 * `renderRegistry` does. If processes disagree on a metric, the first process decides.
 */
declare function renderProcesses(processes: readonly ReadonlyMap<string, FamilyNumbers>[], format: Format): AsyncGenerator<string, void, undefined>;

export { type Aggregator, type Block, CONTENT_TYPES, Cell, type CellExtras, CellNumbers, type ClusterAggregator, type CounterSeries, type DeclaredReasons, DepartedNumbers, type DurationStatus, Exchange, type Exemplar, type FamilyNumbers, type Format, type HistogramSeries, type LabelledNumber, type Labels, type MetricFamily, type MetricObject, type MetricType, type MetricValue, type Metrics, type MetricsOptions, type NameMap, type Names, OVERFLOW, type Objective, type ObjectiveOptions, PLAIN_PART, type Part, ProcessNumbers, type Protocol, type Read, type RegistryLike, Route, type RouteCounter, Samples, type Series, Slice, type SnapshotPiece, StatusCell, type Timings, type Trace, type TraceContext, Turns, UNMATCHED, collectDefaultMetrics, createMetrics, lastWords, parseNames, parseObjective, parseRegistry, protocolOf, renderProcesses, renderRegistry, snapshotRegistry };
