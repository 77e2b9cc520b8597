import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CoalmineOptions,
  createInstrument,
  endpointFor,
  type HttpExchange,
  type Instrument,
  type Objective,
  parseRouteOptions,
  type Route,
  UNMATCHED,
} from '@coalmine/node';
import { onDispatch } from './dispatch.js';
import type { ExpressApp, ExpressRequest, ExpressRoute } from './express.js';
import { routeOptionsOf } from './route-options.js';
import { createRouteTable, type Place, type RouteTable } from './route-table.js';

/** A middleware for Express 4 and 5. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What `coalmine()` answers: a middleware, and what it does for the app. */
export type CoalmineMiddleware = Middleware & { readonly instrument: Instrument };

/** What a place needs at request time. */
interface Resolved {
  readonly objective: Objective | false;
  readonly byMethod: Map<string, Route>;
}

// For a route that takes every method: those that an app is likely to mean.
const COMMON_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createMiddleware(options?: CoalmineOptions): CoalmineMiddleware {
  const instrument = createInstrument(options, { beforeClose });
  const { metrics } = instrument;
  const tables = new WeakMap<ExpressApp, RouteTable>();
  const resolved = new WeakMap<Place, Resolved>();
  let hasWarned = false;
  void instrument.listen();

  return Object.assign(middleware, { instrument });

  function middleware(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    const exchange = instrument.begin(request, response);
    const endpoint = endpointFor(instrument.endpoints, request);
    // Routes that were added since the last scrape have their zeros before their first request.
    readRoutes((request as ExpressRequest).app, endpoint !== undefined);
    if (endpoint === undefined) return next();
    metrics.drop(exchange);
    endpoint.handle(request, response);
  }

  function readRoutes(app: ExpressApp | undefined, isScrape: boolean): void {
    if (app === undefined) return;
    contained(() => {
      const table = tables.get(app);
      if (table === undefined) connect(app);
      else if (isScrape) table.read();
    });
  }

  function connect(app: ExpressApp): void {
    const hooked = new WeakSet<ExpressApp>();
    const hook = (each: ExpressApp): void => {
      if (hooked.has(each)) return;
      hooked.add(each);
      onDispatch(each, (request, route) => {
        const exchange = request.res && instrument.exchangeOf(request.res);
        if (!exchange?.open) return;
        contained(() => assign(exchange, table.placeOf(route, request.baseUrl ?? '', request.app ?? app)));
      });
    };
    const table = createRouteTable(app, resolve, hook);
    tables.set(app, table);
    hook(app);
    table.read();
  }

  function assign(exchange: HttpExchange, place: Place): void {
    const { objective, byMethod } = resolved.get(place) ?? resolve(place);
    if (objective === false) return metrics.drop(exchange);
    const method = exchange.request.method ?? '';
    exchange.route = byMethod.get(method) ?? open(place, method, objective, byMethod);
  }

  function resolve(place: Place): Resolved {
    const objective = objectiveOf(place);
    const byMethod = new Map<string, Route>();
    resolved.set(place, { objective, byMethod });
    if (objective !== false) for (const method of methodsOf(place.route)) open(place, method, objective, byMethod);
    return { objective, byMethod };
  }

  function open({ pattern }: Place, method: string, objective: Objective, byMethod: Map<string, Route>): Route {
    const route = metrics.route(method, pattern, objective);
    byMethod.set(method, route);
    return route;
  }

  function objectiveOf({ route, pattern }: Place): Objective | false {
    const options = route.stack.map(({ handle }) => routeOptionsOf(handle)).find((each) => each !== undefined);
    try {
      return parseRouteOptions(options, metrics);
    } catch (error) {
      process.emitWarning(`coalmine.route() on ${pattern} has no effect: ${String(error)}`, {
        type: 'CoalmineWarning',
        code: 'COALMINE_INVALID_OPTION',
      });
      return metrics.objective;
    }
  }

  /** Runs what reads a router's insides: should a future one differ, a route loses its name, not the app its answer. */
  function contained(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (hasWarned) return;
      hasWarned = true;
      process.emitWarning(`The routes of Express could not be read: ${String(error)}`, {
        type: 'CoalmineWarning',
        code: 'COALMINE_ROUTES_UNREAD',
      });
    }
  }

  function beforeClose(exchange: HttpExchange): void {
    const { request, response } = exchange;
    if (routeOptionsOf(request) === false) return metrics.drop(exchange);
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
