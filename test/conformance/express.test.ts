import { createServer, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/express';
import type { Express, NextFunction, Request, Response } from 'express';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { send } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { countedOf, createApp } from './express-app.js';
import { EXPRESS_VERSIONS, expressOf, type Served, serve, serveExpress } from './frameworks.js';

describe.each(EXPRESS_VERSIONS)('%s', (version) => {
  const express = expressOf(version);
  let service: Served;
  afterEach(() => service.close());

  function created(options: object = {}): Express {
    const app = express();
    app.use(coalmine({ registry: new Registry(), warmup: false, ...options }));
    return app;
  }

  /** Serves the app, sends a GET to each path, and returns what was counted. */
  async function counted(app: Express, paths: readonly string[]): Promise<Record<string, number>> {
    service = await serveExpress(app);
    for (const path of paths) await send(service.port, path);
    return (await service.scrape()).requests();
  }

  const ok = (_request: Request, response: Response): void => void response.send('ok');

  it('names routes of nested routers by their mounts, parameters unfilled', async () => {
    const app = created();
    const [outer, inner] = [express.Router(), express.Router({ mergeParams: true })];
    inner.get('/users/:id', ok);
    inner.get('/', ok);
    outer.use('/teams/:team', inner);
    outer.get('/top', ok);
    app.use('/orgs/:org', outer);
    expect(
      await counted(app, ['/orgs/1/teams/2/users/3', '/orgs/4/teams/5/users/6', '/orgs/1/teams/2', '/orgs/9/top?x=1']),
    ).toEqual({
      'GET /orgs/:org/teams/:team/users/:id 200': 2,
      'GET /orgs/:org/teams/:team 200': 1,
      'GET /orgs/:org/top 200': 1,
    });
  });

  it('names a route alike whether it fails or responds', async () => {
    const app = created();
    const router = express.Router();
    router.get('/fine/:id', ok);
    router.get('/next/:id', (_request, _response, next) => next(new Error('passed on')));
    router.get('/throws/:id', () => {
      throw new Error('thrown');
    });
    router.get('/late/:id', async (_request, _response, next) => {
      await delay(5);
      next(new Error('later'));
    });
    app.use('/api/:version', router);
    app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => {
      response.status(503).send('sorry');
    });
    expect(await counted(app, ['/api/1/fine/1', '/api/2/next/2', '/api/3/throws/3', '/api/4/late/4'])).toEqual({
      'GET /api/:version/fine/:id 200': 1,
      'GET /api/:version/next/:id 503': 1,
      'GET /api/:version/throws/:id 503': 1,
      'GET /api/:version/late/:id 503': 1,
    });
  });

  it('names a failing route without an error handler', async () => {
    const app = created();
    app.set('env', 'test');
    const router = express.Router();
    router.get('/boom', (_request, _response, next) => next(new Error('nobody cares')));
    app.use('/api', router);
    expect(await counted(app, ['/api/boom'])).toEqual({ 'GET /api/boom 500': 1 });
  });

  // Express 4 leaves a rejection to the process.
  if (version !== 'express4') {
    it('counts a rejected handler as a failure', async () => {
      const app = created();
      app.set('env', 'test');
      app.get('/rejects/:id', async () => {
        await delay(5);
        throw new Error('rejected');
      });
      expect(await counted(app, ['/rejects/1'])).toEqual({ 'GET /rejects/:id 500': 1 });
    });
  }

  it('names arrays and regular expressions as one route each', async () => {
    const app = created();
    app.get(['/a', '/b/:id'], ok);
    app.get(/^\/r\d+$/, ok);
    expect(await counted(app, ['/a', '/b/1', '/r1', '/r2'])).toEqual({
      'GET /a,/b/:id 200': 2,
      'GET /^\\/r\\d+$/ 200': 2,
    });
  });

  it('tells the methods of router.route() apart', async () => {
    const app = created();
    app.route('/things/:id').get(ok).delete(ok).all(ok);
    service = await serveExpress(app);
    await send(service.port, '/things/1');
    await send(service.port, '/things/1', { method: 'DELETE' });
    await send(service.port, '/things/1', { method: 'HEAD' });
    await send(service.port, '/things/1', { method: 'PATCH' });
    expect((await service.scrape()).requests()).toEqual({
      'GET /things/:id 200': 1,
      'DELETE /things/:id 200': 1,
      'HEAD /things/:id 200': 1,
      'PATCH /things/:id 200': 1,
    });
  });

  it('counts on the route that responded, after next("route") and passed requests', async () => {
    const app = created();
    app.get('/items/:id', (_request, _response, next) => next('route'));
    app.all('/items/:any', (_request, _response, next) => next());
    app.get('/items/:final', ok);
    app.get('/given-up', (_request, _response, next) => next());
    expect(await counted(app, ['/items/1', '/given-up'])).toEqual({
      'GET /items/:final 200': 1,
      'GET (unmatched) 404': 1,
    });
  });

  it('keeps a 404 of a route on this route', async () => {
    const app = created();
    app.get('/items/:id', (_request, response) => void response.status(404).send('no such item'));
    expect(await counted(app, ['/items/1', '/nowhere'])).toEqual({
      'GET /items/:id 404': 1,
      'GET (unmatched) 404': 1,
    });
  });

  it('keeps a 404 on the route that raised it, although the app has no error handler', async () => {
    const app = created();
    app.set('env', 'test');
    const notFound = Object.assign(new Error('no such item'), { status: 404 });
    const api = express.Router();
    api.param('id', (_request, _response, next) => next(notFound));
    api.get('/items/:id', ok);
    api.get('/missing', (_request, _response, next) => next(notFound));
    app.get('/files/:name', (_request, response) => response.sendFile('/no/such/file'));
    app.use('/assets', express.static('/no/such/folder', { fallthrough: false }));
    app.use('/optional', express.static('/no/such/folder'));
    app.use('/api', api);
    app.use((_request, _response, next) => next(notFound));
    // The routers are prepared during the first request.
    const paths = ['/', '/files/a', '/assets/a', '/optional/a', '/api/items/1', '/api/missing', '/api/none', '/none'];
    expect(await counted(app, paths)).toEqual({
      'GET /files/:name 404': 1,
      'GET /assets/* 404': 1,
      'GET /api/items/:id 404': 1,
      'GET /api/missing 404': 1,
      'GET (unmatched) 404': 4,
    });
  });

  it('names the routes of sub-apps, also nested and mounted at several paths', async () => {
    const app = created();
    const [sub, inner, router] = [express(), express(), express.Router()];
    router.get('/leaf/:id', ok);
    inner.use('/r/:r', router);
    sub.get('/page', ok);
    sub.use('/inner', inner);
    app.use(['/sub/:s', '/other'], sub);
    expect(await counted(app, ['/sub/1/page', '/other/page', '/sub/1/inner/r/2/leaf/3'])).toEqual({
      'GET /sub/:s/page 200': 1,
      'GET /other/page 200': 1,
      'GET /sub/:s/inner/r/:r/leaf/:id 200': 1,
    });
  });

  it('names the routes of a sub-app that is mounted on a router', async () => {
    const app = created();
    const [sub, router] = [express(), express.Router()];
    sub.get('/page/:id', ok);
    router.use('/sub', sub);
    app.use('/t/:tenant', router);
    expect(await counted(app, ['/t/1/sub/page/2'])).toEqual({ 'GET /t/:tenant/sub/page/:id 200': 1 });
  });

  it('tells the mounts of a router that is mounted twice apart', async () => {
    const app = created();
    const router = express.Router();
    router.get('/page', ok);
    app.use('/t/:tenant', router);
    app.use('/static', router);
    app.use('/', router);
    expect(await counted(app, ['/t/1/page', '/static/page', '/page', '/t/2/page', '/STATIC/page'])).toEqual({
      'GET /t/:tenant/page 200': 2,
      'GET /static/page 200': 2,
      'GET /page 200': 1,
    });
  });

  it('names a router that a middleware calls by hand', async () => {
    const app = created();
    const router = express.Router();
    router.get('/page/:id', ok);
    app.use('/lazy/:tenant', (request, response, next) => router(request, response, next));
    expect(await counted(app, ['/lazy/1/page/2', '/lazy/3/page/4'])).toEqual({
      'GET /lazy/:tenant/page/:id 200': 2,
    });
  });

  it('counts on a route what a router among its handlers passes on, refuses or fails', async () => {
    const app = created();
    const [api, login] = [express.Router(), express.Router()];
    login.use((_request: Request, _response: Response, next: NextFunction) => next());
    login.use(({ query }: Request, response: Response, next: NextFunction) => {
      if (query.refuse) response.sendStatus(401);
      else next(query.fail && new Error('no sessions'));
    });
    api.get('/orders/:id', login, ok);
    app.use('/api', api);
    app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => response.sendStatus(500));
    expect(await counted(app, ['/api/orders/1', '/api/orders/2?refuse=1', '/api/orders/3?fail=1'])).toEqual({
      'GET /api/orders/:id 200': 1,
      'GET /api/orders/:id 401': 1,
      'GET /api/orders/:id 500': 1,
    });
    expect((await service.scrape()).samples('http_requests_total', { route: '/api' })).toEqual([]);
  });

  it('never makes a path of a mount into a label that it cannot read', async () => {
    const app = created();
    const router = express.Router();
    router.get('/page', ok);
    app.use(/^\/m\d+/, router);
    const paths = Array.from({ length: 20 }, (_, i) => `/m${i}/page`);
    expect(await counted(app, paths)).toEqual({ 'GET (mounted)/page 200': 20 });
  });

  it('shows the zeros of a route that is added while it serves', async () => {
    const app = created();
    app.get('/early', ok);
    service = await serveExpress(app);
    await send(service.port, '/early');
    app.get('/added/:id', ok);
    const scraped = await service.scrape();
    expect(scraped.value('http_errors_total', { method: 'GET', route: '/added/:id', status_code: 500 })).toBe(0);
    await send(service.port, '/added/1');
    expect((await service.scrape()).requests()).toEqual({ 'GET /early 200': 1, 'GET /added/:id 200': 1 });
  });

  it('shows zeros for the common methods of a route of every method', async () => {
    const app = created();
    app.all('/any', ok);
    service = await serveExpress(app);
    const methods = (exposition: Exposition) =>
      exposition.samples('http_errors_total', { route: '/any', status_code: 500 }).map(({ labels }) => labels.method);
    expect(methods(await service.scrape())).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
  });

  it('changes neither req.route nor the handlers', async () => {
    const app = created();
    let seen: unknown;
    const handler = (request: Request, response: Response): void => {
      seen = [request.route.path, Object.hasOwn(request, 'route'), handler.length];
      response.send('ok');
    };
    app.get('/seen', handler);
    await counted(app, ['/seen']);
    expect(seen).toEqual(['/seen', expect.any(Boolean), 2]);
  });

  it('counts once with the middleware used twice, in the app and in a sub-app', async () => {
    const registry = new Registry();
    const app = created({ registry });
    app.use(coalmine({ registry }));
    const sub = express();
    sub.use(coalmine({ registry, metrics: { path: false } }));
    sub.get('/page', ok);
    app.use('/sub', sub);
    expect(await counted(app, ['/sub/page'])).toEqual({ 'GET /sub/page 200': 1 });
  });

  it('takes options for one route', async () => {
    const app = created({ objective: { latency: 0.1, patience: 0.2 } });
    const hang = (): void => {};
    app.get('/hidden', coalmine.route(false), ok);
    app.use('/hidden-too', coalmine.route(false), express.Router().get('/page', ok));
    app.get('/patient', coalmine.route({ objective: { patience: 30 } }), hang);
    app.get('/impatient', hang);
    service = await serveExpress(app);
    await send(service.port, '/hidden');
    await send(service.port, '/hidden-too/page');
    await Promise.all(['/patient', '/impatient'].map((path) => send(service.port, path, { leaveAfter: 300 })));
    const metrics = `http://127.0.0.1:${service.port}/metrics`;
    const exposition = await scrapeUntil(metrics, (each) => each.value('http_requests_in_flight') === 0);
    expect(exposition.requests()).toEqual({ 'GET /patient 499': 1, 'GET /impatient 504': 1 });
    expect(exposition.samples('http_requests_total', { route: '/hidden' })).toEqual([]);
  });

  it('counts an upgrade before any request if the server was attached', async () => {
    const app = express();
    const middleware = coalmine({ registry: new Registry(), warmup: false });
    app.use(middleware);
    const server = createServer(app);
    middleware.instrument.attach(server);
    service = await serve(server);
    const sockets = new WebSocketServer({ server });
    const socket = new WebSocket(`ws://127.0.0.1:${service.port}/live`);
    await new Promise((resolve) => socket.once('open', resolve));
    expect((await service.scrape()).requests()).toEqual({ 'GET (unmatched) 101': 1 });
    socket.terminate();
    sockets.close();
  });

  it('counts no failure for an upgrade that comes first, and whose response leads nowhere', async () => {
    const app = created();
    const server = createServer(app);
    const sockets = new WebSocketServer({ noServer: true });
    // As `express-ws`, which responds to the upgrade, and then lets a route of the app have the socket.
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, () =>
        app(request as Request, new ServerResponse(request) as Response),
      );
    });
    app.get('/live', () => {});
    service = await serve(server);
    const socket = new WebSocket(`ws://127.0.0.1:${service.port}/live`);
    await new Promise((resolve) => socket.once('open', resolve));
    expect((await service.scrape()).value('http_requests_in_flight')).toBe(0);
    socket.terminate();
    const ended = await scrapeUntil(
      `http://127.0.0.1:${service.port}/metrics`,
      (each) => each.sum('coalmine_excluded_request_duration_seconds_count', { reason: 'stream' }) === 1,
    );
    expect(ended.requests()).toEqual({ 'GET (unmatched) 101': 1 });
    expect(ended.sum('coalmine_excluded_request_duration_seconds_count', { reason: 'stream' })).toBe(1);
  });

  it('says what is missing if it is used without parentheses', async () => {
    const app = express();
    app.use(coalmine as never);
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => response.send(error.message));
    service = await serveExpress(app);
    const body = expect.stringContaining('write app.use(coalmine()), with parentheses');
    expect(await send(service.port, '/')).toMatchObject({ body });
  });

  it('leaves the path of the endpoint to the app if the endpoint is switched off or moved', async () => {
    const app = created({ metrics: { path: '/internal/metrics' } });
    app.get('/metrics', (_request, response) => void response.send("the app's own"));
    service = await serveExpress(app);
    expect(await send(service.port, '/metrics')).toEqual({ status: 200, body: "the app's own" });
    expect(await send(service.port, '/internal/metrics?name=x')).toMatchObject({ status: 200 });
    expect(await send(service.port, '/internal/metrics', { method: 'POST' })).toMatchObject({ status: 404 });
  });
});

