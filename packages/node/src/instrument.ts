import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Health, HealthOptions } from '@coalmine/health';
import {
  collectDefaultMetrics,
  createMetrics,
  type Metrics,
  type Objective,
  type Route,
  type ServiceTelemetry,
  UNMATCHED,
} from '@coalmine/metrics';
import { InvalidOption, warn, within } from '@coalmine/options';
import type { Exclusion } from '@coalmine/traffic';
import type { Progress } from '@coalmine/warmup';
import { createAdmin } from './admin.js';
import { type Endpoint, endpointFor } from './endpoint.js';
import { createFilters } from './filters.js';
import { createServiceHealth, healthEndpoints, showHealth } from './health.js';
import type { Listener, Request, Response } from './http.js';
import { HttpExchange } from './http-exchange.js';
import { createLedger } from './ledger.js';
import { metricsEndpoint } from './metrics-endpoint.js';
import { type CoalmineOptions, parseOptions, parseRouteOptions, type RouteOptions } from './options.js';
import { watchQueued } from './pipelined.js';
import { createRoutePattern, type RoutePattern } from './route-pattern.js';
import { settle, settleLeft, settleStreams } from './settle.js';
import { protocolOfRequest, startTelemetry } from './telemetry.js';
import { settleUpgrade, watchUpgrades } from './upgrade.js';

/** What an adapter knows that nobody else does. */
export interface Framework {
  /** The last word on the route of an exchange, when its response has closed. */
  beforeClose?(exchange: HttpExchange): void;
  /** Where progress is told. @defaultValue `NODE_DEBUG=coalmine` */
  debug?(message: string): void;
  /** The servers have drained and closed: for what is to be closed after them. */
  closed?(): unknown;
}

