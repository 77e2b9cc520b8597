import { checkRouteOptions, type RouteOptions } from '@coalmine/node';
import { findRegistered, type HonoMiddleware, type HonoRoute } from './hono.js';

// On the middleware that a user puts on a route or a path; shared by all copies of this package.
const OPTIONS: unique symbol = Symbol.for('coalmine.hono.route.1') as never;

/** Returns a middleware that carries the options of a route. Throws `CoalmineError` if they are invalid. */
export function routeOptions(options: RouteOptions): HonoMiddleware {
  checkRouteOptions(options);
  const middleware: HonoMiddleware = async (_context, next) => {
    await next();
    return undefined;
  };
  return Object.assign(middleware, { [OPTIONS]: options });
}

/** Returns the options that a registered function carries. */
export function routeOptionsOf(route: HonoRoute): RouteOptions | undefined {
  return (findRegistered(route) as { readonly [OPTIONS]?: RouteOptions })[OPTIONS];
}

/**
 * Whether a function in `use` gets every request of `route`; the parameters of `route` count as text. A function on a
 * route with one method applies to that route only.
 */
export function covers({ method, path }: HonoRoute, route: HonoRoute): boolean {
  if (method !== 'ALL') return method === route.method && path === route.path;
  const parts = path.split('/');
  const own = route.path.split('/');
  const isPrefix = parts.at(-1) === '*';
  if (isPrefix) parts.pop();
  if (isPrefix ? own.length < parts.length : own.length !== parts.length) return false;
  return parts.every((part, i) => part === own[i] || (part.startsWith(':') && own[i] !== '*'));
}
