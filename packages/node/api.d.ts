import { EndpointPath, Probe, HealthOptions, Log, Health } from '@coalmine/health';
export * from '@coalmine/health';
export { endpointFor } from '@coalmine/health';
import { Metrics, Trace, Route, Exchange, MetricsOptions, ObjectiveOptions, Objective, RegistryLike } from '@coalmine/metrics';
export { Metrics, NameMap, Objective, ObjectiveOptions, RegistryLike, Route, UNMATCHED } from '@coalmine/metrics';
import { Exclusion, TrafficOptions } from '@coalmine/traffic';
export { Exclusion, ExclusionReason, TrafficOptions, agents, signExclusion } from '@coalmine/traffic';
import { WarmupOptions, PrimeOptions, Progress } from '@coalmine/warmup';
export { PrimeOptions, PrimeRequest, Progress, WarmupOptions } from '@coalmine/warmup';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
export { CoalmineError, CoalmineErrorCode, warn } from '@coalmine/options';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
type Request = IncomingMessage | Http2ServerRequest;
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
type Response = ServerResponse | Http2ServerResponse;
/** A message of `node:http` or `node:http2`, or the request or reply of Fastify, which have it as `raw`. */
type AnyMessage = Request | Response | {
    readonly raw: Request | Response;
};
/** The listener that `http.createServer` takes. */
type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (request: Req, response: Res) => unknown;

/**
 * Estimates when connections arrived that waited in the queue until they were accepted.
 *
 * libuv accepts one connection per turn, so with a connection for each request, slow turns build up a queue that
 * nothing in the process sees. The kernel tells how long the queue is. Connections are accepted in the order in which
 * they came, so the length of the queue and the number of connections accepted before tell how many had come by then.
 */
interface Backlog {
    /**
     * Takes the next connection from the queue, in a turn of the loop whose last poll was at `polledAt`. Returns when the
     * connection arrived, or `undefined` if it has not waited.
     */
    accept(now: number, turn: number, polledAt: number): number | undefined;
}

/** A request whose arrival is estimated. */
interface Arrival {
    /** Milliseconds on the clock of the loop. */
    arrivedAt: number;
    /** The turn in which the loop found the request, until the turn is over: until then, the estimate is not final. */
    turn: Turn | undefined;
}
/** The requests that one turn of the loop serves while, or after, the loop was held. */
interface Turn {
    /** The earliest time at which they arrived, in milliseconds. */
    readonly from: number;
    /** The latest time at which they arrived: the poll that found them. */
    until: number;
    /**
     * When they arrived if none of them was there when the loop came to its poll, which shows after the turn: when the
     * hold started, or when they start themselves. Absent if it does not matter.
     */
    readonly unlessWaiting?: {
        readonly at: 'from' | 'begin';
        readonly waitingBefore: number;
    };
    readonly arrivals: Arrival[];
    /** When each of them started. */
    readonly begins: number[];
    /** When the response before each of them ended, on a connection that was served within the hold. */
    readonly afters: (number | undefined)[];
}

/** What the client got. */
type Outcome = 
/** The app ended its response. */
'answered'
/** The headers of an event stream, or of an upgrade, were sent. */
 | 'streamed'
/** The client left before any header. */
 | 'left'
/** The client left in the middle of the body. */
 | 'left mid-body'
/** Node refused the rest of a late or malformed request, or an upgrade had no listener. */
 | 'refused'
/** The server broke the response off. */
 | 'broken';

