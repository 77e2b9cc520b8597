import type { CombinedRouteOptions, RoutePattern } from '@coalmine/node';
import type { ExpressRoute, Layer } from './express.js';
import { leadsToRouter } from './layer.js';
import { baseUrlsOf } from './mount.js';
import { type Mark, saysByMethod } from './route-options.js';

/** A place in the routers, with the options of everything there. */
export class Spot {
  /** The path as text, mounts included; empty for the root. */
  readonly pattern: string;
  /** Differs for different paths that have the same text. */
  readonly scope: string;
  marks: readonly Mark[];
  /** The routers that are reached from here, by their layers. */
  branches: WeakMap<readonly Layer[], Branch> | undefined;
  #baseUrls: RegExp | undefined;

  constructor(pattern: string, scope: string, marks: readonly Mark[]) {
    this.pattern = pattern;
    this.scope = scope;
    this.marks = marks;
  }

  /** Whether a request that has come here can have this base URL. */
  matches(baseUrl: string): boolean {
    if (baseUrl === this.pattern) return true;
    this.#baseUrls ??= baseUrlsOf(this.pattern);
    return this.#baseUrls.test(baseUrl);
  }
}

/** What a router passes a request to: a route, or the layer of something that was `use`d. */
export type Entry = ExpressRoute | Layer;

export function isRoute(entry: Entry): entry is ExpressRoute {
  return 'methods' in entry;
}

/** A router at one of its mounts. The same router at another mount is another branch. */
export class Branch extends Spot {
  readonly stack: readonly Layer[];
  readonly above: Branch | undefined;
  /** The function that calls the router, and that has the request again when the router is done. */
  readonly caller: Place | undefined;
  /** The places of its entries: several places for an array of mounts, none for a mount that is not known yet. */
  places: Map<Entry, readonly Place[]> = new Map();
  /** The layers with mounts that are not known yet, and the number of their known mounts. */
  uncertain: Map<Entry, number> = new Map();
  /** How many layers the stack had when it was read; -1 before. */
  size = -1;

  constructor(
    stack: readonly Layer[],
    above: Branch | undefined,
    { pattern, scope, marks }: Spot,
    caller: Place | undefined = undefined,
  ) {
    super(pattern, scope, marks);
    this.stack = stack;
    this.above = above;
    this.caller = caller;
  }

  /** Whether the whole stack has been read. */
  get isRead(): boolean {
    return this.size === this.stack.length;
  }

  /** Makes the stack be read again before its next use. */
  forget(): void {
    this.size = -1;
  }

  /** Returns this branch or the outer branch whose stack this is. */
  enclosing(stack: readonly Layer[]): Branch | undefined {
    let branch: Branch | undefined = this;
    while (branch !== undefined && branch.stack !== stack) branch = branch.above;
    return branch;
  }

  /** Returns the branch of a router that is reached from a place in this branch, and creates it if there is none. */
  grow(from: Spot, stack: readonly Layer[]): Branch {
    from.branches ??= new WeakMap();
    let branch = from.branches.get(stack);
    if (branch === undefined) {
      // The path of a route stays in the URL, so the URL in a function that the route calls is matched as a whole.
      const { pattern, scope } = from instanceof Place && isRoute(from.entry) ? this : from;
      branch = new Branch(stack, this, new Spot(pattern, scope, from.marks), callerAt(from));
      from.branches.set(stack, branch);
    }
    return branch;
  }

  /** Whether this branch is `other`, or is inside it. */
  isIn(other: Branch): boolean {
    let branch: Branch | undefined = this;
    while (branch !== undefined && branch !== other) branch = branch.above;
    return branch === other;
  }
}

/**
 * Returns the pattern on which the requests of a place are counted: requests with one method, in lower case, or all
 * requests.
 */
export type Name = (place: Place, method: string | undefined) => RoutePattern;

/** One place of an entry. */
export class Place extends Spot {
  readonly branch: Branch;
  readonly entry: Entry;
  /** The scopes of all its paths: a route may have several. */
  readonly scopes: readonly string[];
  readonly said: CombinedRouteOptions | undefined;
  /** Whether the entry has other places in the same branch. */
  readonly isOneOfSeveral: boolean;
  /** Whether requests are counted here as soon as they arrive, rather than when they have ended. */
  isNamedOnArrival = false;
  /** Whether the options of a route differ by method. */
  readonly isByMethod: boolean;
  readonly #name: Name;
  readonly #named = new Map<string | undefined, RoutePattern>();

  constructor(branch: Branch, entry: Entry, at: At, said: CombinedRouteOptions | undefined, name: Name) {
    super(at.pattern, at.scopes[0] ?? '', []);
    this.branch = branch;
    this.entry = entry;
    this.scopes = at.scopes;
    this.said = said;
    this.isOneOfSeveral = at.isOneOfSeveral ?? false;
    this.isByMethod = isRoute(entry) && saysByMethod(entry);
    this.#name = name;
  }

  /**
   * The route that has called the router, for a function at the root of the router: the function is a handler of the
   * route, like the functions that the route calls itself.
   */
  get route(): Place | undefined {
    const { caller, pattern } = this.branch;
    if (caller === undefined || !isRoute(caller.entry) || isRoute(this.entry)) return undefined;
    return this.pattern === pattern ? caller : undefined;
  }

  /**
   * Returns the pattern on which its requests are counted: requests with one method, in lower case, or all requests.
   */
  routePattern(method: string | undefined): RoutePattern {
    let pattern = this.#named.get(method);
    if (pattern === undefined) {
      pattern = this.#name(this, method);
      this.#named.set(method, pattern);
    }
    return pattern;
  }
}

/** Returns the place that calls a router, unless the router is mounted there. */
function callerAt(spot: Spot): Place | undefined {
  if (!(spot instanceof Place)) return undefined;
  const { entry } = spot;
  return isRoute(entry) || !leadsToRouter(entry) ? spot : undefined;
}

interface At {
  readonly pattern: string;
  readonly scopes: readonly string[];
  readonly isOneOfSeveral?: boolean;
}