describe('coalmine.route()', () => {
  it('refuses options that no service could keep', () => {
    expect(() => coalmine.route({ objective: { latency: -1 } })).toThrow(
      'objective.latency must be a finite number of seconds above 0, got -1',
    );
    expect(() => coalmine.route({ objektive: {} } as never)).toThrow('coalmine.objektive must be left out');
  });

  describe('warns', () => {
    const warnings: string[] = [];
    const listen = ({ name, message }: Error): void => void (name === 'CoalmineWarning' && warnings.push(message));
    beforeEach(() => void process.on('warning', listen));
    afterEach(() => {
      process.off('warning', listen);
      warnings.length = 0;
    });

    const respond = (_request: Request, response: Response): void => void response.send('ok');

    it('if a patience is below the latency of the service', async () => {
      const app = createApp('express53', (built) => {
        built.get('/odd', coalmine.route({ objective: { patience: 0.3 } }), respond);
      });
      expect((await countedOf(app, ['/odd'])).requests).toEqual({ 'GET /odd 200': 1 });
      expect(warnings).toEqual([expect.stringContaining('coalmine.route() on /odd has no effect')]);
    });

    it('if one request has an objective, once', async () => {
      const app = createApp('express53', (built) => {
        built.use('/called', (request, response, next) => {
          coalmine.route({ objective: { latency: 2.5 } })(request, response, next);
        });
        built.use('/called', respond);
      });
      expect((await countedOf(app, ['/called', '/called'])).requests).toEqual({ 'GET /called 200': 2 });
      expect(warnings).toEqual([expect.stringContaining('where a function calls it')]);
    });

    it.each(EXPRESS_VERSIONS)(
      'if it cannot see what is at the same path, in %s, and keeps counting',
      async (version) => {
        const isTold = version !== 'express50' && version !== 'express51';
        const app = createApp(version, (built) => {
          built.use(/^\/internal/, coalmine.route(false), respond);
          built.use(/^\/int/, respond);
        });
        const { requests, excluded } = await countedOf(app, ['/internal', '/int']);
        expect([requests, excluded]).toEqual(
          isTold ? [{ 'GET (mounted) 200': 1 }, { 'route 2xx': 1 }] : [{ 'GET (mounted) 200': 2 }, {}],
        );
        expect(warnings).toEqual(isTold ? [] : [expect.stringContaining('before router 2.3')]);
      },
    );
  });
});