/** Publishes outside the registry what a service does. `@coalmine/otel` implements it. */
interface Telemetry {
    start(service: TelemetryService): ServiceTelemetry;
}
/** The telemetry of one service. An error that `begin` or `end` throws is caught, and makes one warning. */
interface ServiceTelemetry {
    /** Returns what is known of the trace of the current request; `undefined` if nobody traces it. */
    begin(): Trace | undefined;
    /** Receives the end of an exchange, while its span is still open. `trace` is what {@link begin} returned. */
    end(trace: Trace, ending: Ending): void;
    /** Called when the service has ended. */
    stop(): void;
}
/** What a service tells about itself. */
interface TelemetryService {
    readonly metrics: Metrics;
    /** Whether the durations of users count. */
    isWarm(): boolean;
    /** Returns the state of each schema, by the name of its source. */
    schemaStates(): Readonly<Record<string, string>>;
}
/** How an exchange ended. */
interface Ending {
    /** The route on which it was counted; `undefined` for an excluded exchange, which counts on no route. */
    readonly route: Route | undefined;
    /** The status that was sent, or that counts if none was sent or the body broke off. */
    readonly status: number;
    /** What the app says about a request that failed although its status does not say so: it counts with that status. */
    readonly failure: {
        readonly status: number;
        readonly reason: string | undefined;
    } | undefined;
    /** What the client got: `answered`, `streamed`, `left`, `left mid-body`, `refused` or `broken`. */
    readonly outcome: string;
    /** Seconds since the request arrived. */
    readonly seconds: number;
    /** Whether it took longer than the patience of its route. */
    readonly isOverdue: boolean;
    /** Why it is excluded, and what vouches for that. */
    readonly exclusion: {
        readonly reason: string;
        readonly authority: string;
    } | undefined;
    /** Source: OpenTelemetry semantic conventions, `user_agent.synthetic.type`. */
    readonly synthetic: 'bot' | 'test' | undefined;
}

/** The progress of an exchange. It only goes forward, and only {@link Exchanges} writes it. */
type State = 
/** The app has not ended its response. */
'open'
/** The app has ended its response. Whether the client has read it does not matter. */
 | 'ended'
/** The response has ended, and is counted as soon as it is known for how long the request had waited. */
 | 'waiting'
/** Counted as an event stream or an upgrade, whose connection lives on. */
 | 'streaming'
/** Counted, and over. */
 | 'counted';
/** What the app says about a failed request. */
interface Failure {
    readonly status: number;
    readonly reason: string | undefined;
}
/** The wait of one exchange for its client, which has not sent what it announced, or does not read the response. */
interface ClientWait {
    /** When the service was first seen waiting, in milliseconds on the clock of the metrics. */
    readonly since: number;
    /** Milliseconds without a byte after which Node cuts the connection; 0 for never. */
    readonly idleLimit: number;
    /** What the client had sent and taken at the last look. */
    progress: number;
    /** Milliseconds for which the loop was held before the last look; the client may have acted in that time. */
    heldMilliseconds: number;
}
/** An exchange over HTTP: from the arrival of the request to the end of its response. */
declare class HttpExchange extends Exchange implements Arrival {
    /** The service that counts it. */
    readonly owner: Exchanges;
    readonly request: Request;
    /** Absent for an upgrade, which has no response. */
    readonly response: Response | undefined;
    /** The connection of the request, which stays the same. */
    readonly socket: Socket;
    /** The stream of HTTP/2; `undefined` for HTTP/1 and for an upgrade. */
    readonly stream: ServerHttp2Stream | undefined;
    /** Why it is not a user's, whatever its route: because of its client, or because the app has said so. */
    lasting: Exclusion | undefined;
    state: State;
    /** Why it is not a user's, for now: the route may still change that. */
    exclusion: Exclusion | undefined;
    /** What the client got, once it is known. */
    outcome: Outcome;
    /** The status of the head; 0 while there is none. */
    status: number;
    /** Whether the head was made after the client had left. */
    isHeadLate: boolean;
    /** The bytes of the body that were written before its end; 0 while there is no `Content-Length`. */
    bodyLength: number;
    /** Whether the app ended the body before it was as long as its `Content-Length`. */
    isCutShort: boolean;
    /** When the app ended its response, in milliseconds on the clock of the metrics. */
    endedAt: number;
    /** When the loop had last looked at the connection by then, if the loop was held. */
    seenAt: number;
    /** What the app says about a request that failed although its status does not say so. */
    failure: Failure | undefined;
    turn: Turn | undefined;
    /** The wait for the client, while there is one. */
    wait: ClientWait | undefined;
    /** The exchange of another service that counts the same request. */
    sibling: HttpExchange | undefined;
    constructor(owner: Exchanges, route: Route, arrivedAt: number, request: Request, response: Response | undefined, lasting: Exclusion | undefined);
    /** Whether the head of the response has been made. */
    get hasHead(): boolean;
    /** Whether it has been counted. */
    get isCounted(): boolean;
}
/** The life of exchanges. Only this object changes the state of an exchange. */
interface Exchanges {
    /** The metrics in which exchanges are counted. */
    readonly metrics: Metrics;
    /** Notes that a server has accepted a connection from its backlog. */
    accepted(socket: Socket, backlog: Backlog): void;
    /** Starts the exchange of a response, once: later calls return the same exchange. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /** Starts the exchange of an upgrade or a CONNECT that somebody else handles, once. */
    beginUpgrade(request: IncomingMessage, socket: Duplex): void;
    /** Counts a request that Node refuses before any listener sees it, with the status that Node sends. */
    refuse(request: IncomingMessage, status: number): void;
    /** Notes that Node is about to destroy a connection because of a CONNECT without a listener. */
    refuseConnect(): void;
    /** Returns the exchange that has started with a request or its response. */
    exchangeOf(message: AnyMessage): HttpExchange | undefined;
    /** Looks for the trace of the current request, unless it is known. */
    trace(exchange: HttpExchange): void;
    /** Excludes an exchange. */
    exclude(exchange: HttpExchange, exclusion: Exclusion): void;
    /** Removes the exclusion by a route. */
    readmit(exchange: HttpExchange): void;
    /** Marks an exchange as failed, whatever its status. */
    fail(exchange: HttpExchange, failure: Failure): void;
    /** Notes that the head of a response has been made, with a status. Never throws. */
    headed(exchange: HttpExchange, status: number): void;
    /** Notes that the app has ended a response. Never throws. */
    ended(exchange: HttpExchange, response: Response): void;
    /** Reports the ends of exchanges to their traces, from now on. */
    tell(telemetry: ServiceTelemetry): void;
    /** Stops the background work. */
    close(): void;
}

