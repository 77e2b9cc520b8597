import type { CoalmineOptions, RouteOptions } from '@coalmine/node';
import type { Middleware } from './express.js';
import { type CoalmineMiddleware, createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

export interface Coalmine {
  /**
   * Clean canary metrics for Express 4 and 5: `app.use(coalmine())`, after `app.set(…)` and before any other
   * `app.use(…)`: the first `use` creates the router, and a router keeps the settings that it was created with.
   *
   * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
   * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
   */
  (options?: CoalmineOptions): CoalmineMiddleware;
  /**
   * Returns a middleware with the options of one route: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 }
   * }), handler)`. In `app.use()`, the options apply to everything after it in the same router, at the same path or
   * below: `app.use('/internal', coalmine.route(false), router)`.
   *
   * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
   * such as a patience below its latency, is a process warning when the route is found, and the objective of the
   * service counts.
   */
  route(options: RouteOptions): Middleware;
}

/** Clean canary metrics for Express 4 and 5. */
export const coalmine: Coalmine = Object.assign(createMiddleware, { route: routeOptions });
