import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApp, createRouter, Registry, type TestRouter } from './fixtures/routers.js';
import type { KoaApp, KoaContext, KoaMiddleware } from './koa.js';
import { createMiddleware } from './middleware.js';

type Context = KoaContext & { body: unknown };

const respond = (context: Context): void => {
  context.body = 'ok';
};
const routerOf = (...paths: readonly string[]): TestRouter => {
  const router = createRouter('@koa/router');
  for (const path of paths) router.get(path, respond);
  return router;
};

/** Serves an app with Coalmine, some functions and a router, and returns what it responds to a path. */
async function serve(...before: readonly KoaMiddleware[]) {
  const coalmine = createMiddleware({ registry: new Registry(), health: {} });
  const app = createApp();
  app.use(coalmine);
  for (const middleware of before) app.use(middleware);
  app.use(routerOf('/a').routes());
  const server = createServer((app as unknown as { callback(): RequestListener }).callback()).listen(0);
  onTestFinished(async () => {
    server.close();
    await coalmine.instrument.close();
  });
  await once(server, 'listening');
  const { metrics } = coalmine.instrument;
  return {
    app: app as KoaApp & ReturnType<typeof createApp>,
    coalmine,
    known: () => [...metrics.routes()].map(({ method, pattern }) => `${method} ${pattern}`),
    async request(path: string) {
      const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`);
      return `${response.status} ${(await response.text()).slice(0, 2)}`;
    },
    async counts() {
      const text = await metrics.registry.metrics();
      return text
        .split('\n')
        .filter((line) => /^http_requests_total.*[1-9]\d*$/.test(line))
        .map((line) => /route="([^"]*)"/.exec(line)?.[1]);
    },
  };
}

describe('the middleware for Koa', () => {
  it('counts a request on its route', async () => {
    const { request, counts } = await serve();
    expect(await request('/a')).toBe('200 ok');
    await expect.poll(counts).toEqual(['/a']);
  });

  it('responds at its own endpoints, which no other function gets', async () => {
    const seen: string[] = [];
    const { request, counts } = await serve(async ({ req }, next) => {
      seen.push(req.url ?? '');
      await next();
    });
    expect(await request('/livez')).toMatch(/^200 /);
    expect(await request('/metrics')).toBe('200 # ');
    expect(await request('/b')).toBe('404 No');
    expect(seen).toEqual(['/b']);
    await expect.poll(counts).toEqual(['(unmatched)']);
  });

  it('knows the routes from the first request on, and later ones from a scrape on', async () => {
    const { app, known, request } = await serve();
    expect(known()).not.toContain('GET /a');
    await request('/livez');
    expect(known()).toContain('GET /a');
    app.use(routerOf('/late').routes());
    await request('/livez');
    await request('/a');
    expect(known()).not.toContain('GET /late');
    await request('/metrics');
    expect(known()).toContain('GET /late');
  });

  it('serves requests even if the routers cannot be read', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => void warn.mockRestore());
    const { app, request } = await serve();
    Object.defineProperty(app, 'middleware', {
      configurable: true,
      get: () => {
        throw new Error('no routers here');
      },
    });
    expect(await request('/a')).toBe('200 ok');
    expect(warn.mock.calls.flat().map(String).join(' ')).toContain('no routers here');
  });
});