/** A path of Coalmine with its handler, the same on every framework and on the admin listener. */
interface Endpoint extends EndpointPath {
    /** The reason for which its requests are excluded. */
    readonly reason: 'health' | 'metrics';
    /** The probe that an endpoint of health serves. */
    readonly probe?: Probe;
    /** Responds to `GET` and `HEAD`, for all checks or for the named check. Never throws or rejects. */
    handle(request: Request, response: Response, check?: string): void;
}
/** An endpoint on the server of the app, beside the routes of the app. */
interface MountedEndpoint extends Endpoint {
    /** Marks an exchange as a request to this endpoint, and not a user's, even if somebody else responds to it. */
    assign(exchange: HttpExchange): void;
}
/** Returns the message for an app that has a path of Coalmine. */
declare function pathTaken({ reason, path }: Endpoint): string;

interface AdminOptions {
    /**
     * TCP port of a separate listener for the endpoints of Coalmine, which the app then no longer serves. 0 lets the
     * system choose.
     */
    readonly port: number;
    /** @defaultValue all interfaces */
    readonly host?: string;
}

/** Decides who may scrape; a failure counts as a no. */
type Authorize = (request: Request) => boolean | Promise<boolean>;

/** The options of Coalmine: the same for every framework, all of them optional. */
interface CoalmineOptions extends Pick<MetricsOptions, 'registry' | 'objective'> {
    readonly metrics?: Omit<MetricsOptions, 'registry' | 'objective' | 'now'> & {
        /** The path of the metrics; `false` for none. @defaultValue `'/metrics'` */
        readonly path?: string | false;
        /** Whether to add the client's default process metrics to the registry. @defaultValue `false` */
        readonly defaultMetrics?: boolean;
        /** Decides who may scrape; anybody else gets a 403. @defaultValue anybody may */
        readonly authorize?: Authorize;
    };
    /** Which requests are not users': see docs/traffic.md. @defaultValue only requests to the endpoints of Coalmine */
    readonly traffic?: TrafficOptions;
    /**
     * While a new pod is cold, its durations are withheld; `false` for never. @defaultValue 30 s from the first user on
     */
    readonly warmup?: false | WarmupGroup;
    /** Health endpoints, from checks in the background; `false` for none. @defaultValue `/livez`, `/readyz`, `/startupz` */
    readonly health?: false | HealthOptions;
    /** A separate listener for the endpoints of Coalmine. @defaultValue none: the app serves them */
    readonly admin?: AdminOptions;
    /** Traces and OpenTelemetry metrics: `otel()` of `@coalmine/otel`. @defaultValue none */
    readonly telemetry?: Telemetry;
    /** The log for readiness and draining; `false` for none. @defaultValue `app.log` of Fastify, or `console` */
    readonly log?: Log | false;
}
/** The options under `warmup`. */
interface WarmupGroup extends Omit<WarmupOptions, 'now'> {
    /** Requests that the service sends to itself before it is ready. @defaultValue none */
    readonly prime?: PrimeOptions;
}
/** The options of one route; `false` is short for `{ exclude: true }`. */
type RouteOptions = false | {
    readonly objective?: ObjectiveOptions;
    /** Whether its requests are excluded; they show in the excluded series. @defaultValue `false` */
    readonly exclude?: boolean;
};
/** Parsed {@link RouteOptions}. */
interface RouteSettings {
    readonly objective: Objective;
    readonly exclude: boolean;
}
/** Parses the options of a route. Throws `InvalidOption`. */
declare function parseRouteOptions(options: RouteOptions | undefined, service: {
    readonly objective: Objective;
}): RouteSettings;

