import { type ExpressApp, type ExpressRoute, isApp, type Layer, type Path, stackOf } from './express.js';
import { type Mount, mountAt, OPAQUE, patternOf, patternsOf } from './mount.js';

/** One place at which a route can be reached. */
interface Place<T> {
  readonly mount: Mount;
  /** The whole pattern, mounts included: what the route is called. */
  readonly pattern: string;
  /** What `found` has made of it. */
  readonly made: T;
}

/** Which pattern a route has, told from where its routers are mounted and never from the path of a request. */
export interface RouteTable<T> {
  /** Reads the routes of the app, again if need be. */
  read(): void;
  /** What was made of a route that is dispatched right now, below `baseUrl`, by `app`. */
  lookUp(route: ExpressRoute, baseUrl: string, app: ExpressApp): T;
}

// Routes may be added at any time, but a route in a place that cannot be known must not cost a walk per request.
const REREAD_MILLISECONDS = 1_000;

/** Calls `found` once for each pattern of each route, and `entered` for each app that a router leads to. */
export function createRouteTable<T>(
  root: ExpressApp,
  found: (route: ExpressRoute, pattern: string) => T,
  entered: (app: ExpressApp) => void,
): RouteTable<T> {
  // On the route itself, where a request finds it at once.
  const PLACES = Symbol('coalmine.places');
  type Known = ExpressRoute & { [PLACES]?: Place<T>[] };
  /** What is mounted somewhere, routers or not. */
  const mounts = new Map<string, Mount>();
  /** Layers whose pattern shows only after they have matched. */
  let unknown: Layer[] = [];
  let readAt = 0;

  return {
    read,
    lookUp(route, baseUrl, app) {
      return (known(route, baseUrl) ?? search(route, baseUrl, app) ?? add(route, guess(baseUrl))).made;
    },
  };

  function read(): void {
    unknown = [];
    readAt = performance.now();
    walk(stackOf(root), prefixesOf(root));
  }

  function known(route: Known, baseUrl: string): Place<T> | undefined {
    const all = route[PLACES];
    if (all === undefined) return undefined;
    for (const place of all) if (place.mount.matches(baseUrl)) return place;
    return undefined;
  }

  function search(route: Known, baseUrl: string, app: ExpressApp): Place<T> | undefined {
    const isNews = route[PLACES] === undefined || unknown.some(({ path }) => path !== undefined);
    if (!isNews && performance.now() - readAt < REREAD_MILLISECONDS) return undefined;
    read();
    // A mounted app hides behind a function, but knows where it is mounted.
    if (app !== root && app.parent !== undefined) walk(stackOf(app), prefixesOf(app));
    return known(route, baseUrl);
  }

  /** A router that is called by hand: whatever is mounted there has called it. */
  function guess(baseUrl: string): Mount {
    for (const mount of mounts.values()) if (mount.matches(baseUrl)) return mount;
    return mountAt('', OPAQUE);
  }

  /** `below` is where the stack is mounted; unknown, it is walked for the apps in it alone. */
  function walk(
    stack: readonly Layer[],
    below: readonly Mount[] | undefined,
    above: readonly (readonly Layer[])[] = [],
  ): void {
    for (const layer of stack) {
      if (layer.route !== undefined) {
        for (const mount of below ?? []) add(layer.route, mount);
        continue;
      }
      const here = below === undefined ? undefined : mountsOf(layer, below);
      const inner = innerStackOf(layer);
      // A router that is mounted below itself has no end.
      if (inner !== undefined && inner !== stack && !above.includes(inner)) walk(inner, here, [...above, stack]);
    }
  }

  function mountsOf(layer: Layer, below: readonly Mount[]): readonly Mount[] | undefined {
    const patterns = patternsOf(layer);
    if (patterns === undefined) {
      unknown.push(layer);
      return undefined;
    }
    const here = below.flatMap(({ pattern: base }) => patterns.map((pattern) => mountAt(base, pattern)));
    for (const mount of here) if (!mounts.has(mount.pattern)) mounts.set(mount.pattern, mount);
    return here;
  }

  function innerStackOf({ handle }: Layer): readonly Layer[] | undefined {
    if (!isApp(handle)) return handle.stack;
    // An app that a router uses inherits nothing from the app above.
    entered(handle);
    return stackOf(handle);
  }

  function add(route: Known, mount: Mount): Place<T> {
    const pattern = [route.path]
      .flat()
      .map((path) => fullPattern(mount.pattern, path))
      .join(',');
    const all = route[PLACES] ?? [];
    const same = all.find((place) => place.pattern === pattern);
    if (same !== undefined) return same;
    const place = { mount, pattern, made: found(route, pattern) };
    Object.defineProperty(route, PLACES, { value: [...all, place], configurable: true });
    return place;
  }
}

function fullPattern(base: string, path: Path): string {
  return typeof path === 'string' ? mountAt(base, path).pattern || '/' : base + String(path);
}

function prefixesOf(app: ExpressApp): readonly Mount[] {
  const { parent, mountpath = '/' } = app;
  if (parent === undefined) return [mountAt('', '')];
  const paths = [mountpath].flat();
  return prefixesOf(parent).flatMap(({ pattern }) => paths.map((path) => mountAt(pattern, patternOf(path))));
}
