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
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Server, Socket } from 'node:net';
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
/** What `http.createServer` takes. */
type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (request: Req, response: Res) => unknown;

/**
 * When connections arrived that waited until somebody accepted them.
 *
 * libuv accepts one connection a turn, so with a connection for each request, slow turns make a queue that nothing in the
 * process sees. The kernel tells how long the queue is. Connections are accepted in the order in which they came, so the
 * length of the queue, and the number of those accepted before, tell how many had come by then.
 */
declare class Backlog {
    #private;
    constructor(server: Server);
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
    /** The turn in which the loop found it, until the turn is over: until then, the estimate is not final. */
    turn: Turn | undefined;
}
/** The requests that one turn of the loop serves after, or while, the loop was held. */
interface Turn {
    /** They arrived from then on, in milliseconds. */
    readonly from: number;
    /** They arrived until then: the poll that found them. */
    until: number;
    /**
     * When they arrived if none of them was there when the loop came to its poll, which shows after the turn: as the hold
     * began, or as they begin themselves. Absent where it does not matter.
     */
    readonly unlessWaiting?: {
        readonly at: 'from' | 'begin';
        readonly waitingBefore: number;
    };
    readonly arrivals: Arrival[];
    /** When each of them began. */
    readonly begins: number[];
    /** When the answer before each of them ended, on a connection that was served within the hold. */
    readonly afters: (number | undefined)[];
}

/** What the client got. */
type Outcome = 
/** The app ended its answer. */
'answered'
/** The headers of an event stream, or of an upgrade, went out. */
 | 'streamed'
/** The client left before any header. */
 | 'left'
/** The client left in the middle of the body. */
 | 'left mid-body'
/** Node refused the rest of a request that was late or malformed, or nobody took an upgrade. */
 | 'refused'
/** The server tore the response down. */
 | 'broken';

/** Who publishes what a service does elsewhere than in its registry: the seam that `@coalmine/otel` fits in. */
interface Telemetry {
    start(service: TelemetryService): ServiceTelemetry;
}
/** What one service tells. What `begin` or `end` throws is contained, and said once. */
interface ServiceTelemetry {
    /** What is known of the trace of the request in hand; `undefined` where nobody traces it. */
    begin(): Trace | undefined;
    /** What became of an exchange, while its span is still open. `trace` is what {@link begin} answered. */
    end(trace: Trace, ending: Ending): void;
    /** The service is over. */
    stop(): void;
}
/** What a service tells of itself. */
interface TelemetryService {
    readonly metrics: Metrics;
    /** Whether the durations of users count. */
    isWarm(): boolean;
    /** State of each schema, by the name of its source. */
    schemaStates(): Readonly<Record<string, string>>;
}
/** How an exchange ended. */
interface Ending {
    /** Where it was counted; `undefined` for one that is no user's, and was counted on no route. */
    readonly route: Route | undefined;
    /** The status that was sent, or that stands for it where none was sent or the body broke off. */
    readonly status: number;
    /** What the app says of a request that failed although its status does not say so: it is counted with that status. */
    readonly failure: {
        readonly status: number;
        readonly reason: string | undefined;
    } | undefined;
    /** What the client got: `answered`, `streamed`, `left`, `left mid-body`, `refused` or `broken`. */
    readonly outcome: string;
    /** Since the request arrived. */
    readonly seconds: number;
    /** Whether it took longer than the patience of its route. */
    readonly isOverdue: boolean;
    /** Why it is no user's, and who vouches for that. */
    readonly exclusion: {
        readonly reason: string;
        readonly authority: string;
    } | undefined;
    /** Source: OpenTelemetry semantic conventions, `user_agent.synthetic.type`. */
    readonly synthetic: 'bot' | 'test' | undefined;
}

/** How far an exchange is. It only ever goes on, and {@link Exchanges} alone writes it. */
type State = 
/** The app has not ended its answer. */
'open'
/** The app has ended its answer. Whether the client has read it is the client's business. */
 | 'ended'
/** The answer has ended, and it is counted as soon as it is known for how long the request had waited. */
 | 'waiting'
/** Counted as an event stream or an upgrade, whose connection lives on. */
 | 'streaming'
/** Counted, and over. */
 | 'counted';