/** A route pattern of a framework, for all its methods: created once, when the route becomes known. */
interface RoutePattern {
    /** Whether its requests are excluded. */
    readonly isExcluded: boolean;
    /** Creates the series of these methods, at zero. */
    declare(methods: Iterable<string>): void;
    /** Counts an exchange on this route, or excludes it with this route. */
    assign(exchange: HttpExchange): void;
    /** Excludes an exchange if this route is excluded, without naming the exchange: the framework may pass it on. */
    hide(exchange: HttpExchange): void;
    /** Removes the exclusion by this route: the exchange was passed on, and is what it was before. */
    show(exchange: HttpExchange): void;
}

/** What only an adapter knows. */
interface Framework {
    /** Sets the final route of an exchange, when its response has ended or closed. */
    beforeClose?(exchange: HttpExchange): void;
    /** Whether the app may have a route with this pattern that the adapter has not found yet. @defaultValue `() => false` */
    mayHaveRoute?(pattern: string): boolean;
    /** Receives messages about the progress. @defaultValue `NODE_DEBUG=coalmine` */
    debug?(message: string): void;
    /** Closes the app when it has drained; its servers close meanwhile. */
    close?(): unknown;
    /** The log for readiness and draining, unless the app gives another. @defaultValue `console` */
    readonly log?: Log;
}
/** Everything Coalmine does for one `node:http` service. */
interface Instrument {
    readonly metrics: Metrics;
    /** Paths to serve beside the routes of the app; none if there is an admin listener. */
    readonly endpoints: readonly MountedEndpoint[];
    /** Starts the exchange of a response, once: later calls return the same exchange. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /**
     * Looks again for the trace of a request that has started, within its context: for an adapter whose framework is
     * traced by hooks that run after Coalmine's. Does nothing if the trace is known, or if there is no telemetry.
     */
    trace(exchange: HttpExchange): void;
    /** Returns the exchange that has started with a request, given the request or its response. */
    exchangeOf(message: AnyMessage): HttpExchange | undefined;
    /**
     * Returns a route pattern with the options of the route, for code that assigns exchanges to it. Throws
     * `CoalmineError` if an option is invalid.
     */
    pattern(pattern: string, options?: RouteOptions): RoutePattern;
    /**
     * Names the route of a request that has started, given the request or its response: the pattern, never the path. Only
     * the `objective` of the first call for a route counts. Does nothing for a request that has not started. Never throws.
     */
    route(message: AnyMessage, pattern: string, objective?: Objective): void;
    /** Excludes a request that has started, given as for {@link Instrument.route}, with the reason `route`. */
    exclude(message: AnyMessage): void;
    /**
     * Whether the pod may take traffic, as `/readyz` says: for a readiness handler of the app itself, with the request
     * that asks. The first `true` starts the warm-up. With priming, it is `false` until priming is over, and the first
     * call starts priming through the server that `request` came to, if that server was unknown.
     */
    isReady(request?: Request): boolean;
    /** Checks, schemas and draining; `undefined` with `health: false`. */
    readonly health: Health | undefined;
    /** The progress of priming, if there is any. */
    readonly priming: Progress | undefined;
    /**
     * Watches a server for requests that never reach a handler: upgrades, and requests that Node or a framework refuses.
     * Starts priming, if any, as soon as the server listens. Call it once, before the server listens.
     */
    attach(server: object): void;
    /**
     * Wraps a listener for `http.createServer` or `http2.createServer`: it serves the endpoints of Coalmine, then calls
     * and measures yours.
     */
    handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(listener: Listener<Req, Res>): Listener<Req, Res>;
    /** Starts the checks, and the admin listener, if any, and returns its port. Rejects with `COALMINE_ADMIN_LISTEN`. */
    listen(): Promise<number | undefined>;
    /** Closes the admin listener, if any, stops the checks, and removes the gauges of filters and health. */
    close(): Promise<void>;
}
/**
 * Creates an instrument from options.
 *
 * Throws `CoalmineError` if an option is invalid or the registry cannot hold the metrics of Coalmine (see
 * docs/errors.md).
 */
