import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import { get } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import type { HealthOptions } from '@coalmine/node';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/client.js';
import { Exposition } from '../support/exposition.js';
import { selfSigned } from '../support/self-signed.js';
import { expressOf, FASTIFY_VERSIONS, fastify, serve, serveFastify } from './frameworks.js';

// Other plugins in front of an app: logins, limits, load shedding. Probes have no login, and must not be shed.

const require = createRequire(import.meta.url);
const PATHS = ['/livez', '/healthz', '/readyz', '/readyz/disk', '/startupz'];
const HEALTH: HealthOptions = {
  signals: [],
  details: 'always',
  aliases: { '/healthz': 'live' },
  checks: { disk: { kind: 'critical', run: () => true } },
};

type Version = (typeof FASTIFY_VERSIONS)[number];

/** A plugin in front of an app. */
interface Guard {
  readonly name: string;
  readonly install: (app: FastifyInstance, version: Version) => unknown;
  /** The status of the second request of a stranger. */
  readonly refused: number;
  /** The status of the second scrape by a stranger. */
  readonly scraped: number;
}

const login = async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
  if (headers.authorization === undefined) await reply.code(401).send('who are you?');
};
const rateLimit = (version: Version): FastifyPluginAsync<Record<string, unknown>> =>
  require(version === 'fastify4' ? 'rate-limit9' : '@fastify/rate-limit');
const underPressure = (version: Version): FastifyPluginAsync<Record<string, unknown>> =>
  require(version === 'fastify4' ? 'under-pressure8' : '@fastify/under-pressure');

const GUARDS: readonly Guard[] = [
  { name: 'onRequest', install: (app) => app.addHook('onRequest', login), refused: 401, scraped: 401 },
  { name: 'preParsing', install: (app) => app.addHook('preParsing', login), refused: 401, scraped: 401 },
  { name: 'preValidation', install: (app) => app.addHook('preValidation', login), refused: 401, scraped: 401 },
  { name: 'preHandler', install: (app) => app.addHook('preHandler', login), refused: 401, scraped: 401 },
  {
    name: 'onSend',
    install: (app) =>
      app.addHook('onSend', async (_request, reply) => {
        reply.code(403);
        return 'no';
      }),
    refused: 403,
    scraped: 200,
  },
  {
    name: 'rate-limit',
    install: (app, version) => app.register(rateLimit(version), { max: 1 }),
    refused: 429,
    scraped: 200,
  },
  {
    name: 'under-pressure',
    install: (app, version) =>
      app.register(underPressure(version), { healthCheck: async () => false, healthCheckInterval: 1e6 }),
    refused: 503,
    scraped: 200,
  },
];

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

function makeApp(version: Version, options: object = {}): FastifyInstance {
  const app = fastify(version, { forceCloseConnections: true, ...options });
  closings.push(() => app.close());
  return app;
}

function carry(app: FastifyInstance): PromiseLike<unknown> {
  return app.register(coalmineFastify, { registry: new Registry(), warmup: false, health: HEALTH });
}

/** Listens, and waits until the checks have passed. */
async function listen(app: FastifyInstance): Promise<string> {
  const { port } = await serveFastify(app);
  await until(() => app.coalmine.health?.checks()[0]?.status === 'pass', 'the first run');
  return `http://127.0.0.1:${port}`;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: object;
}

async function ask(url: string): Promise<Answer> {
  const response = await fetch(url);
  const { date, connection, 'keep-alive': keepAlive, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, body: await response.text(), headers };
}

const PASSED: Answer = {
  status: 200,
  body: 'pass\n',
  headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '5', 'cache-control': 'no-store' },
};

