import { ExchangeName, type HttpExchange, type Instrument } from '@coalmine/node';
import type { Follower } from './follower.js';
import type { Layer, RoutedContext } from './koa.js';
import type { Routes } from './routes.js';

/** What a trail needs from its service. */
export interface TrailHost {
  readonly instrument: Instrument;
  readonly routes: Routes;
  /** Warns that the routers could not be read. */
  warnUnread(error: unknown): void;
}

/** The way of one request through the routers, and so the route on which it is counted. */
export class Trail implements Follower {
  readonly following: Follower | undefined;
  readonly #host: TrailHost;
  readonly #exchange: HttpExchange;
  readonly #name: ExchangeName;
  /** The path of the current layer, and how many layers had matched when the request came there. */
  #path: Layer['path'] | undefined;
  #matched = 0;

  constructor(following: Follower | undefined, host: TrailHost, exchange: HttpExchange) {
    this.following = following;
    this.#host = host;
    this.#exchange = exchange;
    this.#name = new ExchangeName(exchange);
  }

  routed(context: RoutedContext, path: Layer['path']): void {
    const { matched = [], req, res } = context;
    // The layer that had the request when its head was made is its route.
    if (res.headersSent || (path === this.#path && matched.length === this.#matched)) return;
    this.#path = path;
    this.#matched = matched.length;
    const { instrument, routes, warnUnread } = this.#host;
    try {
      instrument.trace(this.#exchange);
      const layer = routeAt(path, matched, req.method ?? '');
      if (layer !== undefined) this.#name.assign(routes.patternOf(layer, context));
    } catch (error) {
      warnUnread(error);
    }
  }
}

/**
 * Returns the route that a request has come to, or is on its way to. A router reports functions in its `use` as well: a
 * login that responds does so in place of the route behind it.
 */
function routeAt(path: Layer['path'], matched: readonly Layer[], method: string): Layer | undefined {
  const routes = matched.filter(({ methods }) => methods.includes(method));
  const here = routes.find((route) => route.path === path);
  if (here !== undefined) return here;
  const used = matched.findIndex((layer) => layer.path === path);
  return routes.find((route) => matched.indexOf(route) > used) ?? routes.at(-1);
}
