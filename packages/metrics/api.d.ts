export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';

/** Where a request is in a trace: of OpenTelemetry's `SpanContext`, what an exemplar shows. */
interface TraceContext {
    /** 32 hexadecimal digits. */
    readonly traceId: string;
    /** 16 hexadecimal digits. */
    readonly spanId: string;
}
/** One request that stands for those it was counted with. Source: OpenMetrics 1.0, "Exemplars". */
interface Exemplar {
    readonly labelSet: Readonly<Record<string, string>>;
    /** Seconds in a histogram, 1 in a counter. */
    readonly value: number;
    /** Epoch seconds. */
    readonly timestamp: number;
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
        /** A label more on answers of 500 and above, with their status. @defaultValue none */
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
/** Parses the name map, or the name of one. Throws {@link InvalidOption}. */
declare function parseNames(map: NameMap | 'otel' | undefined): Names;

/**
 * How a request came. Every one has an object of its own, {@link protocolOf}, which is a key.
 * Source: OpenTelemetry semantic conventions, `url.scheme` and `network.protocol.version`.
 */
interface Protocol {
    readonly scheme: 'http' | 'https';
    readonly version: string;
}
/**
 * What OpenTelemetry tells apart among requests that one cell counts. Every part has an object of its own, {@link partOf},
 * which is a key.
 */
interface Part {
    readonly protocol: Protocol;
    /** The status that was sent, where the request is counted with another one. */
    readonly sentStatus: number | undefined;
}
/** The part that most requests are in. */
declare const PLAIN_PART: Part;
/** The protocol of a request, by Node's `httpVersion`; `undefined` for HTTP/1.1 without TLS. */
declare function protocolOf(httpVersion: string, isEncrypted: boolean): Protocol | undefined;

/**
 * What one set of labels has seen, such as one method on one route with one status.
 *
 * The same cell feeds the request counter, the error counter and the histogram, so they cannot disagree.
 */
declare class Cell {
    #private;
    /** Full label set, shared by every row that is handed to a registry. */
    readonly labels: Labels;
    /** The label set as exposition text, without braces. */
    readonly text: string;
    /** Epoch seconds of the counter's zero. */
    createdAt: number;
    requests: number;
    /** Non-cumulative bucket counts, the last one for +Inf, then the sum in seconds; absent until first observed. */
    timings: Float64Array | undefined;
    /** Epoch seconds of the histogram's zero. */
    timedFrom: number;
    /** One of the counters, of a cell whose status is an error. */
    exemplar: Exemplar | undefined;
    /** By bucket, as {@link timings} has them; absent until one is there. */
    exemplars: (Exemplar | undefined)[] | undefined;
    /** What is counted here by {@link Part}, once anything was in another part than the plain one; absent until then. */
    parts: Map<Part, Cell> | undefined;
    constructor(labels: Labels);
    /** Counts one duration, in seconds, in its bucket; answers which that is. */
    observe(seconds: number, bounds: readonly number[]): number;
    /** Has a failed request stand for those that the counters count. */
    exemplify(context: TraceContext): void;
    /** Has a request stand for those in its bucket; one that tells little (`isPlain`) not more often than now and then. */
    exemplifyBucket(context: TraceContext, bucket: number, seconds: number, isPlain: boolean): void;
    /** Returns the cell of a part. To be asked before this cell counts what is to be counted there. */
    under(part: Part): Cell;
    /** Back to zero in place: routes hold on to their cells. */
    reset(createdAt: number): void;
    /** Back to zero in place, for the histogram. */
    resetTimings(createdAt: number): void;
}

/**
 * The part of a prom-client registry that Coalmine uses: `Registry` of `prom-client` 15 and of
 * `@prometheus-io/client` both fit, told by shape so that several copies can live in one process.
 */
interface RegistryLike {
    readonly contentType: string;
    registerMetric(metric: never): void;
    getSingleMetric(name: string): unknown;
    getMetricsAsArray(): unknown[];
    metrics(): Promise<string>;
}

/** What the service promises its users, in seconds. */
interface ObjectiveOptions {
    /** Seconds within which a request should be answered. That of the service is always a bucket bound. @defaultValue `0.5` */
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
/** Parses an objective; what is absent comes from `base`, patience as four times a latency that is given. */
declare function parseObjective(options: ObjectiveOptions | undefined, base?: Objective): Objective;

/** A method on a route pattern, with its cells resolved: the handle that the hot path records on. */
declare class Route {
    /** A known HTTP method, or `_OTHER`. */
    readonly method: string;
    /** The pattern, mount prefixes included; never a path. */
    readonly pattern: string;
    readonly objective: Objective;
    /** By status code. */
    readonly cells: Map<number, Cell>;
    /** Requests whose duration counts. */
    readonly timed: Cell;
    /** Timed requests that took longer than the objective of this route. */
    readonly slow: Cell;
    /** Requests that the service failed: 5xx of every kind. */
    readonly failed: Cell;
    /** `labels` are those of its counters without a status. */
    constructor(method: string, pattern: string, objective: Objective, labels: Labels);
}

/** A trace that a request is part of. */
interface Trace {
    /** For exemplars: absent where the trace is not kept, which would make them dead links. */
    readonly context: TraceContext | undefined;
}
/** One request that has begun: the only object that recording allocates. */
declare class Exchange {
    /** Where it will be counted; an adapter names it as soon as the framework has routed. */
    route: Route;
    /** When the request most likely arrived, in milliseconds on the recorder's clock. */
    arrivedAt: number;
    /** Milliseconds since then in which the service waited for its client: they are not the service's. */
    clientMilliseconds: number;
    /** The trace that it is part of; always absent without telemetry. */
    trace: Trace | undefined;
    /** How it came, where that is told apart: not by plain HTTP/1.1. Always absent without telemetry. */
    protocol: Protocol | undefined;
    /** The status that was sent, where it is counted with another one. Always absent without telemetry. */
    sentStatus: number | undefined;
    /** Whether it is in flight; {@link InFlight} alone writes this and the links. */
    isInFlight: boolean;
    previous: Exchange | undefined;
    next: Exchange | undefined;
    constructor(route: Route, arrivedAt: number);
    /** Returns the seconds that the service has taken until `now`, the waits for its client left out. */
    secondsUntil(now: number): number;
}

/** Where a request is counted that no route matched. */
declare const UNMATCHED = "(unmatched)";
/** Where a route is counted that came after `maxRoutes` others. */
declare const OVERFLOW = "(overflow)";
/** What the histogram of durations says of the status: the code, its class (`2xx`), or nothing. */
type DurationStatus = 'code' | 'class' | 'none';

/** One sample of a metric, as a registry asks for it. */
interface MetricValue {
    value: number;
    labels: Record<string, string | number>;
    /** Defaults to the name of the metric. */
    metricName?: string;
    /** Labels shared by many rows; only where text is rendered. */
    sharedLabels?: Readonly<Record<string, string>>;
    exemplar?: {
        labelSet: Record<string, string>;
        value: number;
        timestamp: number;
    } | null;
}
/** What `get()` of a metric answers. */
interface MetricObject {
    name: string;
    help: string;
    type: string;
    values: MetricValue[];
    aggregator?: string;
}
/** Returns the registry given, or the global one of the client that the app uses. Throws {@link CoalmineError}. */
declare function parseRegistry(registry: RegistryLike | undefined): RegistryLike;
/**
 * Registers the default process metrics of the client that `registry` belongs to, unless they are there.
 * Throws {@link CoalmineError} when no client is found.
 */
declare function collectDefaultMetrics(registry: RegistryLike): void;

/** How several numbers become one: of the apps that share a registry, and of the workers of a cluster. */
type Aggregator = 'sum' | 'min' | 'max';
/** A metric of ours, as whoever publishes it elsewhere reads it. */
interface MetricFamily {
    readonly name: string;
    readonly help: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    /** Its samples, now, with all their labels. */
    get(): MetricObject;
    /** What a counter counts in, which knows since when. */
    cells?(): Iterable<Cell>;
}

/** One number of a reading. */
interface LabelledNumber {
    /** Those of the process are added. */
    readonly labels: Labels;
    readonly value: number;
}
/** Returns the numbers of a process, or of one app in it. */
type Read = () => readonly LabelledNumber[];

interface MetricsOptions {
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
/** Route timing and error counters, living in a registry. */
interface Metrics {
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
    reading(name: string, help: string, aggregator: Aggregator, read: () => number | undefined, owner?: object): () => void;
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
interface DeclaredReasons {
    /** Whole requests. */
    readonly excluded?: readonly string[];
    /** Claims, as {@link Metrics.rejectClaim} counts them. */
    readonly rejected?: readonly string[];
}
/**
 * Creates the metrics and registers them; on a registry that holds ours already, answers those.
 *
 * Throws {@link CoalmineError}: `COALMINE_INVALID_OPTION`; `COALMINE_NO_CLIENT`; `COALMINE_METRIC_EXISTS` when the
 * registry holds somebody else's metric of the same name; `COALMINE_METRICS_DIFFER` when it holds ours with other options.
 */
declare function createMetrics(options?: MetricsOptions): Metrics;

/** A stretch of work that should give the event loop back before long. */
declare class Slice {
    #private;
    /** Whether it has lasted for about half a millisecond. */
    isOver(): boolean;
    /** Gives the event loop back, and begins the next one. */
    next(): Promise<void>;
}

/** What both formats know, and `unknown`, which the text format calls `untyped`. */
type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

/** Prometheus text 0.0.4, or OpenMetrics 1.0. */
type Format = 'text' | 'openmetrics';
/** The `Content-Type` of each {@link Format}. */
declare const CONTENT_TYPES: Readonly<Record<Format, string>>;
/**
 * Renders a whole registry, our metrics and the user's alike, giving the event loop back about every half millisecond.
 *
 * - `_created` samples are written for our own metrics, in OpenMetrics only, where `created` asks for them.
 * - A counter whose name lacks `_total` is `unknown` in OpenMetrics, so that it keeps its name whatever a scraper asks for.
 * - A user's metric that fails to collect, takes longer than 5 s, or gives what no scraper could read, is left out of this
 *   exposition with a process warning: it must not blind the controller.
 * - The values of one user's metric are read in one go, as its client does it; only their rendering is sliced.
 *
 * Rejects only where the registry itself cannot be read. Sources: Prometheus exposition formats 0.0.4, OpenMetrics 1.0.0.
 */
declare function renderRegistry(registry: RegistryLike, format: Format): AsyncGenerator<string, void, undefined>;

/** How the numbers of several processes become one, as `prom-client` names it. */
type ClusterAggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit';
/** Some samples of one metric, as one process tells them another: JSON carries it as it is. */
interface SnapshotPiece {
    readonly name: string;
    readonly help: string;
    readonly type: MetricType;
    readonly aggregator: ClusterAggregator;
    /** Each with its series, as it stands in an exposition. What JSON has no number for is text. */
    readonly samples: readonly (readonly [series: string, value: number | string])[];
    readonly exemplars: readonly (readonly [series: string, exemplar: Exemplar])[];
}
/**
 * Reads a whole registry for another process, giving the event loop back between slices, as many pieces at a time as one
 * message takes. The metrics that had to be left out are added to `missing`: they are not gone.
 */
declare function snapshotRegistry(registry: RegistryLike, milliseconds: number, missing: Set<string>): AsyncGenerator<readonly SnapshotPiece[], void, undefined>;
/** Returns what counters and histograms of ours have counted, at once: the last that a process tells. */
declare function lastWords(registry: RegistryLike): readonly SnapshotPiece[];

/** The samples of one metric, of one process or of several. */
interface FamilyNumbers extends Pick<SnapshotPiece, 'name' | 'help' | 'type' | 'aggregator'> {
    readonly samples: Map<string, number>;
    readonly exemplars: Map<string, Exemplar>;
}
/** What one process has told of its registry: its last snapshot that was whole. */
declare class ProcessNumbers {
    #private;
    /** By name, in the order of the registry. */
    get families(): ReadonlyMap<string, FamilyNumbers>;
    /** Adds pieces to the snapshot that is under way. */
    add(pieces: readonly SnapshotPiece[]): void;
    /** Ends the snapshot. Metrics that could not be read this time keep what they had: a sum that falls reads as a reset. */
    complete(missing: readonly string[]): void;
    /** Lets go of a snapshot that will not be whole. */
    abandon(): void;
    /** Puts newer samples over those of the last snapshot. */
    amend(pieces: readonly SnapshotPiece[]): void;
}
/** What processes had counted that are gone: counters and histograms, whose sums must not fall. */
declare class DepartedNumbers {
    #private;
    constructor(seriesAtMost: number);
    /** By name. Each {@link add} makes others, so that whoever is reading these does not count a process twice. */
    get families(): ReadonlyMap<string, FamilyNumbers>;
    /** Adds what a process had counted. Returns whether there was room for all of its series. */
    add({ families }: ProcessNumbers): boolean;
}

/**
 * Renders the metrics of several processes as one, each by its aggregator, giving the event loop back as `renderRegistry`
 * does. Where processes disagree on a metric, the first has its way.
 */
declare function renderProcesses(processes: readonly ReadonlyMap<string, FamilyNumbers>[], format: Format): AsyncGenerator<string, void, undefined>;

export { type Aggregator, CONTENT_TYPES, Cell, type ClusterAggregator, type DeclaredReasons, DepartedNumbers, type DurationStatus, Exchange, type Exemplar, type FamilyNumbers, type Format, type LabelledNumber, type Labels, type MetricFamily, type MetricObject, type MetricType, type MetricValue, type Metrics, type MetricsOptions, type NameMap, type Names, OVERFLOW, type Objective, type ObjectiveOptions, PLAIN_PART, type Part, ProcessNumbers, type Protocol, type Read, type RegistryLike, Route, Slice, type SnapshotPiece, type Trace, type TraceContext, UNMATCHED, collectDefaultMetrics, createMetrics, lastWords, parseNames, parseObjective, parseRegistry, protocolOf, renderProcesses, renderRegistry, snapshotRegistry };
