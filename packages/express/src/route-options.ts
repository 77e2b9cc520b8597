import { type CombinedRouteOptions, checkRouteOptions, combineRouteOptions, type RouteOptions } from '@coalmine/node';
import type { ExpressRoute, Middleware } from './express.js';
import { followersOf } from './follower.js';

// On the middleware that a user puts on a route or a mount. Agents replace the functions that they trace: OpenTelemetry
// copies the properties that have names, and New Relic copies the name of the function, which has the options as well.
const OPTIONS = 'coalmineRoute';
const NAME = /^coalmine\.route\((.*)\)$/;

interface Marked {
  readonly [OPTIONS]?: RouteOptions;
  readonly name: string;
}

/** Options of everything in a router at a path or below. */
export interface Mark {
  readonly scope: string;
  readonly options: RouteOptions;
}

/** Returns a middleware that carries the options of its route or mount. Throws `CoalmineError` if they are invalid. */
export function routeOptions(options: RouteOptions): Middleware {
  checkRouteOptions(options);
  const middleware: Middleware = (request, _response, next) => {
    for (let follower = followersOf(request); follower !== undefined; follower = follower.following) {
      follower.mark(options);
    }
    next();
  };
  const name = `coalmine.route(${JSON.stringify(options)})`;
  return Object.assign(Object.defineProperty(middleware, 'name', { value: name }), { [OPTIONS]: options });
}

/** Returns the options that a handler carries. */
export function routeOptionsOf(handle: unknown): RouteOptions | undefined {
  const { [OPTIONS]: options, name } = handle as Marked;
  if (options !== undefined) return options;
  const [, text] = NAME.exec(name) ?? [];
  return text === undefined ? undefined : JSON.parse(text);
}

/** Returns the options that the marks give to a scope, or `undefined` if none of them covers it. */
export function saidOf(scopes: readonly string[], marks: readonly Mark[]): CombinedRouteOptions | undefined {
  let said: CombinedRouteOptions | undefined;
  for (const { scope, options } of marks) {
    if (scopes.every((each) => isCovered(each, scope))) said = combineRouteOptions(said, options);
  }
  return said;
}

/** Returns the options of a route for a method, combined with the options of its place. */
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

/** Whether the options on a route differ by method. */
export function saysByMethod({ stack }: ExpressRoute): boolean {
  return stack.some(({ handle, method }) => method !== undefined && routeOptionsOf(handle) !== undefined);
}

/** Whether `scope` is the other scope or below it. */
export function isCovered(scope: string, by: string): boolean {
  return scope === by || scope.startsWith(`${by}/`);
}

export function excludes(options: RouteOptions): boolean {
  return options === false || options.exclude === true;
}
