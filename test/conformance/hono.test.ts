import { createServer } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/hono';
import { type CoalmineOptions, fail } from '@coalmine/node';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { stream, streamText } from 'hono/streaming';
import { validator } from 'hono/validator';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { openRaw, send, until } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { type Served, serve } from './frameworks.js';

type App = Hono<{ Bindings: HttpBindings }>;

describe('hono', () => {
  let service: Served;
  afterEach(() => service?.close());

  function created(options: CoalmineOptions = {}): App {
    const app: App = new Hono();
    app.use(coalmine(app, { registry: new Registry(), warmup: false, ...options }));
    return app;
  }

  async function served(app: App): Promise<number> {
    service = await serve(createServer(getRequestListener(app.fetch)));
    return service.port;
  }

  /** Serves the app, sends a GET to each path, and returns what was counted. */
  async function counted(app: App, paths: readonly string[]): Promise<Record<string, number>> {
    const port = await served(app);
    for (const path of paths) await send(port, path);
    return (await service.scrape()).requests();
  }

  const settled = (): Promise<Exposition> =>
    scrapeUntil(
      `http://127.0.0.1:${service.port}/metrics`,
      (exposition) => exposition.value('http_requests_in_flight') === 0,
    );

  it('names routes of sub-apps and base paths, parameters unfilled', async () => {
    const app = created();
    const [users, teams]: App[] = [new Hono(), new Hono()];
    users?.get('/:id', (context) => context.text('ok')).get('/', (context) => context.text('ok'));
    users?.onError((_error, context) => context.text('mine', 503));
    users?.get('/:id/boom', () => {
      throw new Error('boom');
    });
    teams?.route('/teams/:team/users', users as App);
    app.route('/orgs/:org', teams as App);
    app.basePath('/v1').get('/top/:n{[0-9]+}', (context) => context.text('ok'));
    expect(
      await counted(app, [
        '/orgs/1/teams/2/users/3',
        '/orgs/4/teams/5/users/6?x=1',
        '/orgs/1/teams/2/users',
        '/orgs/1/teams/2/users/7/boom',
        '/v1/top/1',
        '/v1/top/one',
      ]),
    ).toEqual({
      'GET /orgs/:org/teams/:team/users/:id 200': 2,
      'GET /orgs/:org/teams/:team/users 200': 1,
      'GET /orgs/:org/teams/:team/users/:id/boom 503': 1,
      'GET /v1/top/:n{[0-9]+} 200': 1,
      'GET (unmatched) 404': 1,
    });
  });

  it('has its endpoints below the base path of the app that uses it', async () => {
    const app = new Hono<{ Bindings: HttpBindings }>().basePath('/api');
    app.use(
      coalmine(app, {
        registry: new Registry(),
        warmup: false,
        health: { details: 'always', checks: { up: () => true } },
      }),
    );
    app.get('/items/:id', (context) => context.text('ok'));
    const port = await served(app as unknown as App);
    for (const path of ['/api/livez', '/api/startupz', '/api/readyz/up']) {
      expect(await send(port, path)).toMatchObject({ status: 200 });
    }
    expect(await send(port, '/livez')).toMatchObject({ status: 404 });
    await send(port, '/api/items/1');
    const exposition = await scrapeUntil(`http://127.0.0.1:${port}/api/metrics`, () => true);
    expect(exposition.requests()).toEqual({ 'GET /api/items/:id 200': 1 });
    expect(exposition.excluded()).toMatchObject({ 'health 2xx': 3 });
  });

  it('names a route alike whether it fails or responds, whoever responds to the error', async () => {
    const app = created();
    app.onError((error, context) =>
      error instanceof HTTPException ? error.getResponse() : context.text('sorry', context.req.query('as') ? 503 : 500),
    );
    app.get('/throws/:id', () => {
      throw new Error('thrown');
    });
    app.get('/rejects/:id', async () => {
      await delay(5);
      throw new Error('rejected');
    });
    app.get('/refuses/:id', () => {
      throw new HTTPException(409);
    });
    expect(await counted(app, ['/throws/1', '/rejects/2?as=503', '/refuses/3'])).toEqual({
      'GET /throws/:id 500': 1,
      'GET /rejects/:id 503': 1,
      'GET /refuses/:id 409': 1,
    });
  });

  it('keeps a 404 of a route on the route, and tells it from a path that no route has', async () => {
    const app = created();
    app.use(async (_context, next) => next());
    app.get('/items/:id', (context) => context.notFound());
    app.notFound((context) => context.text('nothing', 404));
    expect(await counted(app, ['/items/1', '/nowhere/1', '/items/1/deeper', '/items/1/'])).toEqual({
      'GET /items/:id 404': 1,
      'GET (unmatched) 404': 3,
    });
  });

  it('tells the methods of a path apart', async () => {
    const app = created();
    app.get('/things/:id', (context) => context.text('ok')).delete((context) => context.text('ok'));
    app.on(['PUT', 'PURGE'], '/things/:id', (context) => context.text('ok'));
    app.all('/any', (context) => context.text('ok'));
    const port = await served(app);
    for (const method of ['HEAD', 'GET', 'DELETE', 'PUT', 'PATCH', 'PURGE']) await send(port, '/things/1', { method });
    await send(port, '/any', { method: 'PATCH' });
    expect((await service.scrape()).requests()).toEqual({
      'HEAD /things/:id 200': 1,
      'GET /things/:id 200': 1,
      'DELETE /things/:id 200': 1,
      'PUT /things/:id 200': 1,
      'PATCH (unmatched) 404': 1,
      '_OTHER /things/:id 200': 1,
      'PATCH /any 200': 1,
    });
  });

  it('counts a middleware that responds on the route behind it, and without a route on its own path', async () => {
    const app = created();
    app.use('/admin/*', async (context, next) =>
      context.req.header('authorization') ? next() : context.text('no', 401),
    );
    app.use('/admin/failing/*', async (_context, _next) => {
      throw new Error('the session store is down');
    });
    app.use('/api/*', cors());
    app.get('/admin/jobs/:job', (context) => context.text('ok'));
    app.get('/admin/failing/:id', (context) => context.text('ok'));
    const check = validator('query', ({ page }, context) => (page === undefined ? context.text('no', 400) : { page }));
    app.get('/api/list', check, (context) => context.text('ok'));
    app.onError((_error, context) => context.text('sorry', 500));
    const port = await served(app);
    const authorization = 'Bearer it';
    await send(port, '/admin/jobs/1');
    await send(port, '/admin/jobs/1', { headers: { authorization } });
    await send(port, '/admin/nothing');
    await send(port, '/admin/failing/1', { headers: { authorization } });
    await send(port, '/admin/nothing', { headers: { authorization } });
    await send(port, '/api/list');
    await send(port, '/api/list', { method: 'OPTIONS' });
    expect((await service.scrape()).requests()).toEqual({
      'GET /admin/jobs/:job 401': 1,
      'GET /admin/jobs/:job 200': 1,
      'GET /admin/* 401': 1,
      'GET /admin/failing/:id 500': 1,
      'GET (unmatched) 404': 1,
      'GET /api/list 400': 1,
      'OPTIONS /api/* 204': 1,
    });
  });

  it('counts files and mounted apps on their paths, and paths that they do not have on none', async () => {
    const app = created();
    const legacy: App = new Hono();
    legacy.get('/page/:id', (context) => context.text('ok'));
    app.mount('/legacy', legacy.fetch);
    app.use('/files/*', serveStatic({ root: import.meta.dirname, rewriteRequestPath: (path) => path.slice(6) }));
    expect(await counted(app, ['/legacy/page/1', '/legacy/none', '/files/hono.test.ts', '/files/none.ts'])).toEqual({
      'GET /legacy/* 200': 1,
      'GET /files/* 200': 1,
      'GET (unmatched) 404': 2,
    });
  });

  it('counts on the route that responds, after others have passed the request on', async () => {
    const app = created();
    app.get('/items/:id', async (_context, next) => next());
    app.get('/items/*', (context) => context.text('ok'));
    app.get('/given-up/:id', async (_context, next) => next());
    app.use('/given-up/*', async (_context, next) => next());
    app.get('/*', async (_context, next) => next());
    expect(await counted(app, ['/items/1', '/given-up/1'])).toEqual({
      'GET /items/* 200': 1,
      'GET /* 404': 1,
    });
  });

  it('never makes a path into a label', async () => {
    const app = created();
    app.get('/r/:any{.+}', (context) => context.text('ok'));
    const paths = Array.from({ length: 20 }, (_, i) => [`/r/${i}/${i}`, `/x${i}`]).flat();
    expect(await counted(app, paths)).toEqual({ 'GET /r/:any{.+} 200': 20, 'GET (unmatched) 404': 20 });
  });

  it('shows every route at zero from the first scrape on', async () => {
    const app = created();
    const api: App = new Hono();
    api.get('/items/:id', (context) => context.text('ok')).post('/items', (context) => context.text('ok'));
    app.use('/api/*', cors());
    app.route('/api', api);
    app.all('/any', (context) => context.text('ok'));
    await served(app);
    const exposition = await service.scrape();
    const zeros = (route: string): readonly (string | undefined)[] =>
      exposition
        .samples('http_errors_total', { route, status_code: 500 })
        .map(({ labels }) => labels.method)
        .sort();
    expect(zeros('/api/items/:id')).toEqual(['GET']);
    expect(zeros('/api/items')).toEqual(['POST']);
    expect(zeros('/any')).toEqual(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
    expect(zeros('/api/*')).toEqual([]);
  });

  it('uses the options of a route, and options before it at its path or above', async () => {
    const app = created({ objective: { latency: 10, patience: 20 } });
    const slow = async (): Promise<Response> => {
      await delay(60);
      return new Response('slow');
    };
    const quick = coalmine.route({ objective: { latency: 0.03 } });
    const internal: App = new Hono();
    internal.onError((_error, context) => context.text('sorry', 500));
    internal.get('/:id', (context) => context.text('ok')).get('/:id/report', quick, slow);
    app.get('/report', quick, slow).get('/other', slow);
    app.get('/ping', coalmine.route(false), (context) => context.text('ok'));
    app.get('/internal/before', (context) => context.text('ok'));
    app.use('/internal/*', coalmine.route(false));
    app.route('/internal/deep', internal);
    app.get('/internals', (context) => context.text('ok'));
    app.use('/teams/:team/*', quick);
    app.get('/teams/:id/jobs', slow);
    const port = await served(app);
    const paths = ['/report', '/other', '/ping', '/internal/before', '/internal/deep/1', '/internals', '/teams/1/jobs'];
    for (const path of paths) await send(port, path);
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({
      'GET /report 200': 1,
      'GET /other 200': 1,
      'GET /internal/before 200': 1,
      'GET /internals 200': 1,
      'GET /teams/:id/jobs 200': 1,
    });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 2 });
    const slowOnes = exposition.samples('http_requests_slow_total').filter(({ value }) => value > 0);
    expect(slowOnes.map(({ labels }) => labels.route)).toEqual(['/report', '/teams/:id/jobs']);
  });

  it('counts a request that an excluded route passes on by the route that responds', async () => {
    const app = created();
    app.get('/items/:id', coalmine.route(false), async (_context, next) => next());
    app.get('/items/*', (context) => context.text('ok'));
    expect(await counted(app, ['/items/1'])).toEqual({ 'GET /items/* 200': 1 });
  });

  it('has the patience of a route while the route hangs', async () => {
    const app = created({ objective: { latency: 5, patience: 20 } });
    const hang = (): Promise<Response> => new Promise(() => {});
    app.get('/hang', coalmine.route({ objective: { latency: 0.05, patience: 0.1 } }), hang);
    app.get('/patient', hang);
    const port = await served(app);
    const overdue = scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.value('http_requests_in_flight') === 2 && each.value('http_requests_overdue') === 1,
    );
    await Promise.all(['/hang', '/patient'].map((path) => send(port, path, { leaveAfter: () => overdue })));
    expect((await overdue).value('http_requests_overdue')).toBe(1);
    expect((await settled()).requests()).toEqual({ 'GET /hang 504': 1, 'GET /patient 499': 1 });
  });

  it('counts a stream that breaks in the middle, and one whose client leaves', async () => {
    const app = created();
    app.get('/breaks', () => {
      const source = new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode('some of it'));
          await delay(20);
          controller.error(new Error('the source failed'));
        },
      });
      return new Response(source);
    });
    app.get('/left', (context) =>
      streamText(context, async (text) => {
        while (!text.aborted) {
          await text.write('some of it');
          await delay(10);
        }
      }),
    );
    // The helper ends the body for its client, which sees no error.
    app.get('/helper', (context) =>
      stream(
        context,
        async (body) => {
          await body.write('some of it');
          throw new Error('the source failed');
        },
        async () => fail(context.env.incoming, { reason: 'the source failed' }),
      ),
    );
    const port = await served(app);
    expect(await send(port, '/breaks')).toBe('cut mid-body');
    const { socket, received } = await openRaw(port, 'GET /left HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => received().includes('some of it'), 'the first part');
    socket.destroy();
    expect(await send(port, '/helper')).toEqual({ status: 200, body: 'some of it' });
    expect((await settled()).requests()).toEqual({ 'GET /breaks 500': 1, 'GET /left 200': 1, 'GET /helper 500': 1 });
  });

  it('keeps a name that the app gives', async () => {
    const app: App = new Hono();
    const metered = coalmine(app, { registry: new Registry(), warmup: false });
    app.use(metered);
    app.get('/rpc/:id', async (context, next) => {
      metered.instrument.route(context.env.incoming, '/rpc named');
      await next();
    });
    app.get('/rpc/*', (context) => context.text('ok'));
    expect(await counted(app, ['/rpc/1'])).toEqual({ 'GET /rpc named 200': 1 });
  });

  it('counts over HTTP/2', async () => {
    const registry = new Registry();
    const app = created({ registry });
    app.get('/items/:id', (context) => context.text('ok'));
    const server = createHttp2Server(getRequestListener(app.fetch));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    for (const path of ['/items/1', '/nowhere', '/metrics']) {
      const answer = session.request({ ':path': path }).setEncoding('utf8');
      const text = (await answer.toArray()).join('');
      if (path === '/metrics') expect(text).toContain('route="/items/:id",status_code="200"} 1');
    }
    expect(await registry.metrics()).toContain('route="(unmatched)",status_code="404"} 1');
    session.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('has no effect on an app that is called without a server', async () => {
    const app = created();
    app.get('/items/:id', (context) => context.text('ok'));
    expect([(await app.request('/items/1')).status, (await app.request('/metrics')).status]).toEqual([200, 404]);
  });

  it('changes no response', async () => {
    const answers: string[] = [];
    for (const carries of [true, false]) {
      const app: App = carries ? created() : new Hono();
      app.get('/items/:id', (context) => context.json({ id: context.req.param('id'), path: context.req.path }));
      const port = await served(app);
      const { received, socket } = await openRaw(port, 'GET /items/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await until(() => socket.destroyed, 'the end');
      answers.push(received().replace(/^Date: .*\r\n/im, ''));
      if (carries) await service.close();
    }
    expect(answers[0]).toContain('"id":"1"');
    expect(answers[0]).toBe(answers[1]);
  });

  it('warns of a path that is taken and of an impossible objective', async () => {
    const warnings = coalmineWarnings();
    const app = created({ objective: { latency: 0.5 } });
    app.get('/livez', (context) => context.text('mine')).post('/readyz', (context) => context.text('mine'));
    app.get('/report', coalmine.route({ objective: { patience: 0.3 } }), (context) => context.text('ok'));
    expect(await counted(app, ['/report', '/livez'])).toEqual({ 'GET /report 200': 1 });
    expect((await warnings.taken()).map(({ message }) => message)).toEqual([
      "/livez is a path of the app and of Coalmine: give Coalmine another path with health.paths and health.aliases, or none. The app's route is never reached.",
      expect.stringMatching(/^coalmine\.route\(\) on \/report has no effect on the objective: .*must be at least/),
    ]);
  });

  it('refuses impossible options at the place where they are written', () => {
    expect(() => coalmine.route({ objective: { latency: -1 } })).toThrow('objective.latency must be');
    expect(() => coalmine(new Hono(), { metric: {} } as CoalmineOptions)).toThrow('metric must be left out');
    expect(() => coalmine({ warmup: false } as never)).toThrow(
      'app must be the Hono app that uses it, as in app.use(coalmine(app)), got an object',
    );
  });
});
