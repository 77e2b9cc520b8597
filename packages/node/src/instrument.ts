import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  collectDefaultMetrics,
  createMetrics,
  type Metrics,
  type Objective,
  UNMATCHED,
  within,
} from '@coalmine/metrics';
import { createAdmin } from './admin.js';
import { type Endpoint, endpointFor } from './endpoint.js';
import type { Listener, Request, Response } from './http.js';
import { HttpExchange } from './http-exchange.js';
import { metricsEndpoint } from './metrics-endpoint.js';
import { type CoalmineOptions, parseOptions } from './options.js';
import { isSocketLeft } from './outcome.js';
import { watchQueued } from './pipelined.js';
import { settle, settleLeft, settleStreams } from './settle.js';
import { onFirstStatus, watchUpgrades } from './upgrade.js';

/** What an adapter knows that nobody else does. */
export interface Framework {
  /** The last word on the route of an exchange, when its response has closed. */
  beforeClose?(exchange: HttpExchange): void;
}

/** Everything Coalmine does for one `node:http` service. */
export interface Instrument {
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
  handler<Req extends Request = IncomingMessage, Res extends Response = ServerResponse>(
    listener: Listener<Req, Res>,
  ): Listener<Req, Res>;
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
export function createInstrument(options?: CoalmineOptions, framework: Framework = {}): Instrument {
  const settings = parseOptions(options);
  const metrics = within('metrics', ['registry', 'objective'], () => createMetrics(settings.metrics));
  if (settings.defaultMetrics) collectDefaultMetrics(metrics.registry);
  metrics.beforeCollect(settleStreams);

  const endpoints: readonly Endpoint[] =
    settings.path === false ? [] : [metricsEndpoint(settings.path, metrics.registry, settings.authorize)];
  const admin = settings.admin === undefined ? undefined : createAdmin(settings.admin, endpoints);
  const mounted = admin === undefined ? endpoints : [];

  const { key } = metrics;
  /** By request; none of them has a response that is anybody's yet. */
  const upgrades = new WeakMap<object, HttpExchange>();
  let hasUpgrades = false;
  const unmatched = metrics.route('GET', UNMATCHED);
  const attached = new WeakSet<object>();
  const watched = new WeakSet<object>();

  return {
    metrics,
    endpoints: mounted,
    begin,
    exchangeOf,
    route(message, pattern, objective) {
      const exchange = exchangeOf(message);
      if (exchange !== undefined) exchange.route = metrics.route(exchange.request.method ?? '', pattern, objective);
    },
    drop(message) {
      const exchange = exchangeOf(message);
      if (exchange !== undefined) metrics.drop(exchange);
    },
    attach(server) {
      if (attached.has(server)) return;
      attached.add(server);
      (server as Server).prependListener('request', begin);
      watch(server as Server);
    },
    handler: (listener) => (request, response) => {
      const exchange = begin(request, response);
      const endpoint = endpointFor(mounted, request);
      if (endpoint === undefined) return listener(request, response);
      metrics.drop(exchange);
      return endpoint.handle(request, response);
    },
    listen: async () => admin?.listen(),
    close: async () => admin?.close(),
  };

  function begin(request: Request, response: Response): HttpExchange {
    // A response with nobody waiting for its close has not begun: a look for an absent property is dear where a framework
    // gives each response a hidden class of its own, as Express does.
    const known = response.listenerCount('close') === 0 ? undefined : exchangeOf(response);
    return known ?? (hasUpgrades ? upgrades.get(request) : undefined) ?? first(request, response);
  }

  function first(request: Request, response: Response): HttpExchange {
    // A server that nobody attached: its upgrades would pass unseen.
    const server = (request.socket as { server?: Server } | undefined)?.server;
    if (server !== undefined) watch(server);
    const route = request.method === 'GET' ? unmatched : metrics.route(request.method ?? '', UNMATCHED);
    const exchange = metrics.begin(new HttpExchange(route, metrics.now(), request, response));
    (response as unknown as Record<symbol, HttpExchange>)[key] = exchange;
    // The only event that comes for a completed and a torn response alike, and once.
    response.on('close', onClose);
    if (response.socket === null) watchQueued(exchange, (queued) => settleLeft(metrics, queued));
    return exchange;
  }

  function onClose(this: Response): void {
    const exchange = exchangeOf(this);
    if (exchange === undefined || !exchange.open) return;
    try {
      framework.beforeClose?.(exchange);
      settle(metrics, exchange, this);
    } catch (error) {
      // A response that somebody else has bent out of shape: it still counts, and it must not take the process down.
      metrics.end(exchange, this.statusCode);
      process.emitWarning(`A response could not be classified: ${String(error)}`, {
        type: 'CoalmineWarning',
        code: 'COALMINE_UNCLASSIFIED',
      });
    }
  }

  function watch(server: Server): void {
    if (watched.has(server)) return;
    watched.add(server);
    watchUpgrades(server, beginUpgrade);
  }

  function beginUpgrade(request: IncomingMessage, socket: Duplex): void {
    // Fastify's second listener on localhost hands its upgrades on to the first.
    if (upgrades.has(request)) return;
    const exchange = metrics.begin(new HttpExchange(unmatched, metrics.now(), request, undefined));
    upgrades.set(request, exchange);
    hasUpgrades = true;
    onFirstStatus(socket, (status) => metrics.end(exchange, status));
    // An upgraded connection stays half open after its client has left, until somebody here ends it.
    const closed = (): void => {
      if (!socket.writableEnded && isSocketLeft(socket as Socket, undefined)) settleLeft(metrics, exchange);
      else metrics.end(exchange, 500);
    };
    socket.once('end', closed);
    socket.once('close', closed);
  }

  function exchangeOf(message: Request | Response): HttpExchange | undefined {
    return (message as unknown as Record<symbol, HttpExchange | undefined>)[key] ?? upgrades.get(message);
  }
}
