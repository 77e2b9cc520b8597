import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/koa';
import { type CoalmineOptions, fail } from '@coalmine/node';
import type Router from '@koa/router';
import type Koa from 'koa';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { openRaw, send, until } from '../support/client.js';
import { scrapeUntil } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { type Served, serve } from './frameworks.js';

const require = createRequire(import.meta.url);
// The oldest supported router, and each later router that writes patterns in another way.
const VERSIONS = [
  { koa: 'koa2', router: 'koa-router10', rest: '(.*)' },
  { koa: 'koa2', router: 'koa-router13', rest: '(.*)' },
  { koa: 'koa', router: '@koa/router', rest: '{*rest}' },
] as const;

describe.each(VERSIONS)('$koa with $router', ({ koa, router: routerName, rest }) => {
  const KoaApp: typeof Koa = require(koa);
  const KoaRouter: typeof Router = require(routerName);
  const mount: (path: string, app: Koa) => Koa.Middleware = require('koa-mount');
  let service: Served;
  afterEach(() => service.close());

  function created(options: CoalmineOptions = {}): Koa {
    const app = new KoaApp();
    app.silent = true;
    app.use(coalmine({ registry: new Registry(), warmup: false, ...options }));
    return app;
  }

  async function served(app: Koa): Promise<number> {
    service = await serve(createServer(app.callback()));
    return service.port;
  }

  /** Serves the app, sends a GET to each path, and returns what was counted. */
  async function counted(app: Koa, paths: readonly string[]): Promise<Record<string, number>> {
    const port = await served(app);
    for (const path of paths) await send(port, path);
    return (await service.scrape()).requests();
  }

  const ok = (context: Koa.ParameterizedContext): void => {
    context.body = 'ok';
  };

  it('names routes of nested routers with their prefixes, parameters unfilled', async () => {
    const app = created();
    const [users, teams, orgs] = [new KoaRouter(), new KoaRouter({ prefix: '/teams/:team' }), new KoaRouter()];
    users.get('/:id', ok).get('/', ok);
    teams.use('/users', users.routes());
    teams.get('/', ok);
    orgs.use('/orgs/:org', teams.routes()).get('/top', ok);
    orgs.prefix('/api');
    app.use(orgs.routes());
    expect(
      await counted(app, [
        '/api/orgs/1/teams/2/users/3',
        '/api/orgs/4/teams/5/users/6?x=1',
        '/api/orgs/1/teams/2/users/',
        '/api/orgs/1/teams/2',
        '/api/top',
      ]),
    ).toEqual({
      'GET /api/orgs/:org/teams/:team/users/:id 200': 2,
      'GET /api/orgs/:org/teams/:team/users 200': 1,
      'GET /api/orgs/:org/teams/:team 200': 1,
      'GET /api/top 200': 1,
    });
  });

  it('names routes, and has their options, beside New Relic', async () => {
    const app = new KoaApp();
    // New Relic hides a property of each context, and replaces the functions of routes.
    const { createContext } = app;
    app.createContext = ((...args: Parameters<typeof createContext>) => {
      const context = createContext.apply(app, args);
      let matched: unknown = null;
      return Object.defineProperty(context, '_matchedRoute', {
        get: () => matched,
        set(path) {
          matched = path;
        },
      });
    }) as typeof createContext;
    const traced = (original: Koa.Middleware): Koa.Middleware =>
      Object.assign(((...args) => original(...args)) as Koa.Middleware, { [Symbol('original')]: original });
    app.use(coalmine({ registry: new Registry(), warmup: false }));
    const router = new KoaRouter({ prefix: '/orgs/:org' });
    router.get('/users/:id', traced(ok)).get('/internal', traced(coalmine.route(false)), traced(ok));
    app.use(router.routes());
    const port = await served(app);
    for (const path of ['/orgs/1/users/2', '/orgs/1/internal', '/nowhere']) await send(port, path);
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'GET /orgs/:org/users/:id 200': 1, 'GET (unmatched) 404': 1 });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 1 });
  });

  it('names a route alike whether it fails or responds, whoever responds to the error', async () => {
    const app = created();
    const router = new KoaRouter();
    app.use(async (context, next) => {
      try {
        await next();
      } catch (error) {
        if (context.path.startsWith('/caught')) context.status = 503;
        else throw error;
      }
    });
    router.get('/throws/:id', () => {
      throw new Error('thrown');
    });
    router.get('/caught/:id', async () => {
      await delay(5);
      throw new Error('rejected');
    });
    router.get('/refuses/:id', (context) => context.throw(409, 'no'));
    app.use(router.routes());
    expect(await counted(app, ['/throws/1', '/caught/2', '/refuses/3'])).toEqual({
      'GET /throws/:id 500': 1,
      'GET /caught/:id 503': 1,
      'GET /refuses/:id 409': 1,
    });
  });

  it('keeps a 404 of a route on the route, and tells it from a path that no route has', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get('/thrown/:id', (context) => context.throw(404));
    router.get('/empty/:id', () => {});
    app.use(router.routes());
    expect(await counted(app, ['/thrown/1', '/empty/1', '/nowhere/1', '/thrown/1/deeper'])).toEqual({
      'GET /thrown/:id 404': 1,
      'GET /empty/:id 404': 1,
      'GET (unmatched) 404': 2,
    });
  });

  it('counts a route that bypasses Koa', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get('/raw/:id', (context) => {
      context.respond = false;
      context.res.writeHead(202).end('raw');
    });
    app.use(router.routes());
    expect(await counted(app, ['/raw/1'])).toEqual({ 'GET /raw/:id 202': 1 });
  });

  it('counts a HEAD on the route that responds, and requests that allowedMethods refuses on none', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get('/items/:id', ok).put('/items/:id', ok);
    app.use(router.routes()).use(router.allowedMethods());
    const port = await served(app);
    for (const method of ['HEAD', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      await send(port, '/items/1', { method });
    }
    expect((await service.scrape()).requests()).toEqual({
      'HEAD /items/:id 200': 1,
      'GET /items/:id 200': 1,
      'PUT /items/:id 200': 1,
      'DELETE (unmatched) 405': 1,
      'OPTIONS (unmatched) 200': 1,
      '_OTHER (unmatched) 501': 1,
    });
  });

  it('counts on the route that responds, after others have passed the request on', async () => {
    const app = created();
    const [first, second] = [new KoaRouter(), new KoaRouter()];
    first.get('/items/:id', (_context, next) => next());
    first.all('/items/:any', (_context, next) => next());
    second.get('/items/:final', ok);
    second.get(`/${rest}`, ok);
    app.use(first.routes()).use(second.routes());
    expect(await counted(app, ['/items/1', '/other'])).toEqual({
      'GET /items/:final 200': 1,
      [`GET /${rest} 200`]: 1,
    });
  });

  it('counts a login in a router on the route behind it, and a login before the routers on none', async () => {
    const app = created();
    const [open, closed] = [new KoaRouter(), new KoaRouter({ prefix: '/admin' })];
    open.get('/items/:id', ok);
    closed.use((context) => context.throw(401));
    closed.get('/jobs/:job', ok);
    app.use((context, next) => (context.get('x-banned') === '' ? next() : context.throw(403)));
    app.use(open.routes()).use(closed.routes());
    const port = await served(app);
    await send(port, '/admin/jobs/1');
    await send(port, '/items/1', { headers: { 'x-banned': 'yes' } });
    await send(port, '/items/1');
    expect((await service.scrape()).requests()).toEqual({
      'GET /admin/jobs/:job 401': 1,
      'GET (unmatched) 403': 1,
      'GET /items/:id 200': 1,
    });
  });

  it('never makes a path into a label', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get(/^\/r\d+$/, ok);
    app.use((context, next) => {
      context.path = context.path.replace(/^\/lang-\w+/, '');
      return next();
    });
    app.use(router.routes());
    const paths = Array.from({ length: 20 }, (_, i) => [`/r${i}`, `/x${i}`, `/lang-${i}/r1`]).flat();
    expect(await counted(app, paths)).toEqual({ 'GET /^\\/r\\d+$/ 200': 40, 'GET (unmatched) 404': 20 });
  });

  it('names the routes of an app that koa-mount mounts', async () => {
    const app = created();
    const [sub, inner] = [new KoaApp(), new KoaApp()];
    const [subRouter, innerRouter, router] = [new KoaRouter(), new KoaRouter(), new KoaRouter()];
    innerRouter.get('/leaf/:id', ok);
    inner.use(innerRouter.routes());
    subRouter.get('/page/:id', ok).get('/', ok);
    sub.use(subRouter.routes()).use(mount('/inner', inner));
    router.get('/sub/own/:id', ok);
    app.use(mount('/sub', sub)).use(mount('/other', sub)).use(router.routes());
    expect(
      await counted(app, ['/sub/page/1', '/other/page/2', '/sub', '/sub/', '/sub/own/3', '/sub/inner/leaf/4']),
    ).toEqual({
      'GET /sub/page/:id 200': 1,
      'GET /other/page/:id 200': 1,
      'GET /sub 200': 2,
      'GET /sub/own/:id 200': 1,
      // The outer of two mounts cannot be read anywhere.
      'GET (mounted)/inner/leaf/:id 200': 1,
    });
  });

  it('shows every route at zero from the first scrape on, those that are added later too', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get('/items/:id', ok).all('/any', ok);
    app.use(router.routes());
    await served(app);
    const zeros = async (route: string): Promise<readonly string[]> => {
      const samples = (await service.scrape()).samples('http_errors_total', { route, status_code: 500 });
      return samples.map(({ labels }) => labels.method ?? '').sort();
    };
    expect(await zeros('/items/:id')).toEqual(['GET']);
    expect(await zeros('/any')).toEqual(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
    router.post('/later', ok);
    expect(await zeros('/later')).toEqual(['POST']);
  });

  it('uses the options of a route, and options in its router before the route', async () => {
    const app = created({ objective: { latency: 10, patience: 20 } });
    const [router, jobs, internal] = [new KoaRouter(), new KoaRouter(), new KoaRouter({ prefix: '/deep' })];
    const slow = async (context: Koa.ParameterizedContext): Promise<void> => {
      await delay(60);
      context.body = 'slow';
    };
    const quick = coalmine.route({ objective: { latency: 0.03 } });
    router.get('/report', quick, slow).get('/other', slow);
    router.get('/ping', coalmine.route(false), ok);
    router.get('/internal/before', ok);
    router.use('/internal', coalmine.route(false));
    internal.get('/:id', ok);
    router.use('/internal', internal.routes());
    router.get('/internals', ok);
    jobs.use(quick).get('/jobs', slow);
    app.use(router.routes()).use(jobs.routes());
    const port = await served(app);
    const paths = ['/report', '/other', '/ping', '/internal/before', '/internal/deep/1', '/internals', '/jobs'];
    for (const path of paths) await send(port, path);
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({
      'GET /report 200': 1,
      'GET /other 200': 1,
      'GET /internal/before 200': 1,
      'GET /internals 200': 1,
      'GET /jobs 200': 1,
    });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 2 });
    const slowOnes = exposition.samples('http_requests_slow_total').filter(({ value }) => value > 0);
    expect(slowOnes.map(({ labels }) => labels.route)).toEqual(['/report', '/jobs']);
  });

  it('counts a request that an excluded route passes on by the route that responds', async () => {
    const app = created();
    const router = new KoaRouter();
    router.get('/items/:id', coalmine.route(false), (_context, next) => next());
    router.get(`/items/${rest}`, ok);
    app.use(router.routes());
    expect(await counted(app, ['/items/1'])).toEqual({ [`GET /items/${rest} 200`]: 1 });
  });

  it('has the patience of a route while the route hangs', async () => {
    const app = created({ objective: { latency: 5, patience: 20 } });
    const router = new KoaRouter();
    router.get('/hang', coalmine.route({ objective: { latency: 0.05, patience: 0.1 } }), () => new Promise(() => {}));
    router.get('/patient', () => new Promise(() => {}));
    app.use(router.routes());
    const port = await served(app);
    const overdue = scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.value('http_requests_in_flight') === 2 && each.value('http_requests_overdue') === 1,
    );
    await Promise.all(['/hang', '/patient'].map((path) => send(port, path, { leaveAfter: () => overdue })));
    expect((await overdue).value('http_requests_overdue')).toBe(1);
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.value('http_requests_in_flight') === 0,
    );
    expect(exposition.requests()).toEqual({ 'GET /hang 504': 1, 'GET /patient 499': 1 });
  });

  it('counts a stream that breaks in the middle', async () => {
    const app = created({ objective: { latency: 0.05, patience: 0.1 } });
    const router = new KoaRouter();
    router.get('/stream', (context) => {
      context.body = Readable.from(
        (async function* () {
          yield 'some of it';
          await delay(20);
          throw new Error('the source failed');
        })(),
      );
    });
    app.use(router.routes());
    const port = await served(app);
    const { socket, received } = await openRaw(port, 'GET /stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => received().includes('some of it'), 'the first part');
    if (koa === 'koa') {
      await until(() => socket.destroyed, 'the server to break it off');
    } else {
      // Koa 2 leaves the response open, so only the client can end it.
      await delay(250);
      expect((await service.scrape()).value('http_requests_overdue')).toBe(1);
      socket.destroy();
    }
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.value('http_requests_in_flight') === 0,
    );
    expect(exposition.requests()).toEqual({ [`GET /stream ${koa === 'koa' ? 500 : 200}`]: 1 });
    expect(exposition.value('http_requests_slow_total', { route: '/stream' })).toBe(koa === 'koa' ? 0 : 1);
  });

  it('keeps a name and a failure that the app gives', async () => {
    const app = new KoaApp();
    const metered = coalmine({ registry: new Registry(), warmup: false });
    const router = new KoaRouter();
    router.get('/rpc/:id', (context, next) => {
      metered.instrument.route(context.req, '/rpc named');
      fail(context.req, { status: 503 });
      context.body = 'failed';
      return next();
    });
    router.get(`/rpc/${rest}`, (_context, next) => next());
    app.use(metered).use(router.routes());
    expect(await counted(app, ['/rpc/1'])).toEqual({ 'GET /rpc named 503': 1 });
  });

  it('serves two services on one app, each with its own numbers', async () => {
    const registries = [new Registry(), new Registry()] as const;
    const app = new KoaApp();
    const router = new KoaRouter();
    router.get('/items/:id', ok);
    app.use(coalmine({ registry: registries[0], warmup: false }));
    app.use(coalmine({ registry: registries[1], warmup: false, health: false, metrics: { path: false } }));
    app.use(router.routes());
    const port = await served(app);
    await send(port, '/items/1');
    for (const registry of registries) {
      expect(await registry.metrics()).toContain(
        'http_requests_total{method="GET",route="/items/:id",status_code="200"} 1',
      );
    }
  });

  it('changes no response, and nothing that a router leaves on a context', async () => {
    const answers: string[] = [];
    for (const carries of [true, false]) {
      const app = carries ? created() : new KoaApp();
      const router = new KoaRouter();
      router.get('/items/:id', (context) => {
        context.body = { route: context._matchedRoute, has: '_matchedRoute' in context };
      });
      app.use(router.routes());
      const port = await served(app);
      const { received, socket } = await openRaw(port, 'GET /items/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await until(() => socket.destroyed, 'the end');
      answers.push(received().replace(/^Date: .*\r\n/m, ''));
      if (carries) await service.close();
    }
    expect(answers[0]).toContain('"route":"/items/:id","has":true');
    expect(answers[0]).toBe(answers[1]);
  });

  it('warns of a path that is taken, of an impossible objective, and of options in app.use()', async () => {
    const warnings = coalmineWarnings();
    const app = created({ objective: { latency: 0.5 } });
    const router = new KoaRouter();
    router.get('/livez', ok).post('/readyz', ok);
    router.get('/report', coalmine.route({ objective: { patience: 0.3 } }), ok);
    app.use(coalmine.route(false)).use(router.routes());
    expect(await counted(app, ['/report', '/livez'])).toEqual({ 'GET /report 200': 1 });
    expect((await warnings.taken()).map(({ message }) => message)).toEqual([
      'coalmine.route() has no effect in app.use(): put it on the route, or in router.use() before the routes',
      "/livez is a path of the app and of Coalmine: give Coalmine another path with health.paths and health.aliases, or none. The app's route is never reached.",
      expect.stringMatching(/^coalmine\.route\(\) on \/report has no effect on the objective: .*must be at least/),
    ]);
  });
});

it('the Koa adapter refuses impossible options at the place where they are written', () => {
  expect(() => coalmine.route({ objective: { latency: -1 } })).toThrow('objective.latency must be');
  expect(() => coalmine({ metric: {} } as CoalmineOptions)).toThrow('metric must be left out');
});
