import { describe, expect, it } from 'vitest';
import type { Branch, Place } from './branch.js';
import type { ExpressApp, ExpressRoute, Layer, Router } from './express.js';
import { expressOf, VERSIONS } from './fixtures/express-of.js';
import { stackOf, treeOf } from './fixtures/tree-of.js';
import { OPAQUE } from './mount.js';

const respond = (_request: unknown, _response: unknown): void => {};
const ROOT = { baseUrl: '' };

const layersOf = stackOf as (from: ExpressApp | Router) => readonly (Layer & { path?: string })[];
/** Returns the last route of an app or a router. */
const routeIn = (from: ExpressApp | Router): ExpressRoute => layersOf(from).at(-1)?.route as ExpressRoute;

describe.each(VERSIONS)('the routers of an app of %s', (version) => {
  const express = expressOf(version);

  it('are empty before the app has any', () => {
    const { tree } = treeOf(express());
    const root = tree.start(ROOT);
    expect([root.pattern, root.places.size]).toEqual(['', 0]);
  });

  it('have a route that was added since they were read', () => {
    const app = express();
    app.get('/a', respond);
    const { tree } = treeOf(app);
    app.get('/b', respond);
    expect(tree.find(tree.start(ROOT), routeIn(app), ROOT)?.pattern).toBe('/b');
  });

  it('have a route that has replaced another', () => {
    const app = express();
    app.get('/a', respond);
    const { tree } = treeOf(app);
    const other = express();
    other.get('/b', respond);
    const stack = (app._router ?? app.router).stack as Layer[];
    stack.splice(-1, 1, layersOf(other).at(-1) as Layer);
    expect(tree.find(tree.start(ROOT), routeIn(app), ROOT)?.pattern).toBe('/b');
  });

  it('do not have a route of another app, which gets a place without a path', () => {
    const [app, other] = [express(), express()];
    app.get('/a', respond);
    other.get('/b', respond);
    const { tree, routes } = treeOf(app);
    const route = routeIn(other);
    expect(tree.find(tree.start(ROOT), route, ROOT)).toBeUndefined();
    const place = tree.adrift(route);
    expect(place.pattern).toBe(`${OPAQUE}/b`);
    expect(routes.at(-1)).toBe(`${OPAQUE}/b`);
    expect(tree.find(tree.start(ROOT), route, ROOT)).toBe(place);
  });

  it('tell the mounts of a router apart by the base URL', () => {
    const app = express();
    const router = express.Router();
    router.get('/c', respond);
    app.use(['/a', '/b/:id'], router);
    const { tree } = treeOf(app);
    const [layer] = layersOf(app) as [Layer & { path?: string }];
    const root = tree.start(ROOT);
    // What the routers before 2.3 note when a mount has matched.
    const patternAt = (baseUrl: string): string | undefined => {
      if (version !== 'express53') layer.path = baseUrl;
      const place = tree.find(root, layer, { baseUrl });
      const branch = tree.enter(place, root, router);
      expect(tree.find(branch, routeIn(router), { baseUrl })?.pattern).toBe(`${place?.pattern}/c`);
      return place?.pattern;
    };
    expect(['/a', '/b/7', '/A'].map(patternAt)).toEqual(['/a', '/b/:id', '/a']);
  });

  it('find a route anywhere in a branch by the base URL', () => {
    const app = express();
    const [outer, inner] = [express.Router(), express.Router()];
    inner.get('/c', respond);
    outer.use('/b', inner);
    app.use(outer);
    const { tree } = treeOf(app);
    const root = tree.start(ROOT);
    const found = (baseUrl: string): Place | undefined => tree.findIn(root, routeIn(inner), baseUrl);
    if (version === 'express50') {
      // Its mount is known after a request has come there.
      const mount = (outer.stack as (Layer & { path?: string })[])[0];
      if (mount !== undefined) mount.path = '/b';
      root.forget();
      tree.read();
    }
    expect(found('/b')?.pattern).toBe('/b/c');
    expect(found('/x')).toBeUndefined();
  });

  it('have one branch for a router at one place, and none deeper for a router that gets its request back', () => {
    const app = express();
    const [outer, inner] = [express.Router(), express.Router()];
    app.use(outer);
    outer.use(inner);
    const { tree } = treeOf(app);
    const root = tree.start(ROOT);
    const place = tree.find(root, layersOf(app)[0] as Layer, ROOT);
    const first = tree.enter(place, root, outer);
    expect(tree.enter(place, root, outer)).toBe(first);
    expect(first.caller).toBeUndefined();
    expect(tree.enter(undefined, first, outer)).toBe(first);
    const deeper = tree.enter(tree.find(first, outer.stack[0] as Layer, ROOT), first, inner);
    expect([deeper.above, deeper.isIn(root), root.isIn(deeper)]).toEqual([first, true, false]);
    expect(tree.enter(undefined, deeper, outer)).toBe(first);
  });

  it('have the routers that a function calls, at the place of the function', () => {
    const app = express();
    const router = express.Router();
    router.use(respond);
    router.use('/deeper', respond);
    router.get('/c', respond);
    app.get('/a', respond);
    const { tree } = treeOf(app);
    const root = tree.start(ROOT);
    const caller = tree.find(root, routeIn(app), ROOT) as Place;
    const branch: Branch = tree.enter(caller, root, router);
    // A route does not take its path from the URL.
    expect([branch.pattern, branch.caller]).toEqual(['', caller]);
    const [first, second] = router.stack as [Layer & { path?: string }, Layer & { path?: string }];
    second.path = '/deeper';
    expect(tree.find(branch, first, ROOT)?.route).toBe(caller);
    expect(tree.find(branch, second, ROOT)?.route).toBeUndefined();
    expect(tree.find(branch, routeIn(router), ROOT)?.route).toBeUndefined();
    const other = express.Router();
    other.get('/d', respond);
    (router.stack as Layer[]).splice(-1, 1, other.stack[0] as Layer);
    expect(tree.find(branch, routeIn(router), ROOT)?.pattern).toBe('/d');
  });
});