/** What the app says about a request that failed. */
interface Failure {
    readonly status: number;
    readonly reason: string | undefined;
}
/** The wait of one exchange for its client, which has not sent what it announced, or does not read what it asked for. */
interface ClientWait {
    /** When the service was first seen to wait, in milliseconds on the clock of the metrics. */
    readonly since: number;
    /** Milliseconds without a byte after which Node cuts the connection; 0 for never. */
    readonly idleLimit: number;
    /** What the client had sent and taken at the last look. */
    progress: number;
    /** Milliseconds for which the loop was held before the last look, in which the client may have done its part. */
    heldMilliseconds: number;
}
/** An exchange over HTTP: from the arrival of the request to the end of its answer. */
declare class HttpExchange extends Exchange implements Arrival {
    /** Who counts it. */
    readonly owner: Exchanges;
    readonly request: Request;
    /** Absent for an upgrade, which has none. */
    readonly response: Response | undefined;
    /** Why it is no user's, whatever its route: because of who is asking, or because the app has said so. */
    lasting: Exclusion | undefined;
    state: State;
    /** Why it is no user's, for now: the route may still have its say. */
    exclusion: Exclusion | undefined;
    /** What the client got, once it is known. */
    outcome: Outcome;
    /** The status of the head; 0 while there is none. */
    status: number;
    /** Whether the head was made when the client had left. */
    isHeadLate: boolean;
    /** When the app ended its answer, in milliseconds on the clock of the metrics. */
    endedAt: number;
    /** When the loop had last looked at the connection by then, if the loop was held. */
    seenAt: number;
    /** What the app says about a request that failed although its status does not say so. */
    failure: Failure | undefined;
    turn: Turn | undefined;
    /** The wait for the client, while there is one. */
    wait: ClientWait | undefined;
    /** The exchange of somebody else who counts the same request. */
    sibling: HttpExchange | undefined;
    constructor(owner: Exchanges, route: Route, arrivedAt: number, request: Request, response: Response | undefined, lasting: Exclusion | undefined);
    /** Whether it has been counted. */
    get isCounted(): boolean;
}
/** The life of exchanges. This is the one place where the state of an exchange changes. */
interface Exchanges {
    /** Where they are counted. */
    readonly metrics: Metrics;
    /** Notes that a server has accepted a connection from its backlog. */
    accepted(socket: Socket, backlog: Backlog): void;
    /** Begins the exchange of a response, once: later calls return the same. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /** Begins the exchange of an upgrade that somebody else handles, once. */
    beginUpgrade(request: IncomingMessage, socket: Duplex): void;
    /** Counts a request that Node refuses before anybody sees it, with the status that Node sends. */
    refuse(request: IncomingMessage, status: number): void;
    /** Notes that Node is about to destroy a connection, for a CONNECT that nobody takes. */
    refuseConnect(): void;
    /** Returns the exchange that has begun with a request or its response. */
    exchangeOf(message: Request | Response): HttpExchange | undefined;
    /** Looks for the trace of the request in hand, unless it is known. */
    trace(exchange: HttpExchange): void;
    /** Takes an exchange for no user's. */
    exclude(exchange: HttpExchange, exclusion: Exclusion): void;
    /** Takes back the exclusion by a route. */
    readmit(exchange: HttpExchange): void;
    /** Takes an exchange for failed, whatever its status. */
    fail(exchange: HttpExchange, failure: Failure): void;
    /** Notes that the head of an answer has been made, with the status that it has now. Never throws. */
    headed(exchange: HttpExchange, response: Response): void;
    /** Notes that the app has ended an answer. Never throws. */
    ended(exchange: HttpExchange, response: Response): void;
    /** Tells the traces of exchanges what became of them, from now on. */
    tell(telemetry: ServiceTelemetry): void;
    /** Ends what runs in the background. */
    close(): void;
}

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
interface Endpoint extends EndpointPath {
    /** What its requests are excluded as. */
    readonly reason: 'health' | 'metrics';
    /** The question that an endpoint of health answers. */
    readonly probe?: Probe;
    /** Answers `GET` and `HEAD`, for all or for the check of that name; never throws or rejects. */
    handle(request: Request, response: Response, check?: string): void;
}
/** An endpoint on the app's own server, beside what users ask for. */
interface MountedEndpoint extends Endpoint {
    /** Takes an exchange for one of the endpoint's, which is no user's, even where somebody else answers it. */
    assign(exchange: HttpExchange): void;
}
/** What to say where the app has a path of ours. */
declare function pathTaken({ reason, path }: Endpoint): string;

interface AdminOptions {
    /** TCP port of a separate listener for our endpoints; they then leave the app's own. 0 lets the system choose. */
    readonly port: number;
    /** @defaultValue all interfaces */
    readonly host?: string;
}

