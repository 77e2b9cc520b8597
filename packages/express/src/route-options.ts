import { parseRouteOptions, type RouteOptions } from '@coalmine/node';
import type { Middleware } from './middleware.js';

// On the middleware that a user puts on a route.
const OPTIONS = Symbol.for('coalmine.express.options');
// Requests that have met `coalmine.route(false)` where it is no part of a route.
const leftOut = new WeakSet<object>();

interface Tagged {
  [OPTIONS]?: RouteOptions;
}

/** A middleware that carries the options of the route it is on. Throws `CoalmineError` when they are invalid. */
export function routeOptions(options: RouteOptions): Middleware {
  checkShape(options);
  const middleware: Middleware = (request, _response, next) => {
    if (options === false) leftOut.add(request);
    next();
  };
  return Object.assign(middleware, { [OPTIONS]: options });
}

/** The options that a handler carries. */
export function routeOptionsOf(handler: unknown): RouteOptions | undefined {
  return (handler as Tagged)[OPTIONS];
}

/** Whether a request has met `coalmine.route(false)`. */
export function isLeftOut(request: object): boolean {
  return leftOut.has(request);
}

/** All that can be checked before the buckets are known. */
function checkShape(options: RouteOptions): void {
  if (options === false) return;
  const latency = options?.objective?.latency ?? 0.5;
  parseRouteOptions(options, { objective: { latency: 0.5, patience: 2 }, bounds: [latency] });
}