describe('the places of a router', () => {
  const express = expressOf('express53');

  it('are text where they can be, although an expression matches as well', () => {
    const app = express();
    app.use([/^\/a/, '/b'], respond);
    const { tree } = treeOf(app);
    const [layer] = layersOf(app) as [Layer];
    const patternAt = (baseUrl: string) => tree.find(tree.start(ROOT), layer, { baseUrl })?.pattern;
    expect(['/b', '/c'].map(patternAt)).toEqual(['/b', OPAQUE]);
  });

  it('belong to the route that calls the router, and are no handlers of their own', () => {
    const app = express();
    const [outer, inner] = [express.Router(), express.Router()];
    app.use('/m', outer);
    outer.get('/a', respond);
    inner.use(respond);
    const { tree, handlers } = treeOf(app);
    const root = tree.start(ROOT);
    const branch = tree.enter(tree.find(root, layersOf(app)[0] as Layer, ROOT), root, outer);
    const caller = tree.find(branch, routeIn(outer), ROOT) as Place;
    const deeper = tree.enter(caller, branch, inner);
    expect([deeper.pattern, tree.find(deeper, inner.stack[0] as Layer, ROOT)?.route]).toEqual(['/m', caller]);
    expect(handlers).toEqual([]);
  });
});

describe.each(VERSIONS)('the mounts of a sub-app of %s', (version) => {
  const express = expressOf(version);

  it('are where its requests start, and no others are known', () => {
    const [app, outer, inner] = [express(), express(), express()];
    inner.get('/c', respond);
    outer.use(['/a', '/b/:id/'], inner);
    app.use('/o', outer);
    const { tree, routes } = treeOf(inner);
    expect(routes).toEqual(['/o/a/c', '/o/b/:id/c']);
    const patternOf = (baseUrl: string): string => tree.start({ baseUrl }).pattern;
    expect(['/o/a', '/O/A/', '/o/b/1', '/a', ''].map(patternOf)).toEqual(['/o/a', '/o/a', '/o/b/:id', OPAQUE, OPAQUE]);
    expect(tree.start({ baseUrl: '/a' })).toBe(tree.start({ baseUrl: '/b' }));
    const once = express();
    app.use('/once', once);
    const { tree: other } = treeOf(once);
    expect(['/once', '/again'].map((baseUrl) => other.start({ baseUrl }).pattern)).toEqual(['/once', OPAQUE]);
  });
});
