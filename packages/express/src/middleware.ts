import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CoalmineOptions,
  createInstrument,
  endpointFor,
  foundPattern,
  type HttpExchange,
  type Instrument,
  methodsWithZeros,
  type RoutePattern,
  UNMATCHED,
  warn,
  warnOfTakenPath,
  warnOfUnreadRoutes,
} from '@coalmine/node';
import { isRoute, type Place } from './branch.js';
import type { ExpressApp, ExpressRequest, ExpressRoute, Layer, Middleware, Next } from './express.js';
import { type Follower, follow, followersOf, forget, prepareApp } from './follower.js';
import { servesFiles } from './layer.js';
import { saidByRoute } from './route-options.js';
import { RouteTree } from './route-tree.js';
import { Trail, type TrailHost } from './trail.js';

/** The middleware that `coalmine()` returns, with the instrument of the app. */
export type CoalmineMiddleware = Middleware & { readonly instrument: Instrument };

// For a handler in `use`, which takes every method, but usually serves these: GraphQL, RPC, files.
const HANDLER_METHODS = ['GET', 'POST'];

export function createMiddleware(options?: CoalmineOptions): CoalmineMiddleware {
  const unread = new Set<string>();
  const instrument = createInstrument(options, { beforeClose, mayHaveRoute });
  const { metrics } = instrument;
  const trees = new WeakMap<ExpressApp, RouteTree>();
  const host: TrailHost = {
    trace: (exchange) => instrument.trace(exchange),
    unmatched: (method) => metrics.route(method, UNMATCHED),
    exclude: ({ request, response }) => instrument.exclude(response ?? request),
    warnMisplaced,
    warnUnread,
  };
  void instrument.listen();

  return Object.assign(middleware, { instrument });

  function middleware(request: IncomingMessage, response: ServerResponse, next: Next): void {
    const exchange = instrument.begin(request, response);
    const match = endpointFor(instrument.endpoints, request);
    try {
      const { app } = request as ExpressRequest;
      if (app !== undefined) readRequest(app, exchange, match?.endpoint.reason);
    } catch (error) {
      warnUnread(error);
    }
    if (match === undefined) next();
    else match.endpoint.handle(request, response, match.check);
  }

  function readRequest(app: ExpressApp, exchange: HttpExchange, reason: string | undefined): void {
    let tree = trees.get(app);
    const isFirst = tree === undefined;
    // Creates the series of routes that were added since the last scrape before their first request.
    if (tree !== undefined && reason === 'metrics') tree.read();
    if (tree === undefined) {
      prepareApp(app);
      tree = new RouteTree(app, { name, route, handler, unread: (pattern) => void unread.add(pattern), warnLost });
      trees.set(app, tree);
    }
    if (reason !== undefined || trailOf(exchange) !== undefined) return;
    const { request } = exchange;
    follow(request, new Trail(followersOf(request), exchange, host, tree, isFirst));
  }

  function beforeClose(exchange: HttpExchange): void {
    try {
      if (exchange.response !== undefined) trailOf(exchange)?.setFinalRoute(exchange.response);
    } catch (error) {
      warnUnread(error);
    }
    forget(exchange.request);
  }

  function mayHaveRoute(pattern: string): boolean {
    return [...unread].some((mount) => pattern.startsWith(`${mount}/`));
  }

  function route(place: Place, route: ExpressRoute): void {
    const methods = methodsOf(route);
    warnOfTakenPath(instrument, place.pattern, methods, route);
    if (!place.isByMethod) return place.routePattern(undefined).declare(methods);
    for (const method of methods) place.routePattern(method.toLowerCase()).declare([method]);
  }

  function handler(place: Place): void {
    place
      .routePattern(undefined)
      .declare(!isRoute(place.entry) && servesFiles(place.entry) ? ['GET'] : HANDLER_METHODS);
  }

  function name({ entry, pattern, said }: Place, method: string | undefined): RoutePattern {
    if (isRoute(entry)) return foundPattern(instrument, pattern, saidByRoute(said, entry, method));
    return foundPattern(instrument, servesFiles(entry) ? `${pattern}/*` : pattern || '/*', said);
  }

  function warnLost(layer: Layer): void {
    const message =
      'coalmine.route() has no effect at a regular expression, or a path with optional parts, before router 2.3: put it on the routes';
    warn('COALMINE_INVALID_OPTION', message, layer);
  }

  function warnMisplaced(): void {
    const message =
      'coalmine.route() has no effect on the objective where a function calls it: put it on the route or the mount';
    warn('COALMINE_INVALID_OPTION', message, host);
  }

  function warnUnread(error: unknown): void {
    warnOfUnreadRoutes(instrument, 'Express', error);
  }
}

/** Returns the follower of an exchange, which may come from another copy of this package that shares the metrics. */
function trailOf(exchange: HttpExchange): Follower | undefined {
  let follower = followersOf(exchange.request);
  while (follower !== undefined && follower.exchange !== exchange) follower = follower.following;
  return follower;
}

function methodsOf({ methods }: ExpressRoute): readonly string[] {
  const named = Object.keys(methods).filter((method) => methods[method]);
  return methodsWithZeros(methods._all === true ? 'all' : named.map((method) => method.toUpperCase()));
}
