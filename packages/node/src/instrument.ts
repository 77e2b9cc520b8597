import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Health, HealthOptions, Log } from '@coalmine/health';
import { collectDefaultMetrics, createMetrics, type Metrics, type Objective, renderRegistry } from '@coalmine/metrics';
import { InvalidOption, messageOf, warn, within } from '@coalmine/options';
import type { Exclusion } from '@coalmine/traffic';
import type { Progress } from '@coalmine/warmup';
import { createAdmin } from './admin.js';
import { tellLastWords } from './cluster/worker.js';
import { type Endpoint, endpointFor, type MountedEndpoint } from './endpoint.js';
import { createExchanges } from './exchanges.js';
import { createFilters } from './filters.js';
import { createServiceHealth, healthEndpoints, showHealth } from './health.js';
import type { AnyMessage, Listener, Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';
import { createLedger } from './ledger.js';
import { showLoopTime } from './loop-time.js';
import { metricsEndpoint } from './metrics-endpoint.js';
import { type CoalmineOptions, parseOptions, parseRouteOptions, type RouteOptions } from './options.js';
import type { Render } from './renderings.js';
import { createRoutePattern, type RoutePattern } from './route-pattern.js';
import { createServers, isServer, serverOf } from './servers.js';
import { startTelemetry } from './start-telemetry.js';
import type { ServiceTelemetry } from './telemetry.js';
import { watchUnusedExclusions } from './unused-exclusions.js';

/** What only an adapter knows. */
export interface Framework {
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
export interface Instrument {
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
  handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(
    listener: Listener<Req, Res>,
  ): Listener<Req, Res>;
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
      // If nobody attached the server, its upgrades would not be seen.
      const server = serverOf(request);
      if (server !== undefined) servers.watch(server);
    },
    beforeClose: framework.beforeClose?.bind(framework),
  });
  const { begin, trace, exchangeOf } = exchanges;

  const health = settings.health === false ? undefined : makeHealth(settings.health);
  const gauges = [showLoopTime(metrics), ...(health === undefined ? [] : showHealth(health, metrics))];
  const found = (server: Server): void => {
    priming?.start(server);
    health?.watch(server);
  };
  const servers = createServers(exchanges, found, exclude);
  const scraped = (): void => health?.scraped();
  const render: Render = (format) => renderRegistry(metrics.registry, format);
  // Without an endpoint of Coalmine, reading the numbers counts as a scrape.
  if (settings.path === false) metrics.beforeCollect(scraped, filters);
  const endpoints = [
    ...(settings.path === false ? [] : [metricsEndpoint({ ...settings, path: settings.path, render, scraped })]),
    ...(health === undefined ? [] : healthEndpoints(health)),
  ];
  const twice = endpoints.find(({ path, reason }) => reason === 'health' && path === settings.path);
  if (twice !== undefined) throw new InvalidOption('metrics.path', 'different from the paths of health', twice.path);
  const admin = settings.admin === undefined ? undefined : createAdmin(settings.admin, endpoints);
  const mounted = admin === undefined ? endpoints.map(mount) : [];
  const { routes: excluded = [] } = settings.traffic.exclude ?? {};
  const unused = watchUnusedExclusions(
    excluded,
    mounted.map(({ path }) => path),
  );
  if (excluded.length > 0) {
    // A router that is mounted late, or a name that the app gives late, has been met when users have warmed the pod.
    metrics.beforeCollect(() => warmup.isWarm && unused.warn(framework.mayHaveRoute), filters);
  }
  // Telemetry comes last, so that it finds everything to publish.
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
      unused.found(pattern);
      const { objective, exclude } = parseRouteOptions(routeOptions, metrics);
      const exclusion = exclude ? byRoute(pattern) : traffic.ofRoute(pattern);
      const isCounted = exclusion === undefined || traffic.countErrors;
      return createRoutePattern(metrics, { pattern, objective, exclusion, isCounted });
    },
    route(message, pattern, objective) {
      const exchange = exchangeOf(message);
      if (exchange === undefined) return;
      const exclusion = traffic.ofRoute(pattern);
      unused.named(pattern);
      if (exclusion !== undefined) exchanges.exclude(exchange, exclusion);
      if (exclusion !== undefined && !traffic.countErrors) return;
      try {
        exchange.route = metrics.route(exchange.request.method ?? '', pattern, objective);
      } catch (error) {
        warn('COALMINE_INVALID_OPTION', `instrument.route() had no effect: ${messageOf(error)}`, exchanges);
      }
    },
    exclude,
    isReady(request) {
      if (request?.socket !== undefined) prime(request);
      if (health !== undefined) return health.isReady();
      if (priming?.isDone === false) return false;
      warmup.ready();
      return true;
    },
    health,
    get priming() {
      return priming?.progress;
    },
    attach(server) {
      if (!isServer(server)) {
        throw new InvalidOption('the argument of attach()', 'a server of node:http, node:https or node:http2', server);
      }
      servers.attach(server as Server);
    },
    handler(listener) {
      if (typeof listener !== 'function') {
        throw new InvalidOption('the argument of handler()', 'a function of a request and a response', listener);
      }
      health?.start();
      return (request, response) => {
        begin(request, response);
        const match = endpointFor(mounted, request);
        if (match === undefined) return listener(request, response);
        match.endpoint.handle(request, response, match.check);
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

  /** Starts priming through the server that a request came to, unless the server was known before. */
  function prime(request: Pick<Request, 'socket'>): void {
    const server = serverOf(request);
    if (server !== undefined) priming?.start(server);
  }

  /** Mounts an endpoint, so that its requests are excluded. */
  function mount(endpoint: Endpoint): MountedEndpoint {
    const { reason, path } = endpoint;
    metrics.declare({ excluded: [reason] });
    const exclusion: Exclusion = { reason, authority: path };
    return {
      ...endpoint,
      assign: (exchange) => exchanges.exclude(exchange, exclusion),
      handle(request, response, check) {
        const exchange = exchangeOf(response);
        if (exchange !== undefined) exchanges.exclude(exchange, exclusion);
        endpoint.handle(request, response, check);
      },
    };
  }

  function exclude(message: AnyMessage): void {
    const exchange = exchangeOf(message);
    if (exchange === undefined) return;
    exchange.lasting = byRoute(exchange.route.pattern);
    exchanges.exclude(exchange, exchange.lasting);
  }

  function byRoute(pattern: string): Exclusion {
    metrics.declare({ excluded: ['route'] });
    return { reason: 'route', authority: pattern };
  }
}
