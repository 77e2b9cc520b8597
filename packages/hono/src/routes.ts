import {
  type CombinedRouteOptions,
  combineRouteOptions,
  foundPattern,
  type Instrument,
  type MountedEndpoint,
  methodsWithZeros,
  type RouteOptions,
  type RoutePattern,
  warnOfTakenPath,
} from '@coalmine/node';
import { findRegistered, type HonoApp, type HonoRoute } from './hono.js';
import { covers, routeOptionsOf } from './route-options.js';

/** Options that are registered at a path. */
interface Mark {
  readonly at: HonoRoute;
  readonly options: RouteOptions;
}

/** The routes of an app. */
export class Routes {
  readonly #instrument: Instrument;
  readonly #app: HonoApp;
  readonly #middleware: object;
  #endpoints: readonly MountedEndpoint[];
  /** How many functions the app had registered when it was read. */
  #size = 0;
  #marks: readonly Mark[] = [];
  /** By method and path: a route may have several functions. */
  readonly #patterns = new Map<string, RoutePattern>();
  readonly #known = new WeakMap<HonoRoute, RoutePattern>();

  /** `middleware` is the function that the app uses. */
  constructor(instrument: Instrument, app: HonoApp, middleware: object) {
    this.#instrument = instrument;
    this.#app = app;
    this.#middleware = middleware;
    this.#endpoints = instrument.endpoints;
  }

  /** The endpoints, and again below the base path of the app, if it has one. */
  get endpoints(): readonly MountedEndpoint[] {
    return this.#endpoints;
  }

  /** Reads the registered functions of the app, again if necessary, so that the series of its routes exist. */
  read(): void {
    const { routes } = this.#app;
    if (routes.length === this.#size) return;
    this.#size = routes.length;
    const own = routes.filter((route) => findRegistered(route) === this.#middleware);
    const bases = own.map(({ path }) => path.replace(/\/?\*?$/, '')).filter((base) => base !== '');
    const { endpoints } = this.#instrument;
    this.#endpoints = [
      ...endpoints,
      ...bases.flatMap((base) => endpoints.map((endpoint) => ({ ...endpoint, path: `${base}${endpoint.path}` }))),
    ];
    this.#marks = routes.flatMap((at) => {
      const options = routeOptionsOf(at);
      return options === undefined ? [] : [{ at, options }];
    });
    for (const route of routes) if (isRoute(route)) this.patternOf(route);
  }

  /** Returns the pattern of the function that has a request. */
  patternOf(route: HonoRoute): RoutePattern {
    let pattern = this.#known.get(route);
    if (pattern === undefined) {
      const key = `${route.method} ${route.path}`;
      pattern = this.#patterns.get(key) ?? this.#open(route);
      this.#patterns.set(key, pattern);
      this.#known.set(route, pattern);
    }
    return pattern;
  }

  #open(route: HonoRoute): RoutePattern {
    const { method, path } = route;
    const label = (path.endsWith('/') ? path.slice(0, -1) : path) || '/';
    const pattern = foundPattern(this.#instrument, label, this.#optionsOf(route));
    if (!isRoute(route)) return pattern;
    const methods = methodsWithZeros(method === 'ALL' ? 'all' : [method]);
    warnOfTakenPath(this, label, methods, route);
    pattern.declare(methods);
    return pattern;
  }

  /** Returns the options of a route: from functions before it at its path or above, and from the route itself. */
  #optionsOf(route: HonoRoute): CombinedRouteOptions | undefined {
    const { routes } = this.#app;
    const isBefore = (at: HonoRoute): boolean => routes.indexOf(at) < routes.indexOf(route);
    let combined: CombinedRouteOptions | undefined;
    for (const { at, options } of this.#marks) {
      if (covers(at, route) && (at.method !== 'ALL' || isBefore(at))) combined = combineRouteOptions(combined, options);
    }
    return combined;
  }
}

/**
 * Whether a registered function responds to its requests, rather than passing most of them on: it has one method, or
 * cannot pass anything on.
 */
export function isRoute(route: HonoRoute): boolean {
  return routeOptionsOf(route) === undefined && (route.method !== 'ALL' || findRegistered(route).length < 2);
}
