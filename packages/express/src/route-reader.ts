import type { CombinedRouteOptions } from '@coalmine/node';
import { type Branch, isRoute, type Name, Place } from './branch.js';
import type { ExpressRoute, Layer, Path, Router } from './express.js';
import { prepareRouter } from './follower.js';
import { leadsToRouter, routerAt, watch } from './layer.js';
import { knownMounts, learnMounts, mountOf, mountsOf, OPAQUE, stripSlashes } from './mount.js';
import { type Mark, routeOptionsOf, saidByRoute, saidOf } from './route-options.js';

/** Receives what a reader finds, and names it. */
export interface Naming {
  readonly name: Name;
  /** Called for a route. */
  route(place: Place, route: ExpressRoute): void;
  /** Called for a function that may respond itself, because nothing after it is at its path or below. */
  handler(place: Place): void;
  /** Called for a path below which the app may have routes that are known only after a request has come to them. */
  unread(pattern: string): void;
  /** Called for options in `use` at a path that cannot be told from others, so that they apply to nothing. */
  warnLost(layer: Layer): void;
}

/** Reads branches: their entries, the places of these, and their options. */
export class RouteReader {
  readonly #naming: Naming;

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  /** Reads a branch and the branches in it, again if necessary. */
  read(branch: Branch): void {
    const found: Place[] = [];
    this.#walk(branch, found);
    this.#nameRoutes(found);
    // From the end, so that the entries after a place are known.
    const later = new Set<string>();
    const handlers: Place[] = [];
    for (const place of found.reverse()) {
      if (!isRoute(place.entry) && this.#isHandler(place, place.entry, later)) handlers.push(place);
      for (const scope of place.scopes) addWithAbove(scope, later);
    }
    for (const place of handlers.reverse()) this.#naming.handler(place);
  }

  /** Creates the named place of a route that belongs to no branch. */
  adriftPlace(branch: Branch, route: ExpressRoute): Place {
    const place = this.#routePlace(branch, route, []);
    this.#naming.route(place, route);
    return place;
  }

  /** Returns the place of a route in a branch: its present place, unless its options have changed since. */
  #routePlace(branch: Branch, route: ExpressRoute, marks: readonly Mark[], before?: Place): Place {
    const paths = [route.path].flat();
    const scopes = paths.map((path) => branch.scope + (typeof path === 'string' ? mountOf(path).scope : `/${path}`));
    const said = saidByRoute(saidOf(scopes, marks), route, undefined);
    const pattern = paths.map((path) => fullPattern(branch.pattern, path)).join(',');
    const place = this.#keep(before, said) ?? new Place(branch, route, { pattern, scopes }, said, this.#naming.name);
    place.marks = marks;
    return place;
  }

  /**
   * Names routes, and routes with options first: the first of several routes with one pattern decides the objective,
   * and may be a middleware without options, such as a middleware of Nest.
   */
  #nameRoutes(found: readonly Place[]): void {
    const hasOptions = ({ said, isByMethod }: Place): boolean => said !== undefined || isByMethod;
    for (const place of [...found.filter(hasOptions), ...found.filter((each) => !hasOptions(each))]) {
      if (isRoute(place.entry)) this.#naming.route(place, place.entry);
    }
  }

  #walk(branch: Branch, found: Place[]): void {
    const before = branch.places;
    branch.places = new Map();
    branch.uncertain = new Map();
    branch.size = branch.stack.length;
    let { marks } = branch;
    for (const layer of branch.stack) {
      const { route, handle } = layer;
      if (route !== undefined) {
        const place = this.#routePlace(branch, route, marks, before.get(route)?.[0]);
        branch.places.set(route, [place]);
        found.push(place);
        continue;
      }
      const places = this.#layerPlaces(branch, layer, marks, before.get(layer) ?? []);
      const options = routeOptionsOf(handle);
      if (options !== undefined) {
        // It never responds, so it has no place.
        branch.places.set(layer, []);
        marks = [...marks, ...places.map(({ scope }) => ({ scope, options }))];
        if (knownMounts(layer).some(({ scope }) => scope === undefined)) this.#naming.warnLost(layer);
        continue;
      }
      branch.places.set(layer, places);
      // An error handler gets no request.
      if (handle.length > 3) continue;
      const router = routerAt(layer);
      // Even if its mount is not known yet, the router tells when a request comes.
      if (router !== undefined) prepareRouter(router);
      if (branch.uncertain.has(layer) && leadsToRouter(layer)) this.#naming.unread(branch.pattern);
      for (const place of places) {
        if (router !== undefined) this.#walkInto(place, router, found);
        else if (leadsToRouter(layer)) this.#naming.unread(place.pattern);
        found.push(place);
      }
    }
  }

  /** Walks the router that is mounted at a place. */
  #walkInto(place: Place, router: Router, found: Place[]): void {
    // A router that is mounted below itself has no end.
    if (place.branch.enclosing(router.stack) !== undefined) return;
    const inner = place.branch.grow(place, router.stack);
    inner.marks = place.marks;
    this.#walk(inner, found);
  }

  #layerPlaces(branch: Branch, layer: Layer, marks: readonly Mark[], before: readonly Place[]): readonly Place[] {
    if (layer.path !== undefined) learnMounts(layer, layer.path);
    const { length } = mountsOf(layer);
    const mounts = knownMounts(layer);
    const isOneOfSeveral = length > 1;
    // Only the base URL shows which of several places it is, as long as the layer has the request.
    if (isOneOfSeveral || mounts.length < length) watch(layer);
    if (mounts.length < length) branch.uncertain.set(layer, mounts.length);
    return mounts.map((mount) => {
      // If nothing tells which paths are the same, the scope uses the position of the layer.
      const scope = branch.scope + (mount.scope ?? `/${OPAQUE}${branch.stack.indexOf(layer)}`);
      const pattern = branch.pattern + mount.pattern;
      const said = saidOf([scope], marks);
      const known = before.find((each) => each.pattern === pattern && each.scope === scope);
      const at = { pattern, scopes: [scope], isOneOfSeveral };
      const place = this.#keep(known, said) ?? new Place(branch, layer, at, said, this.#naming.name);
      place.marks = marks;
      return place;
    });
  }

  #keep(before: Place | undefined, said: CombinedRouteOptions | undefined): Place | undefined {
    const isSame = before?.said?.exclude === said?.exclude && before?.said?.objective === said?.objective;
    return isSame ? before : undefined;
  }

  /** Whether a place belongs to a function that may respond itself. Such a place is prepared for its requests. */
  #isHandler(place: Place, layer: Layer, later: ReadonlySet<string>): boolean {
    const isLast = !later.has(place.scope) && !leadsToRouter(layer) && place.route === undefined;
    const isRoot = place.pattern === '';
    // At the root, most functions only pass requests on.
    place.isNamedOnArrival = isLast && (!isRoot || place.said?.objective !== undefined);
    if (place.isNamedOnArrival || place.said?.exclude) watch(layer);
    return isLast && !isRoot;
  }
}

/** Adds a scope, and every scope above it. */
function addWithAbove(scope: string, scopes: Set<string>): void {
  scopes.add(scope);
  for (let end = scope.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : scope.lastIndexOf('/', end - 1)) {
    scopes.add(scope.slice(0, end));
  }
}

function fullPattern(base: string, path: Path): string {
  return typeof path === 'string' ? stripSlashes(base + path) || '/' : base + String(path);
}
