import {
  type CombinedRouteOptions,
  combineRouteOptions,
  foundPattern,
  type Instrument,
  methodsWithZeros,
  type RouteOptions,
  type RoutePattern,
  warn,
  warnOfTakenPath,
} from '@coalmine/node';
import type { KoaApp, Layer, RoutedContext, Router } from './koa.js';
import { mountOf } from './mount.js';
import { routeOptionsOf } from './route-options.js';

/** Options in `use` of a router. */
interface Mark {
  readonly layer: Layer;
  readonly options: RouteOptions;
}

/** The routes of the routers of a service. */
export class Routes {
  readonly #instrument: Instrument;
  /** By the mount of the router of the route. */
  readonly #patterns = new WeakMap<Layer, Map<string, RoutePattern>>();

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  /** Reads the routers in `use` of an app, again if necessary, so that the series of their routes exist. */
  read({ middleware }: KoaApp): void {
    for (const used of middleware) {
      if (routeOptionsOf(used) !== undefined) warnOfMisplaced(used);
      if (Array.isArray(used.router?.stack)) this.#readRouter(used.router, '');
    }
  }

  /** Returns the pattern of a route that a request has come to. */
  patternOf(layer: Layer, context: RoutedContext): RoutePattern | undefined {
    const mount = mountOf(context);
    const known = this.#patterns.get(layer)?.get(mount);
    if (known !== undefined || context.router === undefined) return known;
    // The router is in a mounted app, or a function calls it.
    this.#readRouter(context.router, mount);
    return this.#patterns.get(layer)?.get(mount);
  }

  #readRouter({ stack }: Router, mount: string): void {
    const marks: Mark[] = [];
    for (const layer of stack) {
      if (layer.methods.length === 0) marks.push(...marksOf(layer));
      else this.#readRoute(layer, mount, marks);
    }
  }

  #readRoute(layer: Layer, mount: string, marks: readonly Mark[]): void {
    const byMount = this.#patterns.get(layer) ?? new Map<string, RoutePattern>();
    if (byMount.has(mount)) return;
    const label = labelOf(layer, mount);
    const methods = methodsWithZeros(layer.methods);
    const pattern = foundPattern(this.#instrument, label, optionsOf(layer, marks));
    warnOfTakenPath(this.#instrument, label, methods, layer);
    pattern.declare(methods);
    this.#patterns.set(layer, byMount.set(mount, pattern));
  }
}

function marksOf(layer: Layer): readonly Mark[] {
  return layer.stack.flatMap((used) => {
    const options = routeOptionsOf(used);
    return options === undefined ? [] : [{ layer, options }];
  });
}

/** Returns the options of a route: from its router before it, and from the route itself. */
function optionsOf(route: Layer, marks: readonly Mark[]): CombinedRouteOptions | undefined {
  // A parameter is text like any other here, so a function in `use` for the paths of a route matches the pattern of the
  // route.
  const before = marks.filter(({ layer }) => layer.match(String(route.path)));
  let combined: CombinedRouteOptions | undefined;
  for (const { options } of [...before, ...marksOf(route)]) combined = combineRouteOptions(combined, options);
  return combined;
}

function warnOfMisplaced(used: object): void {
  const message =
    'coalmine.route() has no effect in app.use(): put it on the route, or in router.use() before the routes';
  warn('COALMINE_INVALID_OPTION', message, used);
}

function labelOf({ path }: Layer, mount: string): string {
  const base = stripSlash(mount);
  return typeof path === 'string' ? stripSlash(base + path) || '/' : base + String(path);
}

function stripSlash(pattern: string): string {
  return pattern.endsWith('/') ? pattern.slice(0, -1) : pattern;
}
