import { EndpointPath, HealthOptions, Health } from '@coalmine/health';
export * from '@coalmine/health';
export { endpointFor } from '@coalmine/health';
import { MetricsOptions, Telemetry, ObjectiveOptions, Objective, Exchange, Route, Metrics } from '@coalmine/metrics';
export { Metrics, NameMap, Objective, ObjectiveOptions, RegistryLike, Route, Telemetry, UNMATCHED } from '@coalmine/metrics';
import { TrafficOptions, Exclusion } from '@coalmine/traffic';
export { Exclusion, ExclusionReason, TrafficOptions, agents, signExclusion } from '@coalmine/traffic';
import { WarmupOptions, PrimeOptions, Progress } from '@coalmine/warmup';
export { PrimeOptions, PrimeRequest, Progress, WarmupOptions } from '@coalmine/warmup';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
type Request = IncomingMessage | Http2ServerRequest;
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
type Response = ServerResponse | Http2ServerResponse;
/** What `http.createServer` takes. */
type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (request: Req, response: Res) => unknown;

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
interface Endpoint extends EndpointPath {
    /** What its requests are excluded as. */
    readonly reason: 'health' | 'metrics';
    /** Answers `GET` and `HEAD`, for all or for the check of that name; never throws or rejects. */
    handle(request: Request, response: Response, check?: string): void;
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
/** Parses what a route says of itself; its latency must be a bucket bound. Throws `InvalidOption`. */
declare function parseRouteOptions(options: RouteOptions | undefined, service: {
    readonly objective: Objective;
    readonly bounds: readonly number[];
}): RouteSettings;

/** Where exchanges are entered: which series has them, and which filter wins where two apply. */
interface Ledger {
    /** Puts an exchange in flight, unless it is no user's. */
    open(exchange: HttpExchange): void;
    /** Takes an exchange out of those of users, whatever was thought of it before. */
    exclude(exchange: HttpExchange, exclusion: Exclusion): void;
    /** Enters an exchange that has ended, once; `seconds` is left out where the duration says nothing. */
    count(exchange: HttpExchange, status: number, seconds?: number): void;
    /** Enters an event stream or an upgrade when its headers are out. */
    countStream(exchange: HttpExchange, status: number): void;
    /** Enters the lifetime of what {@link countStream} has counted. */
    closeStream(exchange: HttpExchange): void;
    /** Seconds since the exchange began. */
    secondsSince(exchange: HttpExchange): number;
}

/** What the client got, told when the response closes. */
type Outcome = 
/** The whole response was handed over. */
'answered'
/** The headers of an event stream went out. */
 | 'streamed'
/** The client left before any header. */
 | 'left'
/** The client left in the middle of the body. */
 | 'left mid-body'
/** Node refused the rest of a request that was late or malformed. */
 | 'refused'
/** The server tore the response down. */
 | 'broken';

/** An exchange over HTTP: from the begin of the request to the close of its response. */
declare class HttpExchange extends Exchange {
    /** Where it is entered. */
    readonly ledger: Ledger;
    readonly request: Request;
    /** Absent while an upgrade has not become anybody's request. */
    readonly response: Response | undefined;
    /** Why it is no user's, if it is not; the route may still have its say. */
    exclusion: Exclusion | undefined;
    /** What the client got, once it is known. */
    outcome: Outcome;
    /** True once it is entered where it counts; a second end does nothing. */
    settled: boolean;
    /** True for an event stream or an upgrade, once it is counted: its lifetime is no latency. */
    streams: boolean;
    constructor(ledger: Ledger, route: Route, startedAt: number, request: Request, response: Response | undefined, exclusion: Exclusion | undefined);
}

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
interface RoutePattern {
    /** Shows the zeros of these methods. */
    declare(methods: Iterable<string>): void;
    /** Has an exchange counted on this route, or excluded with it. */
    assign(exchange: HttpExchange): void;
}

/** What an adapter knows that nobody else does. */
interface Framework {
    /** The last word on the route of an exchange, when its response has closed. */
    beforeClose?(exchange: HttpExchange): void;
    /** Where progress is told. @defaultValue `NODE_DEBUG=coalmine` */
    debug?(message: string): void;
    /** The servers have drained and closed: for what is to be closed after them. */
    closed?(): unknown;
}
/** Everything Coalmine does for one `node:http` service. */
interface Instrument {
    readonly metrics: Metrics;
    /** Paths to serve beside the app's own; none when there is an admin listener. */
    readonly endpoints: readonly Endpoint[];
    /** Begins the exchange of a response, once: later calls answer the same. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /**
     * Looks once more for the trace of a request that has begun, within its context: for an adapter whose framework is traced
     * by hooks that come after ours. Does nothing where the trace is known, or where there is no telemetry.
     */
    trace(exchange: HttpExchange): void;
    /** The exchange that has begun with a response, or with the request of an upgrade, which has none. */
    exchangeOf(message: Request | Response): HttpExchange | undefined;
    /**
     * A route pattern with what it says of itself, for whoever assigns exchanges to it. Throws `CoalmineError` when an
     * option is invalid.
     */
    pattern(pattern: string, options?: RouteOptions): RoutePattern;
    /**
     * Names the route of a request that has begun, given its response, or the request of an upgrade: the pattern, never
     * the path. `objective` counts at the first call for a route. Does nothing for a request that has not begun.
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
     * Watches a server for what never reaches a handler: upgrades, and requests that a framework refuses before its
     * hooks. Starts priming, if any, as soon as it listens. Call it before the server listens; once is enough.
     */
    attach(server: object): void;
    /** Wraps a listener for `http.createServer` or `http2.createServer`: our endpoints, then yours, measured. */
    handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(listener: Listener<Req, Res>): Listener<Req, Res>;
    /** Starts the checks, and the admin listener, if any; answers its port. Rejects with `COALMINE_ADMIN_LISTEN`. */
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

export { type AdminOptions, type Authorize, type CoalmineOptions, type Endpoint, type Framework, HttpExchange, type Instrument, type Ledger, type Listener, type Outcome, type Request, type Response, type RouteOptions, type RoutePattern, type RouteSettings, type WarmupGroup, createInstrument, parseRouteOptions, pathTaken };
