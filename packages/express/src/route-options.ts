import { type CombinedRouteOptions, checkRouteOptions, combineRouteOptions, type RouteOptions } from '@coalmine/node';
import type { ExpressRoute, Middleware } from './express.js';
import { followersOf } from './follower.js';

// On the middleware that a user puts on a route or a mount. A name rather than a symbol: OpenTelemetry wraps what is
// `use`d, and copies the names of a function and nothing else.
const OPTIONS = 'coalmineRoute';

interface Marked {
  readonly [OPTIONS]?: RouteOptions;
}

/** What is said of everything in a router at a path or below. */
export interface Mark {
  readonly scope: string;
  readonly options: RouteOptions;
}

/** Returns a middleware that carries the options of the route or mount it is on. Throws `CoalmineError` when they are invalid. */
export function routeOptions(options: RouteOptions): Middleware {
  checkRouteOptions(options);
  const middleware: Middleware = (request, _response, next) => {
    for (let follower = followersOf(request); follower !== undefined; follower = follower.following) {
      follower.mark(options);
    }
    next();
  };
  return Object.assign(middleware, { [OPTIONS]: options });
}

/** Returns the options that a handler carries. */
export function routeOptionsOf(handle: unknown): RouteOptions | undefined {
  return (handle as Marked)[OPTIONS];
}

/** Returns what the marks say of a scope, or `undefined` when none of them covers it. */
export function saidOf(scopes: readonly string[], marks: readonly Mark[]): CombinedRouteOptions | undefined {
  let said: CombinedRouteOptions | undefined;
  for (const { scope, options } of marks) {
    if (scopes.every((each) => isCovered(each, scope))) said = combineRouteOptions(said, options);
  }
  return said;
}

/** Returns what a route says of its requests with a method, on top of what is said of where it is. */
export function saidByRoute(
  said: CombinedRouteOptions | undefined,
  { stack }: ExpressRoute,
  method: string | undefined,
): CombinedRouteOptions | undefined {
  let refined = said;
  for (const { handle, method: only } of stack) {
    const options = routeOptionsOf(handle);
    if (options !== undefined && (only === undefined || only === method))
      refined = combineRouteOptions(refined, options);
  }
  return refined;
}

/** Whether the options that a route carries differ by method. */
export function saysByMethod({ stack }: ExpressRoute): boolean {
  return stack.some(({ handle, method }) => method !== undefined && routeOptionsOf(handle) !== undefined);
}

/** Whether what is at `scope` is at another scope or below. */
export function isCovered(scope: string, by: string): boolean {
  return scope === by || scope.startsWith(`${by}/`);
}

export function excludes(options: RouteOptions): boolean {
  return options === false || options.exclude === true;
}