/** Everything Coalmine does for one `node:http` service. */
export interface Instrument {
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
  handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(
    listener: Listener<Req, Res>,
  ): Listener<Req, Res>;
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
export function createInstrument(options?: CoalmineOptions, framework: Framework = {}): Instrument {
  const settings = parseOptions(options);
  const metrics = within('metrics', ['registry', 'objective'], () => createMetrics(settings.metrics));
  const filters = createFilters(settings, metrics, framework.debug);
  const { traffic, warmup, priming } = filters;
  if (settings.defaultMetrics) collectDefaultMetrics(metrics.registry);
  let telemetry: ServiceTelemetry | undefined;
  const ledger = createLedger(metrics, traffic, warmup, (trace, ending) => telemetry?.end(trace, ending));
  metrics.beforeCollect(settleStreams);

  const health = settings.health === false ? undefined : makeHealth(settings.health);
  const gauges = health === undefined ? [] : showHealth(health, metrics);
  const scraped = (): void => health?.scraped();
  // Without an endpoint of ours, whoever reads the numbers is the one who scrapes.
  if (settings.path === false) metrics.beforeCollect(scraped);
  const endpoints = [
    ...(settings.path === false ? [] : [metricsEndpoint(settings.path, metrics.registry, settings.authorize, scraped)]),
    ...(health === undefined ? [] : healthEndpoints(health)),
  ];
  const twice = endpoints.find(({ path, reason }) => reason === 'health' && path === settings.path);
  if (twice !== undefined) throw new InvalidOption('metrics.path', 'different from the paths of health', twice.path);
  const admin = settings.admin === undefined ? undefined : createAdmin(settings.admin, endpoints);
  const mounted = admin === undefined ? endpoints.map(excluding) : [];
  const { key } = metrics;
  /** By request; none of them has a response that is anybody's yet. */
  const upgrades = new WeakMap<object, HttpExchange>();
  let hasUpgrades = false;
  const unmatched = metrics.route('GET', UNMATCHED);
  const attached = new WeakSet<object>();
  const watched = new WeakSet<object>();
  // Last, so that it finds everything that there is to publish.
  if (settings.telemetry !== undefined) telemetry = startTelemetry(settings.telemetry, { metrics, warmup, health });

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
      if (exclusion !== undefined) ledger.exclude(exchange, exclusion);
      if (exclusion === undefined || traffic.countErrors)
        exchange.route = metrics.route(exchange.request.method ?? '', pattern, objective);
    },
    exclude(message) {
      const exchange = exchangeOf(message);
      if (exchange !== undefined) ledger.exclude(exchange, byRoute(exchange.route.pattern));
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
    attach(server) {
      if (attached.has(server)) return;
      attached.add(server);
      (server as Server).prependListener('request', begin);
      watch(server as Server);
    },
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
      await admin?.close();
    },
  };

  function makeHealth(options: HealthOptions): Health {
    return createServiceHealth(options, {
      holds: priming === undefined ? [] : [{ name: 'priming', isOver: () => priming.isDone }],
      asked: prime,
      becameReady: () => warmup.ready(),
      closed: () => framework.closed?.(),
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
        if (exchange !== undefined) ledger.exclude(exchange, exclusion);
        endpoint.handle(request, response, check);
      },
    };
  }

  function byRoute(pattern: string): Exclusion {
    metrics.declare({ excluded: ['route'] });
    return { reason: 'route', authority: pattern };
  }

  function begin(request: Request, response: Response): HttpExchange {
    // A response with nobody waiting for its close has not begun: a look for an absent property is dear where a framework
    // gives each response a hidden class of its own, as Express does.
    const known = response.listenerCount('close') === 0 ? undefined : exchangeOf(response);
    return known ?? (hasUpgrades ? upgrades.get(request) : undefined) ?? first(request, response);
  }

  function first(request: Request, response: Response): HttpExchange {
    // A server that nobody attached: its upgrades would pass unseen.
    const server = serverOf(request);
    if (server !== undefined) watch(server);
    const route = request.method === 'GET' ? unmatched : metrics.route(request.method ?? '', UNMATCHED);
    const exchange = open(route, request, response);
    trace(exchange);
    (response as unknown as Record<symbol, HttpExchange>)[key] = exchange;
    // The only event that comes for a completed and a torn response alike, and once; and before whoever ends its span.
    response.prependListener('close', onClose);
    if (response.socket === null) watchQueued(exchange, settleLeft);
    return exchange;
  }

  function open(route: Route, request: Request, response: Response | undefined): HttpExchange {
    const exchange = new HttpExchange(ledger, route, metrics.now(), request, response, traffic.classify(request));
    if (telemetry !== undefined) exchange.protocol = protocolOfRequest(request);
    ledger.open(exchange);
    return exchange;
  }

  /** Looks for the trace of the request in hand, unless it is known. */
  function trace(exchange: HttpExchange): void {
    if (telemetry !== undefined) exchange.trace ??= telemetry.begin();
  }

  function onClose(this: Response): void {
    const exchange = exchangeOf(this);
    if (exchange === undefined) return;
    try {
      if (!exchange.settled) {
        framework.beforeClose?.(exchange);
        settle(exchange, this);
      }
      ledger.closeStream(exchange);
    } catch (error) {
      // A response that somebody else has bent out of shape: it still counts, and it must not take the process down.
      ledger.count(exchange, this.statusCode);
      warn('COALMINE_UNCLASSIFIED', `A response could not be classified: ${String(error)}`, metrics);
    }
  }

  function watch(server: Server): void {
    if (watched.has(server)) return;
    watched.add(server);
    watchUpgrades(server, beginUpgrade);
    priming?.start(server);
    health?.watch(server);
  }

  function beginUpgrade(request: IncomingMessage, socket: Duplex): void {
    // Fastify's second listener on localhost hands its upgrades on to the first.
    if (upgrades.has(request)) return;
    const exchange = open(unmatched, request, undefined);
    upgrades.set(request, exchange);
    hasUpgrades = true;
    settleUpgrade(exchange, socket);
  }

  function serverOf({ socket }: Pick<Request, 'socket'>): Server | undefined {
    return (socket as { server?: Server } | null | undefined)?.server;
  }

  function exchangeOf(message: Request | Response): HttpExchange | undefined {
    return (message as unknown as Record<symbol, HttpExchange | undefined>)[key] ?? upgrades.get(message);
  }
}
