import { isDeepStrictEqual } from 'node:util';
import type { HttpExchange, Route, RouteOptions, RoutePattern } from '@coalmine/node';
import { type Branch, type Entry, isRoute, type Place } from './branch.js';
import { type ExpressRequest, type ExpressRoute, type Layer, type Next, type Router, routerOf } from './express.js';
import type { Follower } from './follower.js';
import { isWatched } from './layer.js';
import { excludes, isCovered, routeOptionsOf } from './route-options.js';
import type { RouteTree } from './route-tree.js';

/** What a trail needs from its service. */
export interface TrailHost {
  /** Looks again for the trace of a request, which has reached the place where it is counted. */
  trace(exchange: HttpExchange): void;
  /** Returns the route of requests that matched nothing. */
  unmatched(method: string): Route;
  /** Excludes a request. */
  exclude(exchange: HttpExchange): void;
  /** Warns that one request gets options that only a route or a mount can have. */
  warnMisplaced(): void;
  /** Warns that the routers could not be read. */
  warnUnread(error: unknown): void;
}

/**
 * The way of one request through the routers, and so the route on which it is counted: the entry that had the request
 * when its head was written, or when it ended without a head. An error belongs to the entry that raised it, whichever
 * error handler responds.
 */
export class Trail implements Follower {
  readonly following: Follower | undefined;
  readonly exchange: HttpExchange;
  route: ExpressRoute | undefined;
  readonly #host: TrailHost;
  readonly #tree: RouteTree;
  /**
   * Whether each layer tells when it passes the request on: a router responds to `OPTIONS` by itself, in the end, and the
   * app's own router had the first request before it was prepared, so that it does not tell when it gives up.
   */
  readonly #isTold: boolean;
  #branch: Branch;
  /** The entry that has the request. */
  #entry: Entry | undefined;
  /** The place of the entry, once it has been looked for. */
  #place: Place | undefined;
  /** Whether an error stands, because of which the app's own router gives up. */
  #hasError = false;
  /** The route by which the exchange is excluded for now. */
  #excluded: RoutePattern | undefined;
  /** The route that the trail has given; any other route is a name that the app has given. */
  #named: Route;
  #namedAt: Place | undefined;
  /** Where a middleware with `route(false)` was called by a function that carries no options. */
  #marks: { readonly branch: Branch; readonly scope: string }[] | undefined;

  constructor(
    following: Follower | undefined,
    exchange: HttpExchange,
    host: TrailHost,
    tree: RouteTree,
    isFirst: boolean,
  ) {
    this.following = following;
    this.route = following?.route;
    this.exchange = exchange;
    this.#host = host;
    this.#tree = tree;
    this.#isTold = isFirst || exchange.request.method === 'OPTIONS';
    this.#branch = tree.start(exchange.request);
    this.#named = exchange.route;
  }