/** Decides who may scrape; a failure counts as a no. */
type Authorize = (request: Request) => boolean | Promise<boolean>;

/** The options of Coalmine: the same for every framework, all of them optional. */
interface CoalmineOptions extends Pick<MetricsOptions, 'registry' | 'objective'> {
    readonly metrics?: Omit<MetricsOptions, 'registry' | 'objective' | 'now'> & {
        /** Where the registry is served; `false` for nowhere. @defaultValue `'/metrics'` */
        readonly path?: string | false;
        /** Whether to add the client's default process metrics to the registry. @defaultValue `false` */
        readonly defaultMetrics?: boolean;
        /** Who may scrape; anybody else gets a 403. @defaultValue anybody */
        readonly authorize?: Authorize;
    };
    /** Who is no user: see docs/traffic.md. @defaultValue our own endpoints alone */
    readonly traffic?: TrafficOptions;
    /** While a new pod is cold, its durations are withheld; `false` for never. @defaultValue 30 s from the first user on */
    readonly warmup?: false | WarmupGroup;
    /** Health endpoints, from checks in the background; `false` for none. @defaultValue `/livez`, `/readyz`, `/startupz` */
    readonly health?: false | HealthOptions;
    /** A separate listener for our endpoints. @defaultValue none: they are served by the app */
    readonly admin?: AdminOptions;
    /** Traces and OpenTelemetry metrics: `otel()` of `@coalmine/otel`. @defaultValue none */
    readonly telemetry?: Telemetry;
    /** Where to tell of readiness and draining; `false` for nowhere. @defaultValue `app.log` of Fastify, or `console` */
    readonly log?: Log | false;
}
/** What stands under `warmup`. */
interface WarmupGroup extends Omit<WarmupOptions, 'now'> {
    /** Requests that the service sends itself before it is ready. @defaultValue none */
    readonly prime?: PrimeOptions;
}
/** What one route may say of itself; `false` is short for `{ exclude: true }`. */
type RouteOptions = false | {
    readonly objective?: ObjectiveOptions;
    /** Whether its requests are no users'; they show in the excluded series. @defaultValue `false` */
    readonly exclude?: boolean;
};
/** Parsed {@link RouteOptions}. */
interface RouteSettings {
    readonly objective: Objective;
    readonly exclude: boolean;
}
/** Parses what a route says of itself. Throws `InvalidOption`. */
declare function parseRouteOptions(options: RouteOptions | undefined, service: {
    readonly objective: Objective;
}): RouteSettings;

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
interface RoutePattern {
    /** Whether its requests are no users'. */
    readonly isExcluded: boolean;
    /** Shows the zeros of these methods. */
    declare(methods: Iterable<string>): void;
    /** Has an exchange counted on this route, or excluded with it. */
    assign(exchange: HttpExchange): void;
    /** Excludes an exchange with this route, if the route is excluded, without naming it: it may yet be passed on. */
    hide(exchange: HttpExchange): void;
    /** Undoes the exclusion by this route: the exchange was passed on, and is what it was before. */
    show(exchange: HttpExchange): void;
}

