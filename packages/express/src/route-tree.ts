import { Branch, type Entry, isRoute, type Place, Spot } from './branch.js';
import {
  type ExpressApp,
  type ExpressRequest,
  type ExpressRoute,
  type Layer,
  type Router,
  routerOf,
} from './express.js';
import { prepareRouter } from './follower.js';
import { routerAt } from './layer.js';
import { knownMounts, learnMounts, mountOf, OPAQUE } from './mount.js';
import { type Naming, RouteReader } from './route-reader.js';

/** A request. Its base URL is read only where a place depends on it, because that read is costly. */
type Asking = object & Pick<ExpressRequest, 'baseUrl'>;

/**
 * The routers of an app at their mounts: read from what the app has registered, never from the path of a request. A
 * router behind a function, such as a mounted app, joins the tree when the function first leads there.
 */
export class RouteTree {
  readonly #app: ExpressApp;
  readonly #reader: RouteReader;
  #roots: Branch[] = [];
  #unknownRoot: Branch | undefined;
  /** Routes that belong to no branch. */
  readonly #adrift = new WeakMap<Entry, Place>();
  /** Layers that belong to no branch. */
  readonly #strangers = new WeakSet<Entry>();

  constructor(app: ExpressApp, naming: Naming) {
    this.#app = app;
    this.#reader = new RouteReader(naming);
    this.read();
  }

  /** Reads the routes of the app, again if necessary. */
  read(): void {
    const stack = routerOf(this.#app)?.stack ?? [];
    if (this.#roots[0]?.stack !== stack) {
      this.#roots = spotsOf(this.#app).map((spot) => new Branch(stack, undefined, spot));
    }
    for (const root of this.#roots) this.#reader.read(root);
  }

  /** Returns the branch in which a request starts, told by its base URL in the app. */
  start(request: Asking): Branch {
    const [root, ...others] = this.#roots as [Branch];
    if (others.length === 0 && this.#app.parent === undefined) return root;
    const baseUrl = baseUrlOf(request);
    const mounted = this.#roots.find((each) => each.matches(baseUrl));
    if (mounted !== undefined) return mounted;
    // The app is mounted more than once, and knows only the last of its mounts.
    this.#unknownRoot ??= new Branch(root.stack, undefined, new Spot(OPAQUE, OPAQUE, []));
    return this.#unknownRoot;
  }

  /** Returns the place of an entry that has a request. Searches a branch and the branches above it. */
  find(branch: Branch, entry: Entry, request: Asking): Place | undefined {
    for (let each: Branch | undefined = branch; each !== undefined; each = each.above) {
      const places = each.places.get(entry) ?? (each.isRead ? undefined : this.#update(each, entry));
      if (places === undefined) continue;
      return choose(each.uncertain.has(entry) ? this.#learn(each, entry as Layer) : places, request);
    }
    // A route may be called by a function as well as mounted.
    return this.#search(branch, entry, request) ?? this.#adrift.get(entry);
  }

  /** Returns the place of an entry that has a request with this base URL. Searches a branch and everything in it. */
  findIn(branch: Branch, entry: Entry, baseUrl: string): Place | undefined {
    const places = branch.places.get(entry) ?? [];
    // A route has the base URL of its router; a layer adds its own mount.
    const place = places.find((each) => (isRoute(entry) ? branch.matches(baseUrl) : each.matches(baseUrl)));
    if (place !== undefined) return place;
    for (const inner of branchesIn(branch)) {
      const deeper = this.findIn(inner, entry, baseUrl);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }

  /** Returns a place for a route that belongs to no branch. */
  adrift(route: ExpressRoute): Place {
    const place = this.#reader.adriftPlace(new Branch([], undefined, new Spot(OPAQUE, OPAQUE, [])), route);
    this.#adrift.set(route, place);
    return place;
  }

  /**
   * Returns the branch of a router that is reached from a place in a branch, or from the branch if the place is
   * unknown.
   */
  enter(from: Place | undefined, within: Branch, router: Router): Branch {
    const { stack } = router;
    // A request that is sent back to a router has not gone deeper, and a router may be mounted below itself.
    const known = within.enclosing(stack) ?? (from ?? within).branches?.get(stack);
    if (known !== undefined) return known;
    prepareRouter(router);
    const grown = within.grow(from ?? within, stack);
    this.#reader.read(grown);
    return grown;
  }

  /** Reads a branch whose stack has changed, and returns the places of an entry in it. */
  #update(branch: Branch, entry: Entry): readonly Place[] | undefined {
    this.read();
    // What a function leads to is not reached from the roots.
    if (!branch.isRead) this.#reader.read(branch);
    return branch.places.get(entry);
  }

  /** Learns the mount of a layer that has just matched, and the mounts of its neighbours that match as well. */
  #learn(branch: Branch, entry: Layer): readonly Place[] {
    const { path } = entry;
    let isNews = false;
    for (const [layer, known] of branch.uncertain as Map<Layer, number>) {
      if (path !== undefined) learnMounts(layer, path);
      // Another branch of the same router may have learned it before.
      isNews ||= knownMounts(layer).length > known;
    }
    if (isNews) branch.forget();
    return (isNews ? this.#update(branch, entry) : branch.places.get(entry)) ?? [];
  }

  /** Searches an entry everywhere, such as an entry of a router in which Coalmine itself is `use`d. */
  #search(branch: Branch, entry: Entry, request: Asking): Place | undefined {
    const baseUrl = baseUrlOf(request);
    const found = this.#findInRoots(entry, baseUrl);
    if (found !== undefined || this.#strangers.has(entry)) return found;
    // The entry may have replaced another.
    for (let each: Branch | undefined = branch; each !== undefined; each = each.above) each.forget();
    for (let each: Branch | undefined = branch; each !== undefined; each = each.above) {
      const places = this.#update(each, entry);
      if (places !== undefined) return choose(places, request);
    }
    const added = this.#findInRoots(entry, baseUrl);
    if (added === undefined) this.#strangers.add(entry);
    return added;
  }

  #findInRoots(entry: Entry, baseUrl: string): Place | undefined {
    for (const root of this.#roots) {
      const place = this.findIn(root, entry, baseUrl);
      if (place !== undefined) return place;
    }
    return undefined;
  }
}

/** Returns the one of several places that a request has come to. */
function choose(places: readonly Place[], request: Asking): Place | undefined {
  const [first] = places;
  if (first === undefined || !first.isOneOfSeveral) return first;
  const baseUrl = baseUrlOf(request);
  const matching = places.filter((place) => place.matches(baseUrl));
  // An unknown pattern matches everything.
  return matching.find(({ pattern }) => !pattern.includes(OPAQUE)) ?? matching[0];
}

function baseUrlOf({ baseUrl = '' }: Asking): string {
  return baseUrl;
}

function branchesIn({ places }: Branch): readonly Branch[] {
  return [...places].flatMap(([entry, each]) => {
    const router = isRoute(entry) ? undefined : routerAt(entry);
    return router === undefined ? [] : each.flatMap(({ branches }) => branches?.get(router.stack) ?? []);
  });
}

/** Returns where an app is mounted, as far as the app knows. */
function spotsOf({ parent, mountpath = '/' }: ExpressApp): Spot[] {
  if (parent === undefined) return [new Spot('', '', [])];
  const mounts = [mountpath].flat().map(mountOf);
  return spotsOf(parent).flatMap((above) =>
    mounts.map(({ pattern, scope }) => new Spot(above.pattern + pattern, above.scope + scope, [])),
  );
}
