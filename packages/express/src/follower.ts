import type { ServerResponse } from 'node:http';
import { carrierOf, type RouteOptions } from '@coalmine/node';
import {
  type ExpressApp,
  type ExpressRequest,
  type ExpressRoute,
  isApp,
  type Layer,
  type Next,
  type Router,
  routerOf,
} from './express.js';

/** Follows a request on its way through the routers. No method may throw. */
export interface Follower {
  /** The next follower of the same request: of another service, or of another copy of this package. */
  readonly following: Follower | undefined;
  readonly exchange: object;
  /** The value of `request.route`, if this is the first follower. */
  route: ExpressRoute | undefined;
  /**
   * Called when a router starts on the request: the app's own, a mounted router, or one that a function calls. Returns
   * the function that the router calls when it is done.
   */
  enterRouter(router: Router, done: Next): Next;
  /** Called when a route has matched, before its parameters are processed. */
  enterRoute(route: ExpressRoute, request: ExpressRequest): void;
  /** Called when a layer gets the request. Returns the function that the layer calls as `next`. */
  enterLayer(layer: Layer, request: ExpressRequest, next: Next): Next;
  /** Called when the router in which the follower started gives up because of an error. */
  giveUp(): void;
  /** Called when a middleware with options is called. */
  mark(options: RouteOptions): void;
  /** Sets the final route of the exchange, when its response has closed. */
  setFinalRoute(response: { readonly statusCode: number }): void;
}

// On the carrier of a request; shared by all copies of this package.
const FOLLOWERS = Symbol.for('coalmine.express.followers.1');
// On the prepared prototypes.
const PREPARED = Symbol.for('coalmine.express.prepared.1');
// On the global object; shared by all copies of this package.
const LATEST: unique symbol = Symbol.for('coalmine.express.latest.1') as never;

interface Followed {
  [FOLLOWERS]?: Follower;
}

/** The request that was asked for last, and its first follower. */
interface Latest {
  request: object | undefined;
  follower: Follower | undefined;
}

// Before Node 24, each read of a property of a request of Express costs some 2 µs: see exchange-link.ts of @coalmine/node.
const holder = globalThis as { [LATEST]?: Latest };
holder[LATEST] ??= { request: undefined, follower: undefined };
const latest: Latest = holder[LATEST];

/** Returns the first follower of a request. */
export function followersOf(request: object): Follower | undefined {
  if (request === latest.request) return latest.follower;
  const follower = (carrierOf(request) as Followed)[FOLLOWERS];
  // A request without followers would be kept until the next.
  if (follower !== undefined) remember(request, follower);
  return follower;
}

/** Adds a follower to a request, before the follower that it names as following. */
export function follow(request: object, follower: Follower): void {
  (carrierOf(request) as Followed)[FOLLOWERS] = follower;
  remember(request, follower);
}

/** Makes the followers of a request that is over be kept by nothing but the request. */
export function forget(request: object): void {
  if (request !== latest.request) return;
  latest.request = undefined;
  latest.follower = undefined;
}

function remember(request: object, follower: Follower): void {
  latest.request = request;
  latest.follower = follower;
}

/**
 * Prepares the routers of an app for followers, once for each copy of Express. Three methods of its prototypes tell
 * where a request is; they do nothing for a request without followers. The routers, their layers and the handlers do
 * not change, so that other code finds them as the user has written them.
 */
export function prepareApp(app: ExpressApp): void {
  const router = routerOf(app);
  if (router !== undefined) prepareRouter(router);
  prepareRequests(app.request);
}

/** Prepares a router, which may belong to another copy of Express. */
export function prepareRouter(router: Router): void {
  if (isApp(router)) return prepareApp(router);
  const prototype = ownerOf(Object.getPrototypeOf(router), 'handle');
  if (prototype !== undefined) override(prototype, 'handle', handleOf);
  // New Relic and dd-trace give a router a method of its own, which calls what the prototype had at that time.
  if (Object.hasOwn(router, 'handle')) override(router, 'handle', handleOf);
  const [layer] = router.stack;
  if (layer !== undefined) prepareLayer(layer);
}

function prepareLayer(layer: Layer): void {
  for (const method of ['handle_request', 'handleRequest']) {
    const prototype = ownerOf(Object.getPrototypeOf(layer), method);
    if (prototype !== undefined) override(prototype, method, handleRequestOf);
  }
}

type Method = (this: unknown, request: ExpressRequest, response: ServerResponse, next: Next) => unknown;

function handleOf(original: Method): Method {
  return function handle(this: unknown, request, response, next) {
    const first = followersOf(request);
    let done = first === undefined ? tellingOfError(request, next) : next;
    for (let follower = first; follower !== undefined; follower = follower.following) {
      done = follower.enterRouter(this as Router, done);
    }
    return original.call(this, request, response, done);
  };
}

/** Returns a `next` that tells each follower that started inside the router when the router gives up with an error. */
function tellingOfError(request: ExpressRequest, next: Next): Next {
  return (error) => {
    if (error) {
      for (let follower = followersOf(request); follower !== undefined; follower = follower.following) {
        follower.giveUp();
      }
    }
    return next(error);
  };
}

function handleRequestOf(original: Method): Method {
  return function handleRequest(this: unknown, request, response, next) {
    // The handlers of a route are layers as well, but do not belong to a router.
    if (!('route' in (this as Layer))) return original.call(this, request, response, next);
    let passed = next;
    for (let follower = followersOf(request); follower !== undefined; follower = follower.following) {
      passed = follower.enterLayer(this as Layer, request, passed);
    }
    return original.call(this, request, response, passed);
  };
}

/**
 * Every router assigns `req.route` when a route matches, before the parameters are processed, which may fail. An
 * accessor on the prototype of all requests sees that. Requests without followers keep a plain property.
 */
function prepareRequests(request: object): void {
  const prototype = baseOf(request);
  if (Object.hasOwn(prototype, PREPARED)) return;
  Object.defineProperty(prototype, PREPARED, { value: true });
  Object.defineProperty(prototype, 'route', {
    configurable: true,
    get(this: object) {
      return followersOf(this)?.route;
    },
    set(this: ExpressRequest, route: ExpressRoute | undefined) {
      let follower = followersOf(this);
      if (follower === undefined) {
        Object.defineProperty(this, 'route', { value: route, writable: true, enumerable: true, configurable: true });
        return;
      }
      follower.route = route;
      // Any other value that is assigned is not a route of a router.
      if (route?.stack === undefined) return;
      for (; follower !== undefined; follower = follower.following) follower.enterRoute(route, this);
    },
  });
}

/** Returns the prototype that the requests of all apps of a copy of Express share. */
function baseOf(request: object): object {
  let base = request;
  for (
    let above = Object.getPrototypeOf(base);
    above !== null && 'accepts' in above;
    above = Object.getPrototypeOf(above)
  ) {
    base = above;
  }
  return base;
}

function ownerOf(prototype: object | null, name: string): object | undefined {
  let owner = prototype;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}

function override(prototype: object, name: string, make: (original: Method) => Method): void {
  if (Object.hasOwn(prototype, PREPARED)) return;
  Object.defineProperty(prototype, PREPARED, { value: true });
  const methods = prototype as Record<string, Method>;
  const original = methods[name] as Method;
  const { name: text } = original;
  methods[name] = Object.defineProperty(make(original), 'name', { value: text, configurable: true });
}