/** What an adapter knows that nobody else does. */
interface Framework {
    /** The last word on the route of an exchange, when its answer has ended or its response has closed. */
    beforeClose?(exchange: HttpExchange): void;
    /** Where progress is told. @defaultValue `NODE_DEBUG=coalmine` */
    debug?(message: string): void;
    /** Closes the app, when it has drained; its servers close meanwhile. */
    close?(): unknown;
    /** Where to tell of readiness and draining, unless the app says otherwise. @defaultValue `console` */
    readonly log?: Log;
}
/** Everything Coalmine does for one `node:http` service. */
interface Instrument {
    readonly metrics: Metrics;
    /** Paths to serve beside the app's own; none when there is an admin listener. */
    readonly endpoints: readonly MountedEndpoint[];
    /** Begins the exchange of a response, once: later calls return the same. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /**
     * Looks once more for the trace of a request that has begun, within its context: for an adapter whose framework is traced
     * by hooks that come after ours. Does nothing where the trace is known, or where there is no telemetry.
     */
    trace(exchange: HttpExchange): void;
    /** Returns the exchange that has begun with a request, given the request or its response. */
    exchangeOf(message: Request | Response): HttpExchange | undefined;
    /**
     * Returns a route pattern with what it says of itself, for whoever assigns exchanges to it. Throws `CoalmineError` when
     * an option is invalid.
     */
    pattern(pattern: string, options?: RouteOptions): RoutePattern;
    /**
     * Names the route of a request that has begun, given the request or its response: the pattern, never the path.
     * `objective` counts at the first call for a route. Does nothing for a request that has not begun.
     */
    route(message: Request | Response, pattern: string, objective?: Objective): void;
    /** Takes a request that has begun, given as for {@link Instrument.route}, for no user's: it is excluded as `route`. */
    exclude(message: Request | Response): void;
    /**
     * Whether the pod may take traffic, as `/readyz` has it: for a readiness handler of the app's own, with the request that
     * asks. The first yes starts the warm-up. Where there is priming, it is a no until that is over, and the first question
     * starts it, through the server that `request` came to, if that was unknown.
     */
    isReady(request?: Request): boolean;
    /** Checks, schemas and draining; `undefined` with `health: false`. */
    readonly health: Health | undefined;
    /** How far priming is, where there is any. */
    readonly priming: Progress | undefined;
    /**
     * Watches a server for what never reaches a handler: upgrades, and requests that Node or a framework refuses. Starts
     * priming, if any, as soon as it listens. Call it before the server listens; once is enough.
     */
    attach(server: object): void;
    /** Wraps a listener for `http.createServer` or `http2.createServer`: our endpoints, then yours, measured. */
    handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(listener: Listener<Req, Res>): Listener<Req, Res>;
    /** Starts the checks, and the admin listener, if any; returns its port. Rejects with `COALMINE_ADMIN_LISTEN`. */
    listen(): Promise<number | undefined>;
    /** Closes the admin listener, if any, ends the checks, and takes our gauges of filters and health away. */
    close(): Promise<void>;
}
/**
 * Puts the parts together: options in, one instrument out.
 *
 * Throws `CoalmineError` when an option is invalid or the registry cannot hold our metrics (see docs/errors.md).
 */
declare function createInstrument(options?: CoalmineOptions, framework?: Framework): Instrument;

/** What several places say of a route together. */
interface CombinedRouteOptions {
    readonly exclude: boolean;
    readonly objective: Exclude<RouteOptions, false>['objective'];
}
/** Returns what is said of a route with one more place, whose word counts more than what was said before. */
declare function combineRouteOptions(before: CombinedRouteOptions | undefined, options: RouteOptions): CombinedRouteOptions;
/** Checks all that can be checked before the objective of the service is known. Throws `CoalmineError`. */
declare function checkRouteOptions(options: RouteOptions): void;

/**
 * Returns the pattern of a route that an adapter finds while the app runs. Never throws: an objective that cannot be used is a
 * warning, and the objective of the service counts.
 */
declare function foundPattern(instrument: Instrument, label: string, { exclude, objective }?: CombinedRouteOptions): RoutePattern;
/** Returns those methods of a route, in upper case, that have zeros before their first request. */
declare function methodsWithZeros(methods: readonly string[] | 'all'): readonly string[];
/** Warns, once for `route`, of a route that is never reached because an endpoint of ours has its path. */
declare function warnOfTakenPath(instrument: Instrument, label: string, methods: readonly string[], route: object): void;
/**
 * Warns, once, that the insides of a future framework differ: routes lose their names, and the app loses none of its
 * responses.
 */
declare function warnOfUnreadRoutes(instrument: Instrument, framework: string, error: unknown): void;

/** The route that an adapter counts one exchange on, while the app hands the request on. A name that the app gives stays. */
declare class ExchangeName {
    #private;
    constructor(exchange: HttpExchange);
    /** Counts the exchange on a route, or on none that is known. The route before has no say any more. */
    assign(pattern: RoutePattern | undefined): void;
}

/** What an app may say about a request that failed. */
interface FailOptions {
    /** The status that the request counts with: an integer from 500 to 599. @defaultValue `500` */
    readonly status?: number;
    /** Why the request failed, for its span. @defaultValue none */
    readonly reason?: string;
}
/**
 * Says that a request failed its user, although its status does not say so: a GraphQL operation that ends in an internal
 * error is a 200. The request counts with the status of `options`; the client gets what the app sends.
 *
 * To be called before the answer ends, or in the same callback. A failure can never become a success: the first call
 * counts, and an answer of 500 or above keeps its status. Does nothing for a request that nobody counts, and after the
 * client has left. Never throws.
 */
declare function fail(message: AnyMessage, options?: FailOptions): void;

