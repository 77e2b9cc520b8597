import { checkRouteOptions, type RouteOptions } from '@coalmine/node';
import type { KoaMiddleware } from './koa.js';

// On the middleware that a user puts on a route or in a router; shared by all copies of this package.
const OPTIONS: unique symbol = Symbol.for('coalmine.koa.route.1') as never;

/** Returns a middleware that carries the options of a route. Throws `CoalmineError` if they are invalid. */
export function routeOptions(options: RouteOptions): KoaMiddleware {
  checkRouteOptions(options);
  const middleware: KoaMiddleware = (_context, next) => next();
  return Object.assign(middleware, { [OPTIONS]: options });
}

/** Returns the options that a middleware carries, or that the function carries which New Relic has replaced by it. */
export function routeOptionsOf(middleware: object): RouteOptions | undefined {
  const { [OPTIONS]: options } = middleware as { readonly [OPTIONS]?: RouteOptions };
  if (options !== undefined) return options;
  const original = Object.getOwnPropertySymbols(middleware).find(({ description }) => description === 'original');
  const replaced = original === undefined ? undefined : (middleware as Readonly<Record<symbol, unknown>>)[original];
  return typeof replaced === 'function' ? routeOptionsOf(replaced) : undefined;
}
