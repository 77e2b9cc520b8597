import type { CoalmineOptions, RouteOptions } from '@coalmine/node';
import type { KoaMiddleware } from './koa.js';
import { type CoalmineMiddleware, createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

export interface Coalmine {
  /**
   * Clean canary metrics for Koa 2 and 3: `app.use(coalmine())`, before any other `app.use(…)`.
   *
   * Throws `CoalmineError` when an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a port
   * that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
   */
  (options?: CoalmineOptions): CoalmineMiddleware;
  /**
   * What one route says of itself: `router.get('/slow', coalmine.route({ objective: { latency: 2.5 } }), handler)`. In
   * `router.use()`, it speaks for the routes after it in the same router that the path of `use` matches, those of nested
   * routers included: `router.use('/internal', coalmine.route(false), internal.routes())`.
   *
   * Throws `CoalmineError` when an option is invalid. What only the objective of the service shows to be wrong, as a patience
   * below its latency, is a process warning when the route is found, and the objective of the service counts.
   */
  route(options: RouteOptions): KoaMiddleware;
}

/** Clean canary metrics for Koa 2 and 3. */
export const coalmine: Coalmine = Object.assign(createMiddleware, { route: routeOptions });