declare function createInstrument(options?: CoalmineOptions, framework?: Framework): Instrument;

/** The options of a route from several places, combined. */
interface CombinedRouteOptions {
    readonly exclude: boolean;
    readonly objective: Exclude<RouteOptions, false>['objective'];
}
/** Returns the options of a route with one more place, which overrides the places before it. */
declare function combineRouteOptions(before: CombinedRouteOptions | undefined, options: RouteOptions): CombinedRouteOptions;
/** Checks everything that can be checked before the objective of the service is known. Throws `CoalmineError`. */
declare function checkRouteOptions(options: RouteOptions): void;

/**
 * Returns the object on which something is kept for a request: the state of its stream, which only Node writes to, and
 * whose hidden class stays the same; otherwise the request.
 */
declare function carrierOf(request: object): object;

/**
 * Returns the pattern of a route that an adapter finds while the app runs. Never throws: an objective that cannot be
 * used is a warning, and the objective of the service counts.
 */
declare function foundPattern(instrument: Instrument, label: string, { exclude, objective }?: CombinedRouteOptions): RoutePattern;
/** Returns the methods of a route, in upper case, whose series exist before their first request. */
declare function methodsWithZeros(methods: readonly string[] | 'all'): readonly string[];
/** Warns, once for `route`, that a route is never reached because an endpoint of Coalmine has its path. */
declare function warnOfTakenPath({ endpoints }: Pick<Instrument, 'endpoints'>, label: string, methods: readonly string[], route: object): void;
/**
 * Warns, once, that the internals of a future framework differ: routes lose their names, but the app loses no response.
 */
declare function warnOfUnreadRoutes(instrument: Instrument, framework: string, error: unknown): void;

/**
 * The route on which an adapter counts one exchange, while the app passes the request on. A name that the app gives is
 * kept.
 */
declare class ExchangeName {
    #private;
    constructor(exchange: HttpExchange);
    /** Counts the exchange on a route, or on no known route. The previous route no longer counts. */
    assign(pattern: RoutePattern | undefined): void;
}

/** What an app may say about a failed request. */
interface FailOptions {
    /** The status that the request counts with: an integer from 500 to 599. @defaultValue `500` */
    readonly status?: number;
    /** Why the request failed, for its span. @defaultValue none */
    readonly reason?: string;
}
/**
 * Marks a request as failed although its status does not say so: a GraphQL operation that ends in an internal error is
 * a 200. The request counts with the status of `options`; the client gets what the app sends.
 *
 * Call it before the response ends, or in the same callback. A failure can never become a success: the first call
 * counts, and a response of 500 or above keeps its status. Does nothing for a request that nobody counts, and after the
 * client has left. Never throws.
 */
declare function fail(message: AnyMessage, options?: FailOptions): void;

