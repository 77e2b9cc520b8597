import type { Express, Request, Response } from 'express';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Exposition } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { type Build, countedOf, createApp, pass, respond, statusOf } from './express-app.js';
import { EXPRESS_VERSIONS, expressOf, serveExpress } from './frameworks.js';

interface Layer {
  readonly handle: { readonly stack?: readonly Layer[]; readonly length: number; readonly name: string };
  readonly route?: { readonly stack: readonly Layer[] };
}

const shop: Build = (app, express) => {
  const [router, sub] = [express.Router(), express()];
  router.get('/items/:id', pass, respond(200));
  router.use('/files', express.static('.'));
  sub.get(['/page', '/other'], respond(200));
  app.use(pass);
  app.use('/api/:version', pass, router);
  app.use('/sub', sub);
  app.use('/called', (request, response, next) => router(request, response, next));
  app.all('/any', respond(200));
  app.use(/^\/expression/, respond(200));
  app.use((_error: Error, _request: Request, response: Response, _next: unknown) => response.end());
};
const REQUESTS = ['/api/1/items/2', '/api/1/files/package.json', '/sub/page', '/called/items/3', '/expression', '/any'];

describe.each(EXPRESS_VERSIONS)('%s', (version) => {
  it('leaves the routers of the app as other readers expect them', async () => {
    const bare = expressOf(version)();
    shop(bare, expressOf(version));
    const measured = createApp(version, shop);
    await countedOf(measured, REQUESTS);
    await serveAll(bare, REQUESTS);
    // Leaves out the layer of Coalmine itself.
    const layers = layersOf(measured);
    const own = layers.findIndex(({ name }) => name === 'middleware');
    expect(layers.toSpliced(own, 1)).toEqual(layersOf(bare));
  });

  it('counts the mock of a request and its response', async () => {
    const registry = new Registry();
    const warnings = coalmineWarnings();
    const build: Build = (app) => app.get('/items/:id', (_request, response) => response.status(201).end());
    const app = createApp(version, build, { registry });
    const end = vi.fn();
    app({ method: 'GET', url: '/items/1', headers: {}, socket: {} } as Request, { setHeader: () => {}, end } as never);
    await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
    const exposition = new Exposition(await registry.metrics());
    expect(exposition.requests()).toEqual({ 'GET /items/:id 201': 1 });
    expect(exposition.value('http_requests_in_flight')).toBe(0);
    expect(await warnings.taken()).toEqual([]);
  });

  it('passes requests to handlers as it would without Coalmine', async () => {
    const seen: unknown[] = [];
    const build: Build = (app, express) => {
      const router = express.Router({ mergeParams: true });
      router.get('/items/:id', function items(this: unknown, ...[request, response, next, ...more]) {
        seen.push([this, more, next.name, next.length, request.next === undefined]);
        seen.push([request.baseUrl, request.url, request.params, request.route.path, 'route' in request]);
        response.send('ok');
      });
      app.use('/t/:tenant', function tenant(this: unknown, ...[request, _response, next, ...more]) {
        seen.push([this, more, next.name, next.length, request.baseUrl, request.url, request.params, request.route]);
        next();
      });
      app.use('/t/:tenant', router);
    };
    const bare = expressOf(version)();
    build(bare, expressOf(version));
    await serveAll(bare, ['/t/1/items/2?x=1', 'OPTIONS /t/1/items/2']);
    const expected = seen.splice(0);
    await countedOf(createApp(version, build), ['/t/1/items/2?x=1', 'OPTIONS /t/1/items/2']);
    expect(seen).toEqual(expected);
  });

  it('skips an object with a stack that is no router, such as an app of connect', async () => {
    const handle = (_request: Request, response: Response): void => void response.end('connected');
    const connected = Object.assign((request: Request, response: Response) => handle(request, response), {
      route: '/',
      stack: [{ route: '', handle }],
    });
    const build: Build = (app) => {
      app.use('/connected', connected);
      app.get('/items/:id', respond(200));
    };
    const { requests } = await countedOf(createApp(version, build), ['/connected/x', '/items/1']);
    expect(requests).toEqual({ 'GET /connected 200': 1, 'GET /items/:id 200': 1 });
  });

  it('does not change the requests of an app without Coalmine', async () => {
    await countedOf(createApp(version, shop), REQUESTS);
    const other = expressOf(version)();
    let seen: unknown;
    other.get('/page', (request, response) => {
      seen = [Object.hasOwn(request, 'route'), Object.keys(request).includes('route'), ownSymbols(request)];
      response.send('ok');
    });
    await serveAll(other, ['/page']);
    expect(seen).toEqual([true, true, []]);
  });
});

