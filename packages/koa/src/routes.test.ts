import { createInstrument, type Instrument } from '@coalmine/node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApp, createRouter, Registry, ROUTERS, type TestRouter } from './fixtures/routers.js';
import type { Layer, RoutedContext } from './koa.js';
import { routeOptions } from './route-options.js';
import { Routes } from './routes.js';

const respond = (): void => {};

/** Reads the routers of an app, and returns its routes, and the routes that have series. */
function read(routers: readonly TestRouter[]) {
  const instrument: Instrument = createInstrument({ registry: new Registry(), health: false });
  onTestFinished(() => instrument.close());
  const app = createApp();
  for (const router of routers) app.use(router.routes());
  const routes = new Routes(instrument);
  routes.read(app);
  routes.read(app);
  return {
    app,
    routes,
    series: () => [...instrument.metrics.routes()].map(({ method, pattern }) => `${method} ${pattern}`).slice(1),
  };
}

describe.each(ROUTERS)('the routes of %s', (version) => {
  /** Returns the context of a request that is not mounted. */
  const contextOf = (router: TestRouter, path: string): RoutedContext =>
    ({ router, path, originalUrl: path }) as unknown as RoutedContext;
  const layerAt = (router: TestRouter, index: number): Layer => router.stack.at(index) as Layer;

  it('have their pattern without the slash at its end, and GET without HEAD', () => {
    const router = createRouter(version);
    for (const path of ['/', '/a/', '/b/:id']) router.get(path, respond);
    expect(read([router]).series()).toEqual(['GET /', 'GET /a', 'GET /b/:id']);
    const prefixed = createRouter(version, { prefix: '/p' });
    prefixed.get('/c', respond);
    expect(read([prefixed]).series()).toEqual(['GET /p/c']);
  });

  it('have the common methods if they take every method', () => {
    const router = createRouter(version);
    router.all('/a', respond);
    expect(read([router]).series()).toEqual(['GET /a', 'POST /a', 'PUT /a', 'PATCH /a', 'DELETE /a']);
  });

  it('have options of the router from there on, and options of their own, which come last', () => {
    const router = createRouter(version);
    router.get('/early', respond);
    router.use(routeOptions(false));
    router.get('/late', respond);
    router.get('/own', routeOptions({ exclude: false }), respond);
    const { routes } = read([router]);
    const excluded = [0, 2, 3].map((i) => {
      const layer = layerAt(router, i);
      return [layer.path, routes.patternOf(layer, contextOf(router, '/'))?.isExcluded];
    });
    expect(excluded).toEqual([
      ['/early', false],
      ['/late', true],
      ['/own', false],
    ]);
  });

  it('keep their pattern when the app is read again', () => {
    const router = createRouter(version);
    router.get('/a', respond);
    const { app, routes } = read([router]);
    const pattern = routes.patternOf(layerAt(router, 0), contextOf(router, '/a'));
    routes.read(app);
    expect(routes.patternOf(layerAt(router, 0), contextOf(router, '/a'))).toBe(pattern);
  });

  it('have options in use() for a path only if they are below that path', () => {
    const router = createRouter(version);
    router.use('/in', routeOptions(false));
    for (const path of ['/in', '/in/:id', '/inner', '/out']) router.get(path, respond);
    const { routes } = read([router]);
    const excluded = [1, 2, 3, 4].map((i) => routes.patternOf(layerAt(router, i), contextOf(router, '/'))?.isExcluded);
    expect(excluded).toEqual([true, true, false, false]);
  });

  it('are read when a request comes, if their router is in a mounted app', () => {
    const router = createRouter(version);
    router.get('/a', respond);
    const { routes, series } = read([]);
    expect(series()).toEqual([]);
    const layer = layerAt(router, 0);
    const context = { router, path: '/a', originalUrl: '/m/a', mountPath: '/m' } as unknown as RoutedContext;
    const pattern = routes.patternOf(layer, context);
    expect(pattern).toBeDefined();
    expect(routes.patternOf(layer, context)).toBe(pattern);
    expect(routes.patternOf(layer, contextOf(router, '/a'))).not.toBe(pattern);
    expect(series()).toEqual(['GET /m/a', 'GET /a']);
    // Without a router, nothing is known of the mount.
    expect(
      routes.patternOf(layer, { ...context, mountPath: '/m', originalUrl: '/x/m/a', router: undefined } as never),
    ).toBeUndefined();
  });
});

it('options in app.use() are warned of once, because they have no effect', () => {
  const warnings: unknown[] = [];
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((message) => void warnings.push(message));
  onTestFinished(() => spy.mockRestore());
  const { app, routes } = read([]);
  app.use(routeOptions(false));
  routes.read(app);
  routes.read(app);
  expect(warnings).toEqual([
    'coalmine.route() has no effect in app.use(): put it on the route, or in router.use() before the routes',
  ]);
});
