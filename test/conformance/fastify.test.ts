import { type EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import coalmine, { type ObjectiveOptions, signExclusion } from '@coalmine/fastify';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openRaw, send, until } from '../support/client.js';
import { Exposition, scrapeUntil } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { FASTIFY_VERSIONS, fastify, serveFastify } from './frameworks.js';

const require = createRequire(import.meta.url);

describe.each(FASTIFY_VERSIONS)('%s', (version) => {
  let app: FastifyInstance;
  let lines: string[];
  afterEach(() => app.close());

  /** Returns an app with a readable log, without Coalmine. */
  function create(options: object = {}): FastifyInstance {
    lines = [];
    const stream = { write: (line: string) => void lines.push(line) };
    app = fastify(version, { logger: { level: 'warn', stream }, forceCloseConnections: true, ...options });
    return app;
  }

  async function created(options: object = {}): Promise<FastifyInstance> {
    await create().register(coalmine, { registry: new Registry(), warmup: false, ...options });
    return app;
  }

  async function scrape(): Promise<Exposition> {
    return new Exposition((await app.inject('/metrics')).body);
  }

  it('names routes by their prefix and pattern, with or without a slash at the end', async () => {
    await created();
    app.register(
      async (scope) => {
        scope.get('/', async () => 'root of the scope');
        scope.get('/items/:id', async () => 'item');
        scope.register(async (inner) => void inner.get('/deep', async () => 'deep'), { prefix: '/v1/' });
      },
      { prefix: '/api' },
    );
    for (const url of ['/api', '/api/', '/api/items/7?full=1', '/api/v1/deep']) await app.inject(url);
    expect((await scrape()).requests()).toEqual({
      'GET /api 200': 2,
      'GET /api/items/:id 200': 1,
      'GET /api/v1/deep 200': 1,
    });
  });

  it('sees routes of encapsulated plugins that it was not registered in', async () => {
    await created();
    app.register(async (scope) => void scope.get('/inside', async () => 'in'));
    await app.inject('/inside');
    expect((await scrape()).requests()).toEqual({ 'GET /inside 200': 1 });
  });

  it('counts the routes of the scope that it is registered in, and no others', async () => {
    const registry = new Registry();
    create();
    app.get('/outside', async () => 'out');
    app.register(async (scope) => {
      await scope.register(coalmine, { registry, metrics: { path: false }, health: false });
      scope.get('/inside', async () => 'in');
    });
    const { port } = await serveFastify(app);
    for (const path of ['/inside', '/outside', '/nowhere']) await send(port, path);
    expect(new Exposition(await registry.metrics()).requests()).toEqual({ 'GET /inside 200': 1 });
  });

  it('labels a route of several methods by the method of the request', async () => {
    await created();
    app.route({ method: ['GET', 'PUT'], url: '/both', handler: async () => 'both' });
    await app.inject({ method: 'PUT', url: '/both' });
    const exposition = await scrape();
    expect(exposition.requests()).toEqual({ 'PUT /both 200': 1 });
    expect(exposition.value('http_errors_total', { method: 'GET', route: '/both', status_code: 500 })).toBe(0);
  });

  it('counts the HEAD that Fastify adds to a GET, without series for it before it comes', async () => {
    await created();
    app.get('/items/:id', async () => 'item');
    await app.ready();
    expect((await scrape()).samples('http_requests_total', { method: 'HEAD' })).toEqual([]);
    await app.inject({ method: 'HEAD', url: '/items/1' });
    expect((await scrape()).requests()).toEqual({ 'HEAD /items/:id 200': 1 });
  });

  it('counts errors wherever they are thrown, on the route they were thrown for', async () => {
    await created();
    app.get('/handler', async () => {
      throw new Error('in the handler');
    });
    app.get('/hook', { preHandler: async () => Promise.reject(new Error('in a hook')) }, async () => 'never');
    app.post('/parsed', async () => 'never');
    app.post(
      '/validated',
      { schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } },
      async () => 'never',
    );
    app.get('/not-found', (_request, reply) => reply.callNotFound());
    await app.inject('/handler');
    await app.inject('/hook');
    await app.inject({ method: 'POST', url: '/parsed', headers: { 'content-type': 'application/json' }, payload: '{' });
    await app.inject({ method: 'POST', url: '/validated', payload: {} });
    await app.inject('/not-found');
    expect((await scrape()).requests('http_errors_total')).toEqual({
      'GET /handler 500': 1,
      'GET /hook 500': 1,
      'POST /parsed 400': 1,
      'POST /validated 400': 1,
      'GET /not-found 404': 1,
    });
  });

  it('counts requests that never reach a hook: a malformed URL, and a request while it closes', async () => {
    await created();
    let release: (() => void) | undefined;
    let finish: (() => void) | undefined;
    app.get('/slow', () => new Promise((resolve) => (release = () => resolve('done'))));
    app.addHook('preClose', () => new Promise<void>((resolve) => (finish = resolve)));
    const { port } = await serveFastify(app);
    expect(await send(port, '/%ff')).toMatchObject({ status: 400 });
    const kept = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => release !== undefined, 'the slow request');
    const { metrics } = app.coalmine;
    const closing = app.close();
    await until(() => finish !== undefined, 'the close');
    // Uses the same connection, so that the client still has one.
    release?.();
    await until(() => kept.received().includes('done'), 'the slow answer');
    kept.socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => kept.received().includes('HTTP/1.1 503'), 'the refusal');
    finish?.();
    await closing;
    const exposition = new Exposition(await metrics.registry.metrics());
    expect(exposition.requests()).toEqual({
      'GET (unmatched) 400': 1,
      'GET /slow 200': 1,
      'GET (unmatched) 503': 1,
    });
  });

  it('finishes a request in flight while it drains, although the app cuts its connections when it closes', async () => {
    await created({ health: { drainSeconds: 0, signals: [] } });
    let release: (() => void) | undefined;
    app.get('/slow', () => new Promise((resolve) => (release = () => resolve('done'))));
    // Fastify cuts the connections right after the hooks.
    app.addHook('preClose', async () => void setTimeout(() => release?.(), 50));
    const { port } = await serveFastify(app);
    const response = send(port, '/slow');
    await until(() => release !== undefined, 'the slow request');
    await app.coalmine.health?.drain();
    expect(await response).toMatchObject({ status: 200 });
  });

  it('names and excludes requests given by the request or the reply of Fastify', async () => {
    await created();
    app.get('/*', async (request, reply) => {
      if (request.url === '/a') app.coalmine.route(request, '/named');
      else app.coalmine.exclude(reply);
      return 'ok';
    });
    for (const path of ['/a', '/b']) await app.inject(path);
    const exposition = await scrape();
    expect(exposition.requests()).toEqual({ 'GET /named 200': 1 });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 1 });
  });

  it('counts a hijacked reply by what the client got', async () => {
    await created();
    app.get('/hijacked', (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202);
      reply.raw.end('taken over');
    });
    await app.inject('/hijacked');
    const exposition = await scrape();
    expect(exposition.observed()).toEqual({ 'GET /hijacked 202': 1 });
  });

  it('counts a stream that fails mid-body as a failure', async () => {
    await created();
    app.get('/stream', async (_request, reply) => {
      const { Readable } = await import('node:stream');
      return reply.send(
        Readable.from(
          (async function* () {
            yield 'some of it';
            await delay(20);
            throw new Error('the source failed');
          })(),
        ),
      );
    });
    const { port } = await serveFastify(app);
    expect(await send(port, '/stream')).toBe('cut mid-body');
    await until(() => [...app.coalmine.metrics.inFlight()].length === 0, 'the close');
    expect((await scrape()).requests()).toEqual({ 'GET /stream 500': 1 });
  });

  it('takes options for one route', async () => {
    await created({ objective: { latency: 0.1, patience: 0.2 } });
    app.get('/hidden', { config: { coalmine: false } }, async () => 'hidden');
    const patient = { objective: { latency: 0.1, patience: 30 } };
    app.get('/patient', { config: { coalmine: patient } }, () => new Promise(() => {}));
    app.get('/impatient', () => new Promise(() => {}));
    const { port } = await serveFastify(app);
    await send(port, '/hidden');
    const overdue = scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.value('http_requests_in_flight') === 2 && each.value('http_requests_overdue') === 1,
    );
    await Promise.all(['/patient', '/impatient'].map((path) => send(port, path, { leaveAfter: () => overdue })));
    expect((await overdue).value('http_requests_overdue')).toBe(1);
    await until(() => [...app.coalmine.metrics.inFlight()].length === 0, 'the close');
    expect((await scrape()).requests()).toEqual({ 'GET /patient 499': 1, 'GET /impatient 504': 1 });
  });

  it('refuses route options that it cannot keep, when the route is registered', async () => {
    await created();
    const config = (objective: ObjectiveOptions) => ({ config: { coalmine: { objective } } });
    expect(() => app.get('/odd', config({ patience: 0.3 }), async () => 'odd')).toThrow(
      'objective.patience must be at least the latency of 0.5 seconds, got 0.3',
    );
    expect(() => app.get('/fine', config({ latency: 0.37 }), async () => 'fine')).not.toThrow();
  });

  it('does not change routes before the hooks of the app see them', async () => {
    await created();
    const configs: unknown[] = [];
    app.addHook('onRoute', ({ config }) => void configs.push(config));
    app.get('/items/:id', { exposeHeadRoute: false }, async () => 'item');
    const config = { mine: true };
    app.get('/own', { config, exposeHeadRoute: false } as object, async () => 'own');
    expect(configs).toEqual([undefined, config]);
    expect(configs[1]).toBe(config);
    await app.inject('/items/1');
    expect((await scrape()).requests()).toEqual({ 'GET /items/:id 200': 1 });
  });

  it('tells routes of one path apart by their options', async () => {
    await created();
    app.get('/items', { constraints: { version: '1.0.0' } }, async () => 'first');
    app.get('/items', { constraints: { version: '2.0.0' }, config: { coalmine: false } }, async () => 'second');
    for (const version of ['1.x', '2.x', '2.x']) {
      await app.inject({ url: '/items', headers: { 'accept-version': version } });
    }
    const exposition = await scrape();
    expect(exposition.requests()).toEqual({ 'GET /items 200': 1 });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 2 });
    expect(lines).toEqual([]);
  });

  it('counts routes that it could not see, and says so once', async () => {
    create();
    app.get('/before', async () => 'before');
    app.register(coalmine, { registry: new Registry(), warmup: false });
    app.get('/same-tick', { config: { coalmine: { objective: { patience: 0.3 } } } }, async () => 'same tick');
    for (const url of ['/before', '/same-tick', '/before']) await app.inject(url);
    expect((await scrape()).requests()).toEqual({ 'GET /before 200': 2, 'GET /same-tick 200': 1 });
    expect(lines.filter((line) => line.includes('Await app.register(coalmine)'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('cannot use the options of /same-tick'))).toHaveLength(1);
  });

  it('counts once when it is registered twice', async () => {
    const registry = new Registry();
    await created({ registry });
    await app.register(coalmine, { registry, objective: { latency: 1 } });
    app.register(async (scope) => {
      await scope.register(coalmine);
      scope.get('/inside', async () => 'in');
    });
    await app.inject('/inside');
    expect((await scrape()).requests()).toEqual({ 'GET /inside 200': 1 });
  });

  it('names the options of a second registration that have no effect', async () => {
    const options = { registry: new Registry(), warmup: false, health: { checks: { database: () => true } } } as const;
    await created(options);
    const warnings = coalmineWarnings();
    await app.register(coalmine);
    await app.register(coalmine, { ...options, health: { checks: { ...options.health.checks } } });
    app.register(async (scope) => {
      await scope.register(coalmine, { registry: options.registry, objective: { latency: 1 }, warmup: {} });
    });
    await app.ready();
    const messages = (await warnings.taken()).map(({ message }) => message);
    expect(messages).toEqual([
      'coalmine is registered already, so these options of a second registration have no effect: objective, warmup. Register it once, or give another app a `registry` of its own',
    ]);
  });

  it('counts once when a scope registers it before the app does, on the same registry', async () => {
    const registry = new Registry();
    create();
    await app.register(async (scope) => {
      await scope.register(coalmine, { registry, metrics: { path: false }, health: false });
      scope.get('/inside', async () => 'in');
    });
    await app.register(coalmine, { registry });
    await app.inject('/inside');
    expect((await scrape()).requests()).toEqual({ 'GET /inside 200': 1 });
  });

  it('shares the metrics of two apps on one registry', async () => {
    const registry = new Registry();
    await created({ registry });
    const other = fastify(version);
    await other.register(coalmine, { registry });
    for (const each of [app, other]) {
      each.get('/shared', async () => 'shared');
      await each.inject('/shared');
    }
    expect((await scrape()).requests()).toEqual({ 'GET /shared 200': 2 });
    await other.close();
  });

  it('rejects the registration when an option is wrong', async () => {
    create();
    await expect(app.register(coalmine, { metrics: { maxRoutes: 0 } })).rejects.toThrow(
      'metrics.maxRoutes must be an integer of at least 1, got 0',
    );
  });

  it('serves the endpoints on the admin port alone, while the app is up', async () => {
    await created({ admin: { port: 0, host: '127.0.0.1' } });
    app.get('/items/:id', async () => 'item');
    await app.inject('/items/1');
    expect((await app.inject('/metrics')).statusCode).toBe(404);
    const port = (await app.coalmine.listen()) ?? 0;
    expect(new Exposition(String(await bodyOf(port, '/metrics'))).requests()).toMatchObject({
      'GET /items/:id 200': 1,
    });
    expect(await send(port, '/items/1')).toMatchObject({ status: 404 });
    await app.close();
    expect(await send(port, '/metrics')).toBe('cut before headers');
  });

  it('counts a websocket route by its pattern', async () => {
    await created();
    if (version === 'fastify5') {
      const { default: websocket } = await import('@fastify/websocket');
      await app.register(websocket);
      app.get('/live/:room', { websocket: true }, (socket) => socket.send('hello'));
    } else {
      // @fastify/websocket has one release per major version of Fastify. Its release for Fastify 4 does this.
      const { WebSocketServer } = await import('ws');
      const sockets = new WebSocketServer({ noServer: true });
      app.server.on('upgrade', (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (live) => live.send('hello'));
        app.coalmine.route(request, '/live/:room');
      });
    }
    const { port } = await serveFastify(app);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live/7`);
    await once(socket as unknown as EventEmitter, 'message');
    const expected = version === 'fastify5' ? { 'GET /live/:room 101': 1 } : { 'GET (unmatched) 101': 1 };
    expect((await scrape()).requests()).toEqual(expected);
    socket.terminate();
    await delay(30);
    const exposition = await scrape();
    expect(exposition.requests()).toEqual(expected);
    expect([exposition.observed(), exposition.value('http_requests_in_flight')]).toEqual([{}, 0]);
  });

  it('counts the files of a directory as one route, however many routes serve them', async () => {
    const root = mkdtempSync(join(tmpdir(), 'coalmine-files-'));
    const names = Array.from({ length: 40 }, (_, i) => `chunk-${i}.js`);
    mkdirSync(join(root, 'deep'));
    for (const name of ['index.html', 'deep/index.html', 'deep/app.js', ...names])
      writeFileSync(join(root, name), name);
    const files = require(version === 'fastify5' ? '@fastify/static' : 'fastify-static7');
    await created({ metrics: { maxRoutes: 5 } });
    await app.register(files, { root, wildcard: false, prefix: '/assets', redirect: true });
    await app.register(
      async (scope) => {
        await scope.register(files, { root, wildcard: false, decorateReply: false });
      },
      { prefix: '/scoped' },
    );
    app.get('/items/:id', async () => 'item');
    app.get('/assets/own.json', async () => 'a route of the app');
    for (const path of ['/items/1', '/assets/chunk-1.js', '/assets/chunk-2.js', '/assets/', '/assets/deep/app.js']) {
      expect((await app.inject(path)).statusCode).toBe(200);
    }
    for (const path of ['/assets/own.json', '/scoped/deep/']) expect((await app.inject(path)).statusCode).toBe(200);
    expect((await app.inject('/assets/none.js')).statusCode).toBe(404);
    const exposition = await scrape();
    expect(exposition.requests()).toEqual({
      'GET /items/:id 200': 1,
      'GET /assets/* 200': 4,
      'GET /assets/own.json 200': 1,
      'GET /scoped/* 200': 1,
      'GET (unmatched) 404': 1,
    });
    expect(exposition.value('http_errors_total', { method: 'GET', route: '/assets/*', status_code: 500 })).toBe(0);
    expect(exposition.value('coalmine_series_dropped_total')).toBe(0);
    rmSync(root, { recursive: true });
  });

  it('makes no series for requests that Fastify itself refuses: a version, a method, a host, a path', async () => {
    await created();
    app.get('/items', { constraints: { version: '1.2.0' } }, async () => 'items');
    app.get('/hosted', { constraints: { host: 'shop.example' } }, async () => 'hosted');
    app.get('/items/:id', async () => 'item');
    app.register(
      async (scope) => {
        scope.setNotFoundHandler((_request, reply) => void reply.code(410).send('gone'));
        scope.get('/page', async () => 'page');
      },
      { prefix: '/scope' },
    );
    await app.inject({ url: '/items', headers: { 'accept-version': '1.x' } });
    await app.inject({ url: '/items', headers: { 'accept-version': '2.x' } });
    await app.inject('/items');
    await app.inject('/hosted');
    await app.inject('/scope/none');
    for (const method of ['PUT', 'OPTIONS'] as const) await app.inject({ method, url: '/items/1' });
    expect((await scrape()).requests()).toEqual({
      'GET /items 200': 1,
      'GET (unmatched) 404': 3,
      'GET (unmatched) 410': 1,
      'PUT (unmatched) 404': 1,
      'OPTIONS (unmatched) 404': 1,
    });
  });

  it('excludes the long polls of Socket.IO, attached before or after', async () => {
    let reply: (() => void) | undefined;
    const attachSocketIo = ({ server }: FastifyInstance): void => {
      const others = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
      server.removeAllListeners('request');
      server.on('request', (request, response) => {
        if (!request.url?.startsWith('/socket.io/')) for (const other of others) other.call(server, request, response);
        else {
          Object.assign(request, { _query: { EIO: '4', transport: 'polling' } });
          reply = () => void response.end('poll');
        }
      });
    };
    for (const order of ['before', 'after']) {
      create();
      if (order === 'before') attachSocketIo(app);
      await app.register(coalmine, { registry: new Registry(), warmup: false });
      if (order === 'after') attachSocketIo(app);
      app.get('/items/:id', async () => 'item');
      const base = await app.listen({ port: 0, host: '127.0.0.1' });
      const poll = fetch(`${base}/socket.io/?EIO=4&transport=polling`);
      await until(() => reply !== undefined, 'the poll');
      await fetch(`${base}/items/1`);
      expect((await scrape()).value('http_requests_in_flight'), order).toBe(0);
      reply?.();
      reply = undefined;
      await (await poll).text();
      const exposition = await scrape();
      expect(exposition.requests(), order).toEqual({ 'GET /items/:id 200': 1 });
      expect(exposition.excluded()['route 2xx'], order).toBe(order === 'before' ? 1 : undefined);
      await app.close();
    }
  });

  it('counts a URL that cannot be decoded if the server has got it, and not if it was injected', async () => {
    await created();
    app.get('/items/:id', async () => 'item');
    expect((await app.inject('/%ff')).statusCode).toBe(400);
    expect((await scrape()).requests()).toEqual({});
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    expect((await fetch(`${base}/%ff`)).status).toBe(400);
    expect((await scrape()).requests()).toEqual({ 'GET (unmatched) 400': 1 });
  });

  it('warns of a prefix, which does not move its endpoints', async () => {
    const warnings = coalmineWarnings();
    await create().register(coalmine, { registry: new Registry(), prefix: '/internal' });
    expect(await app.inject('/internal/metrics')).toMatchObject({ statusCode: 404 });
    expect(await app.inject('/metrics')).toMatchObject({ statusCode: 200 });
    const [warning, ...more] = await warnings.taken();
    expect(warning).toMatchObject({ code: 'COALMINE_INVALID_OPTION', message: expect.stringContaining('"/internal"') });
    expect(more).toEqual([]);
  });

  it('excludes an injected request that proves itself', async () => {
    const secret = 'a secret of at least thirty-two characters';
    await created({ traffic: { exclude: { signed: { keys: { monitor: secret } } } } });
    app.get('/items/:id', async ({ headers, raw }) => [...Object.keys(headers), ...raw.rawHeaders]);
    const marker = signExclusion({ keyId: 'monitor', secret, path: '/items/1', host: 'localhost:80' });
    const seen = await app.inject({ url: '/items/1', headers: marker });
    expect(seen.json().join().toLowerCase()).not.toContain('x-coalmine-exclude');
    await app.inject('/items/1');
    const exposition = await scrape();
    expect(exposition.excluded()).toEqual({ 'signed 2xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
  });

  it('primes itself when it listens, and says so in its log', async () => {
    create({ logger: { level: 'debug', stream: { write: (line: string) => void lines.push(line) } } });
    const prime = { requests: ['/items/1'], count: 20 };
    await app.register(coalmine, { registry: new Registry(), warmup: { prime } });
    app.get('/items/:id', async () => 'item');
    app.get('/ready', async ({ raw }) => ({ isReady: app.coalmine.isReady(raw), ...app.coalmine.priming }));
    await serveFastify(app);
    await until(() => app.coalmine.isReady(), 'ready');
    expect((await app.inject('/ready')).json()).toEqual({
      isReady: true,
      state: 'done',
      count: 20,
      sent: 20,
      failed: 0,
    });
    const said = lines
      .map((line) => JSON.parse(line).msg)
      .filter((line) => /coalmine (?:is priming|has primed)/.test(line));
    expect(said).toHaveLength(12);
    expect(said.at(-1)).toBe('coalmine has primed: 20 requests sent, 0 failed');
  });

  it('shows no zeros for its endpoint', async () => {
    await created();
    expect((await scrape()).samples('coalmine_excluded_requests_total', { reason: 'route' })).toEqual([]);
    expect((await scrape()).samples('http_requests_total', { route: '/metrics' })).toEqual([]);
  });

  it('counts HTTP/2 exchanges by the same rules', async () => {
    await create({ http2: true }).register(coalmine, {
      warmup: false,
      registry: new Registry(),
      objective: { latency: 20, patience: 60 },
    });
    app.get('/items/:id', async () => 'item');
    const hang = (): Promise<never> => new Promise(() => {});
    app.get('/soon', hang);
    app.get('/late', { config: { coalmine: { objective: { latency: 0.05, patience: 60 } } } }, hang);
    app.get('/too-late', { config: { coalmine: { objective: { latency: 0.05, patience: 0.1 } } } }, hang);
    const { port } = await serveFastify(app);
    const inFlight = (): number => [...app.coalmine.metrics.inFlight()].length;
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const answered = session.request({ ':path': '/items/1' });
    answered.resume();
    await once(answered, 'end');
    for (const path of ['/soon', '/late', '/too-late']) {
      const hanging = session.request({ ':path': path });
      hanging.on('error', () => {});
      await until(() => inFlight() === 1, 'the request');
      await delay(200);
      hanging.close(8);
      await until(() => inFlight() === 0, 'the close');
    }
    // Fastify 4 refuses injected requests on HTTP/2.
    const exposition = new Exposition(await app.coalmine.metrics.registry.metrics());
    expect(exposition.requests()).toEqual({
      'GET /items/:id 200': 1,
      'GET /soon 499': 1,
      'GET /late 499': 1,
      'GET /too-late 504': 1,
    });
    expect(exposition.observed()).toEqual({ 'GET /items/:id 200': 1, 'GET /late 499': 1, 'GET /too-late 504': 1 });
    session.destroy();
  });
});

async function bodyOf(port: number, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}
