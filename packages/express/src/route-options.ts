import { parseRouteOptions, type RouteOptions } from '@coalmine/node';
import type { Middleware } from './middleware.js';

// On the middleware that a user puts on a route, and on the requests that pass it elsewhere.
const OPTIONS = Symbol.for('coalmine.express.options');

interface Tagged {
  [OPTIONS]?: RouteOptions;
}

/** A middleware that carries the options of the route it is on. Throws `CoalmineError` when they are invalid. */
export function routeOptions(options: RouteOptions): Middleware {
  checkShape(options);
  const middleware: Middleware = (request, _response, next) => {
    if (options === false) (request as Tagged)[OPTIONS] = options;
    next();
  };
  return Object.assign(middleware, { [OPTIONS]: options });
}

/** The options that a handler carries, or that a request has met. */
export function routeOptionsOf(tagged: unknown): RouteOptions | undefined {
  return (tagged as Tagged)[OPTIONS];
}

/** All that can be checked before the buckets are known. */
function checkShape(options: RouteOptions): void {
  if (options === false) return;
  const latency = options?.objective?.latency ?? 0.5;
  parseRouteOptions(options, { objective: { latency: 0.5, patience: 2 }, bounds: [latency] });
}
