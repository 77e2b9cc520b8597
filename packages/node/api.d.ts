import { MetricsOptions, ObjectiveOptions, Objective, Exchange, Route, Metrics } from '@coalmine/metrics';
export { CoalmineError, CoalmineErrorCode, Metrics, NameMap, Objective, ObjectiveOptions, RegistryLike, Route, UNMATCHED } from '@coalmine/metrics';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
type Request = IncomingMessage | Http2ServerRequest;
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
type Response = ServerResponse | Http2ServerResponse;
/** What `http.createServer` takes. */
type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (request: Req, response: Res) => unknown;

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
interface Endpoint {
    readonly path: string;
    /** Answers `GET` and `HEAD`; never throws or rejects. */
    handle(request: Request, response: Response): void;
}
/** The endpoint that a request asks for, if any. */
declare function endpointFor(endpoints: readonly Endpoint[], request: Request): Endpoint | undefined;

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
    /** A separate listener for our endpoints. @defaultValue none: they are served by the app */
    readonly admin?: AdminOptions;
}
/** What one route may say of itself: `false` leaves it out of the series. */
type RouteOptions = false | {
    readonly objective?: ObjectiveOptions;
};
/** Parses what a route says of itself; its latency must be a bucket bound. Throws `InvalidOption`. */
declare function parseRouteOptions(options: RouteOptions | undefined, service: {
    readonly objective: Objective;
    readonly bounds: readonly number[];
}): Objective | false;

/** An exchange over HTTP: from the begin of the request to the close of its response. */
declare class HttpExchange extends Exchange {
    readonly request: Request;
    /** Absent while an upgrade has not become anybody's request. */
    readonly response: Response | undefined;
    constructor(route: Route, startedAt: number, request: Request, response: Response | undefined);
}

/** What an adapter knows that nobody else does. */
interface Framework {
    /** The last word on the route of an exchange, when its response has closed. */
    beforeClose?(exchange: HttpExchange): void;
}
/** Everything Coalmine does for one `node:http` service. */
interface Instrument {
    readonly metrics: Metrics;
    /** Paths to serve beside the app's own; none when there is an admin listener. */
    readonly endpoints: readonly Endpoint[];
    /** Begins the exchange of a response, once: later calls answer the same. It ends by itself. */
    begin(request: Request, response: Response): HttpExchange;
    /** The exchange that has begun with a request or response. */
    exchangeOf(message: Request | Response): HttpExchange | undefined;
    /**
     * Names the route of a request that has begun: the pattern, never the path. `objective` counts at the first call for
     * a route. Does nothing for a request that has not begun.
     */
    route(message: Request | Response, pattern: string, objective?: Objective): void;
    /** Leaves a request that has begun out of the series. */
    drop(message: Request | Response): void;
    /**
     * Watches a server for what never reaches a handler: upgrades, and requests that a framework refuses before its
     * hooks. Call it before the server listens; once is enough.
     */
    attach(server: object): void;
    /** Wraps a listener for `http.createServer` or `http2.createServer`: our endpoints, then yours, measured. */
    handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(listener: Listener<Req, Res>): Listener<Req, Res>;
    /** Starts the admin listener, if any, and answers its port. Rejects with `COALMINE_ADMIN_LISTEN`. */
    listen(): Promise<number | undefined>;
    /** Closes the admin listener, if any. */
    close(): Promise<void>;
}
/**
 * Puts the parts together: options in, one instrument out.
 *
 * Throws `CoalmineError` when an option is invalid or the registry cannot hold our metrics (see docs/errors.md).
 */
declare function createInstrument(options?: CoalmineOptions, framework?: Framework): Instrument;

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
declare class RoutePattern {
    #private;
    /** `objective` is `false` for a route that is left out of the series. */
    constructor(metrics: Metrics, pattern: string, objective: Objective | false);
    /** Shows the zeros of these methods. */
    declare(methods: Iterable<string>): void;
    /** Has an exchange counted on this route, or not at all. */
    assign(exchange: HttpExchange): void;
}

export { type AdminOptions, type Authorize, type CoalmineOptions, type Endpoint, type Framework, HttpExchange, type Instrument, type Listener, type Request, type Response, type RouteOptions, RoutePattern, createInstrument, endpointFor, parseRouteOptions };