interface OperationsOptions {
    /** The path of the URL that carries the operations: the label of each starts with it. */
    readonly path: string;
    /** What users are promised of every operation. @defaultValue the objective of the service */
    readonly objective?: ObjectiveOptions;
    /** What single operations say of themselves, by their names. @defaultValue nothing */
    readonly routes?: Readonly<Record<string, RouteOptions>>;
    /**
     * Operations that have a route each. Where there are more, only the operations that `routes` names have their own, and the
     * others share one. @defaultValue `500`
     */
    readonly maxOperations?: number;
}
/** An operation that a client can call. */
interface Operation {
    /** What the server calls the operation; never a name that a client has chosen. */
    readonly name: string;
    /** The HTTP methods that reach the operation. */
    readonly methods: readonly string[];
    /** The start of the names of operations that share a route where there are too many. @defaultValue `''` */
    readonly group?: string;
}
/** The operations of one URL that carries many (GraphQL, RPC): each operation is a route of its own. */
interface Operations {
    /** Makes operations known, with their zeros: all that a schema or a router has, in one call. */
    declare(operations: readonly Operation[]): void;
    /** Warns of names in the option `routes` that no operation has: to be called when all operations are known. */
    checkRoutes(): void;
    /** Returns the route of an operation, or `undefined` for a name that was not declared. */
    find(name: string): RoutePattern | undefined;
    /**
     * Counts a request that has begun on the route of an operation, or on the path where `route` is `undefined` and nobody
     * has named the request. In a batch, `position` is the place of the operation, and the first operation of a user names the
     * request, in whichever order they are executed. Does nothing for a request that has not begun, or is over.
     */
    assign(message: AnyMessage, route: RoutePattern | undefined, position?: number): void;
}
/** Tells the operations of one URL apart. Throws `CoalmineError` when an option is invalid. */
declare function createOperations(instrument: Pick<Instrument, 'exchangeOf' | 'pattern'>, options: OperationsOptions): Operations;

interface ClusterMetricsOptions {
    /**
     * In a worker, the registry to tell the primary. In the primary, one with metrics of the primary's own.
     * @defaultValue the global registry of the installed client, in a worker; none, in the primary
     */
    readonly registry?: RegistryLike;
    /** Where {@link ClusterMetrics.listen} serves the metrics. @defaultValue `'/metrics'` */
    readonly path?: string;
    /** Who may scrape; anybody else gets a 403. @defaultValue anybody */
    readonly authorize?: Authorize;
    /**
     * In the primary, the seconds after `SIGTERM` or `SIGINT` within which the workers have to end: more than their
     * `drainSeconds` and `closeSeconds`, and less than the grace period. A worker that has not is killed. @defaultValue `28`
     */
    readonly endSeconds?: number;
    /** Where the primary tells that it ends; `false` for nowhere. @defaultValue `console` */
    readonly log?: Log | false;
}
/** The metrics of all workers of a cluster as one. */
interface ClusterMetrics {
    /**
     * Serves the metrics on a port of the primary; resolves with the port. Does nothing in a worker. Rejects with
     * `COALMINE_ADMIN_LISTEN`.
     */
    listen(options: AdminOptions): Promise<number | undefined>;
    /** Responds to a scrape, for a server of the primary's own. A worker responds with a 503. */
    handle(request: Request, response: Response): void;
    /** Closes the port, if any, and ends the exchange between worker and primary. */
    close(): Promise<void>;
}
/**
 * Joins a process to the metrics of its cluster: call it in the primary, before it forks, and in each worker. The primary
 * shows the sum of what its workers have counted, those that are gone included. At `SIGTERM` and `SIGINT`, the primary has its
 * workers drain, and ends when they have. Throws `CoalmineError` when an option is invalid, or a worker has no registry.
 */
declare function createClusterMetrics(options?: ClusterMetricsOptions): ClusterMetrics;

export { type AdminOptions, type AnyMessage, type Arrival, type Authorize, Backlog, type ClientWait, type ClusterMetrics, type ClusterMetricsOptions, type CoalmineOptions, type CombinedRouteOptions, type Ending, type Endpoint, ExchangeName, type Exchanges, type FailOptions, type Failure, type Framework, HttpExchange, type Instrument, type Listener, type MountedEndpoint, type Operation, type Operations, type OperationsOptions, type Outcome, type Request, type Response, type RouteOptions, type RoutePattern, type RouteSettings, type ServiceTelemetry, type State, type Telemetry, type TelemetryService, type Turn, type WarmupGroup, checkRouteOptions, combineRouteOptions, createClusterMetrics, createInstrument, createOperations, fail, foundPattern, methodsWithZeros, parseRouteOptions, pathTaken, warnOfTakenPath, warnOfUnreadRoutes };
