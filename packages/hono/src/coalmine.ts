import type { CoalmineOptions, RouteOptions } from '@coalmine/node';
import type { HonoApp, HonoMiddleware } from './hono.js';
import { type CoalmineMiddleware, createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

export interface Coalmine {
  /**
   * Clean canary metrics for Hono 4 on `@hono/node-server`: `app.use(coalmine(app))` on the root app, before any other
   * `app.use(…)`.
   *
   * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
   * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
   */
  (app: HonoApp, options?: CoalmineOptions): CoalmineMiddleware;
  /**
   * Returns a middleware with the options of one route: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 }
   * }), handler)`. In `app.use()`, the options apply to everything that is registered after it at the same path or
   * below: `app.use('/internal/*', coalmine.route(false))`.
   *
   * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
   * such as a patience below its latency, is a process warning when the route is found, and the objective of the
   * service counts.
   */
  route(options: RouteOptions): HonoMiddleware;
}

/** Clean canary metrics for Hono 4 on Node. */
export const coalmine: Coalmine = Object.assign(createMiddleware, { route: routeOptions });
