import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CoalmineOptions } from '@coalmine/node';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Next } from './express.js';
import { type Express, expressOf, VERSIONS } from './fixtures/express-of.js';
import { createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

type App = ReturnType<Express>;

const respond = (_: IncomingMessage, response: ServerResponse): void => void response.end('ok');

describe.each(VERSIONS)('the middleware for %s', (version) => {
  const express = expressOf(version);

  /** Serves an app with Coalmine. */
  async function serve(
    prepare: (app: App) => void,
    options: CoalmineOptions = {},
    mount: (coalmine: ReturnType<typeof createMiddleware>) => App = (coalmine) => {
      const app = express();
      app.use(coalmine);
      return app;
    },
  ) {
    const coalmine = createMiddleware({ registry: new Registry(), ...options });
    const app = mount(coalmine);
    prepare(app);
    const server = createServer(app as unknown as RequestListener).listen(0);
    onTestFinished(async () => {
      server.close();
      await coalmine.instrument.close();
    });
    await once(server, 'listening');
    const { metrics } = coalmine.instrument;
    return {
      app,
      coalmine,
      known: () => [...metrics.routes()].map(({ method, pattern }) => `${method} ${pattern}`).slice(1),
      async request(path: string) {
        const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`);
        return `${response.status} ${(await response.text()).slice(0, 2)}`;
      },
    };
  }

  it('responds at its endpoints, and passes every other request on', async () => {
    const { request } = await serve((app) => app.get('/a', respond));
    expect(await request('/livez')).toMatch(/^200 /);
    expect(await request('/metrics')).toBe('200 # ');
    expect(await request('/a')).toBe('200 ok');
    expect(await request('/b')).toMatch(/^404 /);
  });

  it('warns of no excluded route that it may not know yet', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => warned.mockRestore());
    const traffic = { exclude: { routes: ['/jobs/:name'] } };
    const { known, request } = await serve(
      (app) => {
        const jobs = express();
        jobs.get('/:name', respond);
        app.use('/jobs', jobs);
        app.get('/a', respond);
      },
      { warmup: false, traffic },
    );
    await request('/a');
    expect(known()).toEqual(['GET /a']);
    expect(warned).not.toHaveBeenCalled();
  });

  it('knows the routes from the first request on, and later ones from a scrape on', async () => {
    const { app, known, request } = await serve((app) => app.get('/a', respond));
    expect(known()).toEqual([]);
    await request('/livez');
    expect(known()).toEqual(['GET /a']);
    app.get('/late', respond);
    await request('/livez');
    expect(known()).toEqual(['GET /a']);
    await request('/metrics');
    expect(known()).toEqual(['GET /a', 'GET /late']);
  });

  it('gives the usual methods to what takes every method, and GET to files', async () => {
    const { known, request } = await serve((app) => {
      app.route('/all').all(respond);
      app.use('/graphql', routeOptions({ exclude: false }), respond);
      app.use('/files', express.static('/nowhere'));
    });
    // The first Express 5 does not say where a function is mounted before a request has come there.
    for (const path of ['/livez', '/graphql', '/files/none']) await request(path);
    expect(known()).toEqual(
      expect.arrayContaining([
        ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method} /all`),
        'GET /graphql',
        'POST /graphql',
        'GET /files/*',
      ]),
    );
    expect(known()).not.toContain('POST /files/*');
    expect(known()).not.toContain('PUT /graphql');
  });

  it('declares each method by itself, if the options of a route differ by method', async () => {
    const { known, request } = await serve((app) => {
      const route = app.route('/a');
      route.get(routeOptions(false), respond);
      route.post(respond);
    });
    await request('/livez');
    expect(known()).toEqual(['POST /a']);
  });

  it('serves requests outside of an app of Express', async () => {
    const { request } = await serve(
      () => {},
      {},
      (coalmine) =>
        ((incoming: IncomingMessage, response: ServerResponse) =>
          coalmine(
            incoming as never,
            response as never,
            (() => respond(incoming, response)) as Next,
          )) as unknown as App,
    );
    expect(await request('/a')).toBe('200 ok');
    expect(await request('/livez')).toMatch(/^200 /);
  });

  it('counts a request once, though it is there twice', async () => {
    const { request, coalmine } = await serve(
      (app) => app.get('/a', respond),
      {},
      (first) => {
        const app = express();
        app.use(first);
        app.use(first);
        return app;
      },
    );
    await request('/a');
    const countOf = () => {
      const route = [...coalmine.instrument.metrics.routes()].find(({ pattern }) => pattern === '/a');
      return route?.cell(200)?.requests;
    };
    await expect.poll(countOf, { interval: 2 }).toBe(1);
  });

  it('warns of options that have no effect where they are', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => void warn.mockRestore());
    const slow = routeOptions({ objective: { latency: 2 } });
    const { request } = await serve((app) => {
      app.use('/a', (incoming: IncomingMessage, response: ServerResponse, next: Next) =>
        slow(incoming as never, response as never, next),
      );
      app.get('/a', respond);
    });
    await request('/a');
    await request('/a');
    const said = warn.mock.calls
      .map(([message]) => String(message))
      .filter((message) => message.includes('coalmine.route()'));
    expect(said).toEqual([
      expect.stringContaining('coalmine.route() has no effect on the objective where a function calls it'),
    ]);
  });

  it('serves requests even if the routers cannot be read', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => void warn.mockRestore());
    const { app, request } = await serve((app) => app.get('/a', respond));
    const router = (app._router ?? app.router) as unknown as { stack: unknown[] };
    const broken = { name: 'broken', match: () => false };
    Object.defineProperty(broken, 'handle', {
      get: () => {
        throw new Error('no handle here');
      },
    });
    router.stack.push(broken);
    expect(await request('/a')).toBe('200 ok');
    expect(warn.mock.calls.flat().map(String).join(' ')).toContain('no handle here');
  });
});