  enterRouter(router: Router, done: Next): Next {
    if (this.exchange.hasHead) return done;
    try {
      const place = this.#locate();
      this.#branch = this.#tree.enter(place, place?.branch ?? this.#branch, router);
      if (this.#isTold) this.#handTo(undefined);
      const { caller } = this.#branch;
      return caller === undefined ? done : this.#telling(done, caller);
    } catch (error) {
      this.#host.warnUnread(error);
      return done;
    }
  }

  enterRoute(route: ExpressRoute, request: ExpressRequest): void {
    if (route === this.#entry || this.exchange.hasHead) return;
    try {
      const place = this.#tree.find(this.#branch, route, request) ?? this.#adopt(route, request);
      this.#entry = route;
      this.#place = place;
      this.#branch = place.branch;
      this.#host.trace(this.exchange);
      this.#name(place);
    } catch (error) {
      this.#host.warnUnread(error);
    }
  }

  enterLayer(layer: Layer, request: ExpressRequest, next: Next): Next {
    if (this.exchange.hasHead) return next;
    // A layer gets no request that has failed, unless an error handler has passed it on.
    this.#hasError = false;
    if (layer.route !== undefined) {
      // Its router has reported the route by now, unless it belongs to another copy of Express.
      this.enterRoute(layer.route, request);
    } else {
      this.#entry = layer;
      this.#place = undefined;
      if (this.#excluded !== undefined || isWatched(layer)) this.#arrive();
    }
    return this.#isTold || this.#excluded !== undefined ? this.#telling(next, undefined) : next;
  }

  mark(options: RouteOptions): void {
    const entry = this.#entry;
    if (entry === undefined || carries(entry, options)) return;
    if (!excludes(options)) return this.#host.warnMisplaced();
    try {
      const place = this.#locate();
      if (place === undefined) return;
      this.#marks ??= [];
      this.#marks.push(place);
    } catch (error) {
      this.#host.warnUnread(error);
    }
  }

  giveUp(): void {
    this.#hasError = true;
  }

  /** Sets the final route of the exchange, when its response has closed. */
  setFinalRoute(response: { readonly statusCode: number }): void {
    const { exchange } = this;
    const request = exchange.request as ExpressRequest;
    const found = this.#locate();
    const status = exchange.hasHead ? exchange.status : response.statusCode;
    // Nothing has responded, whatever was tried before, or the app's last handler has.
    const isUnanswered = request.baseUrl === undefined && !this.#hasError;
    const isLost = status === 404 && (isUnanswered || isLastResort(found));
    const place = isLost ? undefined : found;
    if (place === undefined || (status === 400 && !isRoute(place.entry) && isMalformed(request))) {
      this.#exclude(undefined);
      if (isLost || exchange.route === this.#named) exchange.route = this.#host.unmatched(request.method ?? '');
      return;
    }
    if (place !== this.#namedAt) {
      if (exchange.route === this.#named) this.#name(place);
      else place.routePattern(methodAt(place, exchange)).hide(exchange);
    }
    const isMarked = this.#marks?.some(
      ({ branch, scope }) => place.branch.isIn(branch) && place.scopes.every((each) => isCovered(each, scope)),
    );
    if (isMarked) this.#host.exclude(exchange);
  }

  /** Notes that a layer that is looked at on arrival has the request. */
  #arrive(): void {
    try {
      const place = this.#locate();
      if (place?.isNamedOnArrival) {
        this.#host.trace(this.exchange);
        return this.#name(place);
      }
      this.#hideAt(place);
    } catch (error) {
      this.#host.warnUnread(error);
    }
  }

  /** Excludes the exchange if its place is excluded, for as long as the place has the request. */
  #hideAt(place: Place | undefined): void {
    const isHere = place !== undefined && (place.isByMethod || place.said?.exclude === true);
    const pattern = isHere ? place.routePattern(methodAt(place, this.exchange)) : undefined;
    pattern?.hide(this.exchange);
    this.#exclude(pattern?.isExcluded ? pattern : undefined);
  }

  /** Counts the exchange at a place. */
  #name(place: Place): void {
    const { exchange } = this;
    const pattern = place.routePattern(methodAt(place, exchange));
    pattern.assign(exchange);
    this.#exclude(pattern.isExcluded ? pattern : undefined);
    this.#named = exchange.route;
    this.#namedAt = place;
  }

  /** Replaces the route by which the exchange is excluded. */
  #exclude(pattern: RoutePattern | undefined): void {
    if (pattern === undefined) this.#excluded?.show(this.exchange);
    this.#excluded = pattern;
  }

  /**
   * Returns a `next` that tells when the request is passed on: to the place that has called the router, or to the
   * router. It ignores an error, which belongs to the entry that raised it.
   */
  #telling(original: Next, heir: Place | undefined): Next {
    // Handlers find a function of the same name, `next`.
    const next: Next = (error) => {
      const isError = Boolean(error) && error !== 'route' && error !== 'router';
      this.#hasError = isError;
      if (!isError && !this.exchange.hasHead) {
        this.#handTo(heir);
        this.#hideAt(heir);
      }
      return original(error);
    };
    return next;
  }

  /** Gives the request back to the caller of the router, or to the router alone. */
  #handTo(place: Place | undefined): void {
    this.#entry = place?.entry;
    this.#place = place;
    if (place !== undefined) this.#branch = place.branch;
  }

  #locate(): Place | undefined {
    if (this.#place !== undefined || this.#entry === undefined) return this.#place;
    const found = this.#tree.find(this.#branch, this.#entry, this.exchange.request);
    if (found !== undefined) this.#branch = found.branch;
    this.#place = found?.route ?? found;
    return this.#place;
  }

  /**
   * Returns the place of a route whose router did not report it, because the router belongs to another copy of Express.
   */
  #adopt(route: ExpressRoute, request: ExpressRequest): Place {
    const router = request.app && routerOf(request.app);
    const branch = router && this.#tree.enter(this.#locate(), this.#branch, router);
    return (branch && this.#tree.findIn(branch, route, request.baseUrl ?? '')) ?? this.#tree.adrift(route);
  }
}

/** Whether an entry is, or contains, the middleware with these options, so that the tree knows them. */
function carries(entry: Entry, options: RouteOptions): boolean {
  if (!isRoute(entry)) return routeOptionsOf(entry.handle) !== undefined;
  return entry.stack.some(({ handle }) => isDeepStrictEqual(routeOptionsOf(handle), options));
}

/** Whether a place is a function without options that takes every request of the app. */
function isLastResort(place: Place | undefined): boolean {
  return place !== undefined && !isRoute(place.entry) && place.pattern === '' && place.said === undefined;
}

/** Returns the method by which the options of a place differ, in lower case, or `undefined` if they do not differ. */
function methodAt({ entry, isByMethod }: Place, { request: { method = '' } }: HttpExchange): string | undefined {
  if (!isByMethod || !isRoute(entry)) return undefined;
  return method === 'HEAD' && !entry.methods.head ? 'get' : method.toLowerCase();
}

/** Whether the path of a request cannot be decoded. A router notices that, not a handler. */
function isMalformed({ url = '', originalUrl = url }: ExpressRequest): boolean {
  try {
    decodeURIComponent(originalUrl.split('?', 1)[0] as string);
    return false;
  } catch {
    return true;
  }
}