describe('two copies of the package, as of ESM and of CommonJS,', () => {
  afterEach(() => void vi.resetModules());

  it.each(EXPRESS_VERSIONS)('agree on marks, in %s', async (version) => {
    const { coalmine } = await anotherCopy();
    const build: Build = (app, express) => {
      app.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)));
      app.get('/page', coalmine.route(false), respond(200));
      app.use('/called', (request, response, next) => coalmine.route(false)(request, response, next), respond(200));
      app.use(respond(503));
    };
    const { requests, excluded } = await countedOf(createApp(version, build), [
      '/internal/jobs',
      '/internal/../checkout',
      '/page',
      '/called',
    ]);
    expect([requests, excluded]).toEqual([{ 'GET /* 503': 1 }, { 'route 2xx': 3 }]);
  });

  it.each(EXPRESS_VERSIONS)('count separately, and once if they share a registry, in %s', async (version) => {
    const { coalmine } = await anotherCopy();
    const { Registry } = await import('prom-client');
    const [registry, others] = [new Registry(), new Registry()];
    const build: Build = (app, express) => {
      app.use(coalmine({ registry, warmup: false, metrics: { path: false }, health: false }));
      app.use(coalmine({ registry: others, warmup: false, metrics: { path: '/others' }, health: false }));
      app.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)));
      app.use('/api/:version', express.Router().get('/items/:id', respond(200)));
      app.use(respond(503));
    };
    const app = createApp(version, build, { registry });
    const counted = { 'GET /api/:version/items/:id 200': 1, 'GET /* 503': 1 };
    const { requests, excluded } = await countedOf(app, ['/internal/jobs', '/api/1/items/2', '/internal/../checkout']);
    expect([requests, excluded]).toEqual([counted, { 'route 2xx': 1 }]);
    const { Exposition } = await import('../support/exposition.js');
    const another = new Exposition(await others.metrics());
    expect([another.requests(), another.excluded()]).toMatchObject([counted, { 'route 2xx': 1 }]);
  });
});

async function anotherCopy(): Promise<typeof import('@coalmine/express')> {
  const first = await import('@coalmine/express');
  vi.resetModules();
  const second = await import('@coalmine/express');
  expect(second.coalmine).not.toBe(first.coalmine);
  return second;
}

async function serveAll(app: Express, requests: readonly string[]): Promise<void> {
  const service = await serveExpress(app);
  for (const request of requests) await statusOf(service.port, request);
  await service.close();
}

/** Returns everything enumerable in the layers of an app, with functions as their names and lengths. */
function layersOf(app: Express): readonly { readonly name: string }[] {
  const routers = app as unknown as { readonly _router?: Layer['handle']; readonly router: Layer['handle'] };
  // Express 4 has the first property, and throws at the second.
  return describeAll((routers._router ?? routers.router).stack ?? []);
}

function describeAll(layers: readonly Layer[]): readonly { readonly name: string }[] {
  return layers.map((layer) => ({
    name: layer.handle.name,
    ...Object.fromEntries(
      Object.entries(layer).filter(([key]) => !['name', 'handle', 'route', 'matchers'].includes(key)),
    ),
    prototype: Object.getOwnPropertyNames(Object.getPrototypeOf(layer)),
    handle: { length: layer.handle.length, own: Object.keys(layer.handle) },
    inner: describeAll(layer.handle.stack ?? []),
    route: layer.route && { ...layer.route, stack: describeAll(layer.route.stack) },
  }));
}

function ownSymbols(value: object): readonly string[] {
  return Object.getOwnPropertySymbols(value)
    .map(String)
    .filter((symbol) => symbol.includes('coalmine'));
}
