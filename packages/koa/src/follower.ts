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
  if (!Object.hasOwn(prototype, MATCHED)) prepare(prototype, '_matchedRoute');
  // New Relic gives each context a property of its own, which hides the one of the prototype.
  const isHidden = Object.hasOwn(context, '_matchedRoute');
  if (isHidden && !Object.hasOwn(context, MATCHED)) prepare(context, 'routerPath');
  (context as Followed)[FOLLOWERS] = follower;
}

/**
 * A router assigns `_matchedRoute` of a context when a route matches, and both properties before each function that gets
 * the request. An accessor sees that, and the routers do not change.
 */
function prepare(target: object, property: '_matchedRoute' | 'routerPath'): void {
  const value = (target as { readonly _matchedRoute?: Layer['path']; readonly routerPath?: Layer['path'] })[property];
  Object.defineProperty(target, MATCHED, { value, writable: true });
  Object.defineProperty(target, property, {
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
