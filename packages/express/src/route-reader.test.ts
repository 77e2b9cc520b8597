import { describe, expect, it } from 'vitest';
import type { Layer } from './express.js';
import { type Express, expressOf } from './fixtures/express-of.js';
import { stackOf, treeOf } from './fixtures/tree-of.js';
import { isWatched } from './layer.js';
import { routeOptions } from './route-options.js';

const respond = (_request: unknown, _response: unknown): void => {};
const pass = (_request: unknown, _response: unknown, next: () => void): void => next();
const onError = (_error: unknown, _request: unknown, _response: unknown, next: () => void): void => next();
const SLOW = routeOptions({ objective: { latency: 2 } });
const HIDDEN = routeOptions(false);

type App = ReturnType<Express>;

// Their routers know every mount at once.
describe.each(['express4', 'express53'] as const)('the routes of %s', (version) => {
  const express = expressOf(version);

  function read(build: (app: App) => void): ReturnType<typeof treeOf> & { readonly app: App } {
    const app = express();
    build(app);
    return { ...treeOf(app), app };
  }

  it.each<[what: string, build: (app: App) => void, routes: string[]]>([
    ['none', () => {}, []],
    ['a route at the root', (app) => app.get('/', respond), ['/']],
    ['a route with a slash at its end', (app) => app.get('/a/', respond), ['/a']],
    ['routes with several paths', (app) => app.get(['/a', '/b/:c'], respond), ['/a,/b/:c']],
    ['a regular expression', (app) => app.get(/^\/(a|b)$/, respond), ['/^\\/(a|b)$/']],
    [
      'routes with options before the others',
      (app) => {
        app.get('/a', respond);
        app.get('/b', respond);
        app.route('/c').get(SLOW, respond);
        app.use('/d', HIDDEN);
        app.get('/d', respond);
        app.get('/e', respond);
      },
      ['/c', '/d excluded', '/a', '/b', '/e'],
    ],
    [
      'routers in routers, at their mounts',
      (app) => {
        const [outer, inner] = [express.Router(), express.Router()];
        inner.get('/', respond);
        inner.get('/:id', respond);
        outer.use('/items', inner);
        outer.use(inner);
        app.use('/:tenant', outer);
        app.use(['/x/', '/y'], inner);
      },
      ['/:tenant/items', '/:tenant/items/:id', '/:tenant', '/:tenant/:id', '/x', '/x/:id', '/y', '/y/:id'],
    ],
    [
      'a router that is mounted below itself',
      (app) => {
        const router = express.Router();
        router.get('/a', respond);
        router.use('/again', router);
        app.use('/r', router);
      },
      ['/r/a'],
    ],
    [
      'what options in use() cover: the same path and below, later in the same router',
      (app) => {
        const router = express.Router();
        router.get('/early', respond);
        router.use('/in', HIDDEN);
        router.get('/in', respond);
        router.get('/in/side', respond);
        router.get('/inner', respond);
        router.get(['/in/a', '/in/b'], respond);
        router.get(['/in/a', '/out'], respond);
        app.use('/r', router);
        app.get('/in', respond);
      },
      [
        '/r/in excluded',
        '/r/in/side excluded',
        '/r/in/a,/r/in/b excluded',
        '/r/early',
        '/r/inner',
        '/r/in/a,/r/out',
        '/in',
      ],
    ],
    [
      'options of a mount, which reach into its router',
      (app) => {
        const router = express.Router();
        router.get('/a', respond);
        app.use('/r', HIDDEN, router);
        app.use('/s', router);
      },
      ['/r/a excluded', '/s/a'],
    ],
  ])('are %s', (_what, build, routes) => {
    expect(read(build).routes).toEqual(routes);
  });

  it.each<[what: string, build: (app: App) => void, handlers: string[]]>([
    ['at the root', (app) => app.use(respond), []],
    ['before a route at its path', (app) => [app.use('/a', pass), app.get('/a', respond)], []],
    ['before a route below its path', (app) => [app.use('/a', pass), app.get('/a/b', respond)], []],
    ['before a route beside its path', (app) => [app.use('/a', respond), app.get('/ab', respond)], ['/a']],
    ['after a route', (app) => [app.get('/a', respond), app.use('/a', respond)], ['/a']],
    ['several at one path', (app) => [app.use('/a', pass), app.use('/a', respond)], ['/a']],
    ['below another', (app) => [app.use('/a/b', respond), app.use('/a', respond)], ['/a/b', '/a']],
    ['for errors', (app) => app.use('/a', onError), []],
    ['for files', (app) => app.use('/a', express.static('.')), ['/a']],
    ['at several paths', (app) => app.use(['/a', '/b/:c'], respond), ['/a', '/b/:c']],
    ['before options, which respond to nothing', (app) => [app.use('/a', respond), app.use('/a', SLOW)], ['/a']],
    [
      'in a router, but not at its root',
      (app) => {
        const router = express.Router();
        router.use('/b', respond);
        router.use(respond);
        app.use('/a', router);
      },
      ['/a/b'],
    ],
  ])('have a function that may respond: %s', (_what, build, handlers) => {
    expect(read(build).handlers).toEqual(handlers);
  });

  it('may be unknown below an app that is mounted', () => {
    const { unread } = read((app) => {
      app.use(pass);
      app.use('/a', express.Router());
      app.use(['/b', '/c/:d'], express());
      app.use('/e', respond);
    });
    expect(unread).toEqual(['/b', '/c/:d']);
  });

  it('have layers that are watched only where a request says something when it arrives', () => {
    const { app } = read((app) => {
      app.use(pass);
      app.use(['/a', '/b'], pass);
      app.get('/a', respond);
      app.get('/b', respond);
      app.use('/c', pass);
      app.get('/c', respond);
      app.use('/d', HIDDEN, pass);
      app.get('/d', respond);
      app.use('/e', respond);
      app.use(respond);
    });
    const watched = stackOf(app).map((layer, i) => (isWatched(layer) ? i : -1));
    // Several mounts, an excluded mount (after its options), and a function that may respond.
    expect(watched.filter((i) => i >= 0)).toEqual([1, 7, 9]);
  });

  it('are read again only where they have changed', () => {
    const { app, tree, routes } = read((app) => {
      app.get('/a', respond);
      app.use('/b', express.Router());
    });
    const root = tree.start({ baseUrl: '' });
    const places = new Map(root.places);
    app.get('/c', respond);
    expect(root.isRead).toBe(false);
    tree.read();
    expect(root.isRead).toBe(true);
    expect(routes).toEqual(['/a', '/a', '/c']);
    for (const [entry, before] of places) expect(root.places.get(entry)?.[0]).toBe(before[0]);
  });

  it('are other places once their options have changed', () => {
    const { app, tree } = read((app) => app.route('/a').get(respond));
    const root = tree.start({ baseUrl: '' });
    const { route } = stackOf(app)[0] as Layer;
    if (route === undefined) throw new Error('no route');
    const before = root.places.get(route)?.[0];
    (route as ReturnType<App['route']>).all(HIDDEN);
    tree.read();
    const after = root.places.get(route)?.[0];
    expect([before?.said?.exclude, after?.said?.exclude]).toEqual([undefined, true]);
    expect(after?.routePattern(undefined).isExcluded).toBe(true);
  });
});

describe('the routes of the first Express 5', () => {
  it('may be unknown beside a router whose mount is', () => {
    const express = expressOf('express50');
    const app = express();
    app.use('/a', respond);
    expect(treeOf(app).unread).toEqual([]);
    app.use('/b', express.Router());
    expect(treeOf(app).unread).toEqual(['']);
  });
});

describe('options at a mount of the first Express 5', () => {
  it('are lost if nothing tells which mounts are the same', () => {
    const app = expressOf('express50')();
    app.use('/a{/:b}', HIDDEN);
    app.use('/c', HIDDEN);
    app.get('/a', respond);
    const { tree, lost } = treeOf(app);
    expect(lost).toEqual([]);
    const [layer, other] = stackOf(app) as [Layer & { path?: string }, Layer & { path?: string }];
    layer.path = '/a';
    other.path = '/c';
    tree.read();
    expect(new Set(lost)).toEqual(new Set([layer]));
  });
});
