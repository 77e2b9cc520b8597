import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Health, HealthOptions, Log } from '@coalmine/health';
import { collectDefaultMetrics, createMetrics, type Metrics, type Objective, renderRegistry } from '@coalmine/metrics';
import { InvalidOption, within } from '@coalmine/options';
import type { Exclusion } from '@coalmine/traffic';
import type { Progress } from '@coalmine/warmup';
import { createAdmin } from './admin.js';
import { tellLastWords } from './cluster/worker.js';
import { type Endpoint, endpointFor } from './endpoint.js';
import { createExchanges } from './exchanges.js';
import { createFilters } from './filters.js';
import { createServiceHealth, healthEndpoints, showHealth } from './health.js';
import type { Listener, Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';
import { createLedger } from './ledger.js';
import { showLoopTime } from './loop-time.js';
import { metricsEndpoint } from './metrics-endpoint.js';
import { type CoalmineOptions, parseOptions, parseRouteOptions, type RouteOptions } from './options.js';
import type { Render } from './renderings.js';
import { createRoutePattern, type RoutePattern } from './route-pattern.js';
import { createServers, serverOf } from './servers.js';
import { startTelemetry } from './start-telemetry.js';
import type { ServiceTelemetry } from './telemetry.js';

/** What an adapter knows that nobody else does. */
export interface Framework {
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
export interface Instrument {
  readonly metrics: Metrics;
  /** Paths to serve beside the app's own; none when there is an admin listener. */
  readonly endpoints: readonly Endpoint[];
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
  handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(
    listener: Listener<Req, Res>,
  ): Listener<Req, Res>;
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
export function createInstrument(options?: CoalmineOptions, framework: Framework = {}): Instrument {
  const settings = parseOptions(options);
  const metrics = within('metrics', ['registry', 'objective'], () => createMetrics(settings.metrics));
  const filters = createFilters(settings, metrics, framework.debug);
  const { traffic, warmup, priming } = filters;
  if (settings.defaultMetrics) collectDefaultMetrics(metrics.registry);
  const ledger = createLedger(metrics, traffic, warmup);
  const exchanges = createExchanges({
    metrics,
    traffic,
    ledger,
    begins: (request) => {
      // A server that nobody attached: its upgrades would pass unseen.
      const server = serverOf(request);
      if (server !== undefined) servers.watch(server);
    },
    beforeClose: framework.beforeClose?.bind(framework),
  });
  const { begin, trace, exchangeOf } = exchanges;

  const health = settings.health === false ? undefined : makeHealth(settings.health);
  const gauges = [showLoopTime(metrics), ...(health === undefined ? [] : showHealth(health, metrics))];
  const servers = createServers(exchanges, (server) => {
    priming?.start(server);
    health?.watch(server);
  });
  const scraped = (): void => health?.scraped();
  const render: Render = (format) => renderRegistry(metrics.registry, format);
  // Without an endpoint of ours, whoever reads the numbers is the one who scrapes.
  if (settings.path === false) metrics.beforeCollect(scraped, filters);
  const endpoints = [
    ...(settings.path === false ? [] : [metricsEndpoint({ ...settings, path: settings.path, render, scraped })]),
    ...(health === undefined ? [] : healthEndpoints(health)),
  ];
  const twice = endpoints.find(({ path, reason }) => reason === 'health' && path === settings.path);
  if (twice !== undefined) throw new InvalidOption('metrics.path', 'different from the paths of health', twice.path);
  const admin = settings.admin === undefined ? undefined : createAdmin(settings.admin, endpoints);
  const mounted = admin === undefined ? endpoints.map(excluding) : [];
  // Last, so that it finds everything that there is to publish.
  const telemetry: ServiceTelemetry | undefined =
    settings.telemetry && startTelemetry(settings.telemetry, { metrics, warmup, health });
  if (telemetry !== undefined) exchanges.tell(telemetry);

  return {
    metrics,
    endpoints: mounted,
    begin,
    trace,
    exchangeOf,
    pattern(pattern, routeOptions) {
      const { objective, exclude } = parseRouteOptions(routeOptions, metrics);
      const exclusion = exclude ? byRoute(pattern) : traffic.ofRoute(pattern);
      const isCounted = exclusion === undefined || traffic.countErrors;
      return createRoutePattern(metrics, { pattern, objective, exclusion, isCounted });
    },
    route(message, pattern, objective) {
      const exchange = exchangeOf(message);
      if (exchange === undefined) return;
      const exclusion = traffic.ofRoute(pattern);
      if (exclusion !== undefined) exchanges.exclude(exchange, exclusion);
      if (exclusion === undefined || traffic.countErrors)
        exchange.route = metrics.route(exchange.request.method ?? '', pattern, objective);
    },
    exclude(message) {
      const exchange = exchangeOf(message);
      if (exchange === undefined) return;
      exchange.lasting = byRoute(exchange.route.pattern);
      exchanges.exclude(exchange, exchange.lasting);
    },
    isReady(request) {
      if (request !== undefined) prime(request);
      if (health !== undefined) return health.isReady();
      if (priming?.isDone === false) return false;
      warmup.ready();
      return true;
    },
    health,
    get priming() {
      return priming?.progress;
    },
    attach: (server) => servers.attach(server as Server),
    handler(listener) {
      health?.start();
      return (request, response) => {
        begin(request, response);
        const asked = endpointFor(mounted, request);
        if (asked === undefined) return listener(request, response);
        asked.endpoint.handle(request, response, asked.check);
      };
    },
    async listen() {
      health?.start();
      return admin?.listen();
    },
    async close() {
      health?.close();
      filters.close();
      for (const withdraw of gauges) withdraw();
      telemetry?.stop();
      exchanges.close();
      await admin?.close();
    },
  };

  function makeHealth(options: HealthOptions): Health {
    return createServiceHealth(options, {
      holds: priming === undefined ? [] : [{ name: 'priming', isOver: () => priming.isDone }],
      asked: prime,
      becameReady: () => warmup.ready(),
      async close() {
        await framework.close?.();
        // A worker of a cluster has no channel to its primary once it has left.
        tellLastWords();
      },
      log: settings.log ?? framework.log ?? console,
    });
  }

  /** Starts priming through the server that a request came to, unless that was known before. */
  function prime(request: Pick<Request, 'socket'>): void {
    const server = serverOf(request);
    if (server !== undefined) priming?.start(server);
  }

  /** An endpoint whose requests are no users'. */
  function excluding(endpoint: Endpoint): Endpoint {
    const { reason, path } = endpoint;
    metrics.declare({ excluded: [reason] });
    const exclusion: Exclusion = { reason, authority: path };
    return {
      ...endpoint,
      handle(request, response, check) {
        const exchange = exchangeOf(response);
        if (exchange !== undefined) exchanges.exclude(exchange, exclusion);
        endpoint.handle(request, response, check);
      },
    };
  }

  function byRoute(pattern: string): Exclusion {
    metrics.declare({ excluded: ['route'] });
    return { reason: 'route', authority: pattern };
  }
}
