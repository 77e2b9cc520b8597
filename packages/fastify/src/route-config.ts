import type { RouteOptions, RoutePattern } from '@coalmine/node';

// On the config of each route; a symbol survives the copy that Fastify makes of the config.
export const patternKey: unique symbol = Symbol('coalmine.route');

/** What Coalmine keeps in the config of a route. */
export interface RouteConfig {
  readonly coalmine?: RouteOptions;
  [patternKey]?: Pick<RoutePattern, 'assign'>;
}
