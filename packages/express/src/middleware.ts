import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CoalmineOptions,
  createInstrument,
  endpointFor,
  type HttpExchange,
  type Instrument,
  pathTaken,
  type RoutePattern,
  UNMATCHED,
  warn,
} from '@coalmine/node';
import { onDispatch } from './dispatch.js';
import type { ExpressApp, ExpressRequest, ExpressRoute } from './express.js';
import { isLeftOut, routeOptionsOf } from './route-options.js';
import { createRouteTable, type RouteTable } from './route-table.js';

/** A middleware for Express 4 and 5. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What `coalmine()` answers: a middleware, and what it does for the app. */
export type CoalmineMiddleware = Middleware & { readonly instrument: Instrument };

// For a route that takes every method: those that an app is likely to mean.
const COMMON_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createMiddleware(options?: CoalmineOptions): CoalmineMiddleware {
  const instrument = createInstrument(options, { beforeClose });
  const { metrics } = instrument;
  const tables = new WeakMap<ExpressApp, RouteTable<RoutePattern>>();
  void instrument.listen();

  return Object.assign(middleware, { instrument });

  function middleware(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    instrument.begin(request, response);
    const asked = endpointFor(instrument.endpoints, request);
    // Routes that were added since the last scrape have their zeros before their first request.
    readRoutes((request as ExpressRequest).app, asked?.endpoint.reason === 'metrics');
    if (asked === undefined) next();
    else asked.endpoint.handle(request, response, asked.check);
  }

  function readRoutes(app: ExpressApp | undefined, isScrape: boolean): void {
    if (app === undefined) return;
    try {
      const table = tables.get(app);
      if (table === undefined) connect(app);
      else if (isScrape) table.read();
    } catch (error) {
      unread(error);
    }
  }

  function connect(app: ExpressApp): void {
    const hooked = new WeakSet<ExpressApp>();
    const hook = (each: ExpressApp): void => {
      if (hooked.has(each)) return;
      hooked.add(each);
      onDispatch(each, dispatched);
    };
    const table = createRouteTable(app, declare, hook);
    tables.set(app, table);
    hook(app);
    table.read();

    function dispatched(request: ExpressRequest, route: ExpressRoute): void {
      const exchange = request.res && instrument.exchangeOf(request.res);
      if (exchange === undefined || exchange.settled) return;
      instrument.trace(exchange);
      try {
        table.lookUp(route, request.baseUrl ?? '', request.app ?? app).assign(exchange);
      } catch (error) {
        unread(error);
      }
    }
  }

  function declare(route: ExpressRoute, path: string): RoutePattern {
    const methods = methodsOf(route);
    const shadow = instrument.endpoints.find((endpoint) => endpoint.path === path);
    if (shadow !== undefined && methods.includes('GET')) {
      warn('COALMINE_PATH_TAKEN', `${pathTaken(shadow)}. The app's own is never reached.`, route);
    }
    const pattern = patternOf(route, path);
    pattern.declare(methods);
    return pattern;
  }

  function patternOf({ stack }: ExpressRoute, path: string): RoutePattern {
    const options = stack.map(({ handle }) => routeOptionsOf(handle)).find((each) => each !== undefined);
    try {
      return instrument.pattern(path, options);
    } catch (error) {
      warn('COALMINE_INVALID_OPTION', `coalmine.route() on ${path} has no effect: ${String(error)}`);
      return instrument.pattern(path);
    }
  }

  /** Should the insides of a future router differ, a route loses its name, not the app its answer. */
  function unread(error: unknown): void {
    warn('COALMINE_ROUTES_UNREAD', `The routes of Express could not be read: ${String(error)}`, instrument);
  }

  function beforeClose(exchange: HttpExchange): void {
    const { request, response } = exchange;
    if (isLeftOut(request)) return instrument.exclude(response ?? request);
    // The app's router has given up, whatever route was tried before: nothing matched.
    const isLost = response?.statusCode === 404 && (request as ExpressRequest).baseUrl === undefined;
    if (isLost) exchange.route = metrics.route(request.method ?? '', UNMATCHED);
  }
}

function methodsOf({ methods }: ExpressRoute): readonly string[] {
  const named = Object.keys(methods).filter((method) => methods[method]);
  const isAny = methods._all === true || named.length > 10;
  return isAny ? COMMON_METHODS : named.map((method) => method.toUpperCase()).filter((method) => method !== 'HEAD');
}