interface OperationsOptions {
    /** The path of the URL that carries the operations: the label of each starts with it. */
    readonly path: string;
    /** The objective of every operation. @defaultValue the objective of the service */
    readonly objective?: ObjectiveOptions;
    /** Options of single operations, by their names. @defaultValue none */
    readonly routes?: Readonly<Record<string, RouteOptions>>;
    /**
     * How many operations have a route each. If there are more, only the operations that `routes` names have their own,
     * and the others share one. @defaultValue `500`
     */
    readonly maxOperations?: number;
}
/** An operation that a client can call. */
interface Operation {
    /** The name of the operation on the server; never a name that a client has chosen. */
    readonly name: string;
    /** The HTTP methods that reach the operation. */
    readonly methods: readonly string[];
    /** The start of the names of operations that share a route if there are too many. @defaultValue `''` */
    readonly group?: string;
}
/** The operations of one URL that carries many (GraphQL, RPC): each operation is a route of its own. */
interface Operations {
    /** Declares operations, and creates their series at zero: all operations of a schema or a router in one call. */
    declare(operations: readonly Operation[]): void;
    /** Warns of names in the option `routes` that no operation has. Call it when all operations are known. */
    checkRoutes(): void;
    /** Returns the route of an operation, or `undefined` for a name that was not declared. */
    find(name: string): RoutePattern | undefined;
    /**
     * Counts a request that has started on the route of an operation, or on the path if `route` is `undefined` and nobody
     * has named the request. In a batch, `position` is the place of the operation, and the first operation of a user
     * names the request, in whichever order the operations are executed. Does nothing for a request that has not started,
     * or is over.
     */
    assign(message: AnyMessage, route: RoutePattern | undefined, position?: number): void;
}
/** Creates the operations of one URL. Throws `CoalmineError` if an option is invalid. */
declare function createOperations(instrument: Pick<Instrument, 'exchangeOf' | 'pattern'>, options: OperationsOptions): Operations;

interface ClusterMetricsOptions {
    /**
     * In a worker, the registry that the primary collects. In the primary, a registry with metrics of the primary itself.
     * @defaultValue the global registry of the installed client, in a worker; none, in the primary
     */
    readonly registry?: RegistryLike;
    /** The path at which {@link ClusterMetrics.listen} serves the metrics. @defaultValue `'/metrics'` */
    readonly path?: string;
    /** Decides who may scrape; anybody else gets a 403. @defaultValue anybody may */
    readonly authorize?: Authorize;
    /**
     * In the primary, the seconds after `SIGTERM` or `SIGINT` within which the workers have to end: more than their
     * `drainSeconds` and `closeSeconds`, and less than the grace period. A worker that takes longer is killed.
     * @defaultValue `28`
     */
    readonly endSeconds?: number;
    /** The log of the primary for its end; `false` for none. @defaultValue `console` */
    readonly log?: Log | false;
}
/** The metrics of all workers of a cluster, as one. */
interface ClusterMetrics {
    /**
     * Serves the metrics on a port of the primary, and resolves with the port. Does nothing in a worker. Rejects with
     * `COALMINE_ADMIN_LISTEN`.
     */
    listen(options: AdminOptions): Promise<number | undefined>;
    /** Responds to a scrape, for a server of the primary itself. A worker responds with a 503. */
    handle(request: Request, response: Response): void;
    /** Closes the port, if any, and ends the exchange between worker and primary. */
    close(): Promise<void>;
}
/**
 * Joins a process to the metrics of its cluster: call it in the primary, before the primary forks, and in each worker.
 * The primary shows the sum of what its workers have counted, including workers that have ended. At `SIGTERM` and
 * `SIGINT`, the primary makes its workers drain, and ends when they have ended. Throws `CoalmineError` if an option is
 * invalid, or a worker has no registry.
 */
declare function createClusterMetrics(options?: ClusterMetricsOptions): ClusterMetrics;

export { type AdminOptions, type AnyMessage, type Arrival, type Authorize, type Backlog, type ClientWait, type ClusterMetrics, type ClusterMetricsOptions, type CoalmineOptions, type CombinedRouteOptions, type Ending, type Endpoint, ExchangeName, type Exchanges, type FailOptions, type Failure, type Framework, HttpExchange, type Instrument, type Listener, type MountedEndpoint, type Operation, type Operations, type OperationsOptions, type Outcome, type Request, type Response, type RouteOptions, type RoutePattern, type RouteSettings, type ServiceTelemetry, type State, type Telemetry, type TelemetryService, type Turn, type WarmupGroup, carrierOf, checkRouteOptions, combineRouteOptions, createClusterMetrics, createInstrument, createOperations, fail, foundPattern, methodsWithZeros, parseRouteOptions, pathTaken, warnOfTakenPath, warnOfUnreadRoutes };
