import type { CoalmineOptions, RouteOptions } from '@coalmine/node';
import type { KoaMiddleware } from './koa.js';
import { type CoalmineMiddleware, createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

export interface Coalmine {
  /**
   * Clean canary metrics for Koa 2 and 3: `app.use(coalmine())`, before any other `app.use(…)`.
   *
   * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
   * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
   */
  (options?: CoalmineOptions): CoalmineMiddleware;
  /**
   * Returns a middleware with the options of one route: `router.get('/slow', coalmine.route({ objective: { latency: 2.5
   * } }), handler)`. In `router.use()`, the options apply to the routes after it in the same router that match the path
   * of `use`, including routes of nested routers: `router.use('/internal', coalmine.route(false), internal.routes())`.
   *
   * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
   * such as a patience below its latency, is a process warning when the route is found, and the objective of the
   * service counts.
   */
  route(options: RouteOptions): KoaMiddleware;
}

/** Clean canary metrics for Koa 2 and 3. */
export const coalmine: Coalmine = Object.assign(createMiddleware, { route: routeOptions });
