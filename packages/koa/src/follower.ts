import type { KoaApp, KoaContext, Layer, RoutedContext } from './koa.js';

/** Follows a request: called each time that a router passes the request on. Must not throw. */
export interface Follower {
  /** The next follower of the same request: of another service, or of another copy of this package. */
  readonly following: Follower | undefined;
  routed(context: RoutedContext, path: Layer['path']): void;
}

// On contexts and their prototypes; shared by all copies of this package.
const FOLLOWERS: unique symbol = Symbol.for('coalmine.koa.followers.1') as never;
const MATCHED: unique symbol = Symbol.for('coalmine.koa.matched.1') as never;

interface Followed extends RoutedContext {
  [FOLLOWERS]?: Follower;
  [MATCHED]?: Layer['path'];
}

/** Returns the first follower of a request. */
export function followersOf(context: KoaContext): Follower | undefined {
  return (context as Followed)[FOLLOWERS];
}

/** Adds a follower to a request, before the follower that it names as following. */
export function follow(context: KoaContext, follower: Follower): void {
  const { context: prototype } = context.app as KoaApp;
  if (!Object.hasOwn(prototype, MATCHED)) prepare(prototype);
  (context as Followed)[FOLLOWERS] = follower;
}

/**
 * A router assigns `_matchedRoute` of a context when a route matches, and again before each function that gets the
 * request. An accessor on the prototype of the contexts sees that, and the routers do not change.
 */
function prepare(prototype: object): void {
  Object.defineProperty(prototype, MATCHED, { value: undefined, writable: true });
  Object.defineProperty(prototype, '_matchedRoute', {
    configurable: true,
    get(this: Followed) {
      return this[MATCHED];
    },
    set(this: Followed, path: Layer['path']) {
      this[MATCHED] = path;
      for (let follower = followersOf(this); follower !== undefined; follower = follower.following) {
        follower.routed(this, path);
      }
    },
  });
}
