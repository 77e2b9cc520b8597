import type { RouteOptions, RoutePattern } from '@coalmine/node';

// On the config of each route; a symbol survives the copy that Fastify makes of it.
export const patternKey: unique symbol = Symbol('coalmine.route');

/** What the config of a route holds of ours. */
export interface RouteConfig {
  readonly coalmine?: RouteOptions;
  [patternKey]?: Pick<RoutePattern, 'assign'>;
}