describe.each(FASTIFY_VERSIONS)('%s', (version) => {
  describe.each(GUARDS)('behind $name', ({ install, refused, scraped }) => {
    it.each(['before', 'after'])('responds to its probes if it was registered %s Coalmine', async (order) => {
      const app = makeApp(version);
      if (order === 'before') await install(app, version);
      await carry(app);
      if (order === 'after') await install(app, version);
      app.get('/', async () => 'a page');
      const base = await listen(app);
      for (const path of [...PATHS, ...PATHS]) expect([path, await ask(base + path)]).toEqual([path, PASSED]);
      for (const path of PATHS) expect((await app.inject(path)).body).toBe('pass\n');
      await ask(`${base}/`);
      expect((await ask(`${base}/`)).status).toBe(refused);
      await ask(`${base}/metrics`);
      expect((await ask(`${base}/metrics`)).status).toBe(scraped);
      const exposition = new Exposition(await (app.coalmine.metrics.registry as Registry).metrics());
      expect(exposition.sum('http_requests_total')).toBe(2);
      expect(exposition.excluded()).toEqual({
        'health 2xx': 3 * PATHS.length,
        [scraped === 200 ? 'metrics 2xx' : 'metrics 4xx']: 2,
      });
    });
  });

  it('responds to probes of a scope behind the hooks of the scope and of the app', async () => {
    const app = makeApp(version);
    app.addHook('onRequest', login);
    await app.register(
      async (scope) => {
        scope.addHook('preHandler', login);
        await carry(scope);
        scope.addHook('onRequest', login);
        scope.get('/', async () => 'a page');
      },
      { prefix: '/api' },
    );
    const { port } = await serveFastify(app);
    const base = `http://127.0.0.1:${port}/api`;
    for (const path of ['/livez', '/startupz']) expect(await ask(base + path)).toEqual(PASSED);
    expect((await ask(`${base}/`)).status).toBe(401);
  });

  it('lets the hooks of the app guard everything except the endpoints', async () => {
    const app = makeApp(version);
    app.addHook('onRequest', login);
    await carry(app);
    const base = await listen(app);
    const paths = ['/livezz', '/livez/', '/livez/disk', '/readyz/disk/', '/readyz/disk/deeper', '/'];
    for (const path of paths) expect([path, (await ask(base + path)).status]).toEqual([path, 401]);
    expect((await fetch(`${base}/livez`, { method: 'POST' })).status).toBe(401);
  });

  it('responds to probes over https and HTTP/2', async () => {
    const pair = await selfSigned();
    const secure = makeApp(version, { https: pair });
    const plain = makeApp(version, { http2: true });
    const both = makeApp(version, { http2: true, https: { ...pair, allowHTTP1: true } });
    const statuses: unknown[] = [];
    for (const app of [secure, plain, both]) {
      app.addHook('onRequest', login);
      await carry(app);
      await app.listen({ host: '127.0.0.1', port: 0 });
    }
    for (const app of [secure, both]) {
      const { port } = app.server.address() as AddressInfo;
      const url = `https://127.0.0.1:${port}/livez`;
      const status = await new Promise((resolve) => {
        get(url, { agent: false, rejectUnauthorized: false }, (response) => resolve(response.resume().statusCode));
      });
      statuses.push(status);
    }
    for (const [app, scheme] of [
      [plain, 'http'],
      [both, 'https'],
    ] as const) {
      const { port } = app.server.address() as AddressInfo;
      const session = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
      const stream = session.request({ ':path': '/readyz' });
      stream.on('response', (headers) => statuses.push(headers[':status']));
      expect(await text(stream)).toBe('pass\n');
      session.close();
    }
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  it.each<[string, object]>([
    ['', {}],
    [
      ', with a server of its own',
      { serverFactory: (handler: RequestListener) => createServer((...exchange) => handler(...exchange)) },
    ],
  ])('lives, and is not ready, while it closes%s', async (_name, options) => {
    const app = makeApp(version, options);
    let isClosing = false;
    let finish = (): void => {};
    app.addHook('preClose', () => {
      isClosing = true;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await carry(app);
    app.get('/', async () => 'a page');
    const base = await listen(app);
    const closed = app.close();
    await until(() => isClosing, 'the close');
    expect(await ask(`${base}/livez`)).toEqual(PASSED);
    expect(await ask(`${base}/healthz`)).toEqual(PASSED);
    for (const path of ['/readyz', '/']) expect((await ask(base + path)).status).toBe(503);
    finish();
    await closed;
  });
});

describe('Nest on Fastify', () => {
  it('responds to probes behind guards, middleware, hooks and a global prefix', async () => {
    await import('reflect-metadata');
    const { Controller, Get, Module, UnauthorizedException } = await import('@nestjs/common');
    const { NestFactory } = await import('@nestjs/core');
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    class Items {
      list(): string {
        return 'items';
      }
    }
    Get()(Items.prototype, 'list', Object.getOwnPropertyDescriptor(Items.prototype, 'list') as PropertyDescriptor);
    Controller('items')(Items);
    class App {}
    Module({ controllers: [Items] })(App);
    const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false });
    closings.push(() => app.close());
    const server = app.getHttpAdapter().getInstance() as FastifyInstance;
    await carry(server);
    app.setGlobalPrefix('api');
    app.useGlobalGuards({
      canActivate() {
        throw new UnauthorizedException();
      },
    });
    app.use((_request: IncomingMessage, response: ServerResponse) => response.writeHead(403).end());
    await app.listen(0, '127.0.0.1');
    const base = await app.getUrl();
    await until(() => server.coalmine.health?.checks()[0]?.status === 'pass', 'the first run');
    for (const path of PATHS) expect([path, await ask(base + path)]).toEqual([path, PASSED]);
    expect((await ask(`${base}/api/items`)).status).toBe(403);
  });
});

describe.each(['express4', 'express53'] as const)('%s', (version) => {
  it('responds to probes before a login that comes after Coalmine, or before any login if its handler serves the app', async () => {
    const statuses: Record<string, number[]> = {};
    for (const order of ['before', 'after', 'handler']) {
      const app = expressOf(version)();
      const coalmine = coalmineExpress({ registry: new Registry(), health: HEALTH });
      closings.push(() => coalmine.instrument.close());
      if (order === 'after') app.use(coalmine);
      app.use((_request, response) => void response.status(401).end());
      if (order !== 'after') app.use(coalmine);
      const handler = coalmine.instrument.handler((request, response) => app(request, response));
      const { port, close } = await serve(createServer(order === 'handler' ? handler : app));
      closings.push(close);
      await until(() => order === 'before' || coalmine.instrument.isReady(), 'the first run');
      const paths = ['/livez', '/readyz', '/metrics', '/'];
      const answers = await Promise.all(paths.map((path) => ask(`http://127.0.0.1:${port}${path}`)));
      statuses[order] = answers.map(({ status }) => status);
    }
    expect(statuses).toEqual({
      before: [401, 401, 401, 401],
      after: [200, 200, 200, 401],
      handler: [200, 200, 200, 401],
    });
  });
});
