import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstrument } from '@coalmine/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp, createRouter, Registry, ROUTERS, type TestRouter } from './fixtures/routers.js';
import { follow, followersOf } from './follower.js';
import type { KoaContext, RoutedContext } from './koa.js';
import { Routes } from './routes.js';
import { Trail } from './trail.js';

type Context = KoaContext & { body: unknown; status: number };
type Next = () => Promise<unknown>;

const respond = (context: Context): void => {
  context.body = 'ok';
};
const pass = async (_: Context, next: Next): Promise<unknown> => next();

/** Serves routers whose requests have a trail, and returns the routes on which requests are counted. */
function serve(...routers: readonly TestRouter[]) {
  const instrument = createInstrument({ registry: new Registry(), health: false });
  const routes = new Routes(instrument);
  const warned: unknown[] = [];
  const counted: string[] = [];
  const host = { instrument, routes, warnUnread: (error: unknown) => warned.push(error) };
  const app = createApp();
  app.use(async (context, next) => {
    const exchange = instrument.begin(context.req, context.res);
    context.res.once('finish', () => counted.push(exchange.route.pattern));
    follow(context, new Trail(followersOf(context), host, exchange));
    await next();
  });
  for (const router of routers) app.use(router.routes());
  return {
    warned,
    async request(path: string, method = 'GET'): Promise<string | undefined> {
      const server = createServer((app as unknown as { callback(): RequestListener }).callback()).listen(0);
      onTestFinished(async () => {
        server.close();
        await instrument.close();
      });
      await once(server, 'listening');
      await (await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`, { method })).text();
      return counted.at(-1);
    },
  };
}

describe.each(ROUTERS)('a request to %s is counted', (version) => {
  it('on the route that has responded', async () => {
    const router = createRouter(version);
    router.use(pass);
    router.get('/items/:id', respond);
    expect(await serve(router).request('/items/1')).toBe('/items/:id');
  });

  it('on the last route that had it, if several match', async () => {
    const router = createRouter(version);
    router.get('/items/:id', pass);
    router.get('/items/one', respond);
    expect(await serve(router).request('/items/one')).toBe('/items/one');
  });

  it('on the first route, if that has responded already', async () => {
    const router = createRouter(version);
    router.get('/items/:id', async (context: Context, next: Next) => {
      context.res.end('ok');
      await next();
    });
    router.get('/items/one', pass);
    expect(await serve(router).request('/items/one')).toBe('/items/:id');
  });

  it('on the route behind a login that has refused it', async () => {
    const router = createRouter(version);
    router.get('/items/:id', respond);
    router.use('/items/mine', async (context: Context) => {
      context.status = 401;
    });
    router.get('/items/mine', respond);
    const behind = createRouter(version);
    behind.use(async (context: Context) => {
      context.status = 401;
    });
    behind.get('/late', respond);
    expect(await serve(behind).request('/late')).toBe('/late');
    expect(await serve(router).request('/items/1')).toBe('/items/:id');
  });

  it('on no route if none has its path or its method', async () => {
    const router = createRouter(version);
    router.get('/items/:id', respond);
    expect(await serve(router).request('/carts')).toBe('(unmatched)');
    expect(await serve(router).request('/items/1', 'POST')).toBe('(unmatched)');
  });

  it('on the route of a second router', async () => {
    const [first, second] = [createRouter(version), createRouter(version)];
    first.get('/a', respond);
    second.get('/b', respond);
    expect(await serve(first, second).request('/b')).toBe('/b');
  });
});

describe('a trail', () => {
  const layer = (path: string, ...methods: readonly string[]) => ({ path, methods, stack: [], match: () => true });

  /** Returns a trail, which has followed a request to the paths of some layers. */
  function follows(matched: readonly ReturnType<typeof layer>[], paths: readonly string[], headersSent = false) {
    const found: string[] = [];
    let traced = 0;
    const errors: unknown[] = [];
    const routes = {
      patternOf(at: { readonly path: string }) {
        if (at.path === 'broken') throw new Error('broken');
        found.push(at.path);
        return undefined;
      },
    } as unknown as Routes;
    const instrument = {
      trace() {
        traced += 1;
      },
    } as never;
    const trail = new Trail(undefined, { instrument, routes, warnUnread: (error) => errors.push(error) }, {
      route: {},
    } as never);
    const context = { matched, req: { method: 'GET' }, res: { headersSent } } as unknown as RoutedContext;
    for (const path of paths) trail.routed(context, path);
    return { found, traced: () => traced, errors };
  }

  it('looks for the route of each layer once', () => {
    const { found, traced } = follows([layer('/a', 'GET'), layer('/b', 'GET')], ['/a', '/a', '/b', '/a']);
    expect(found).toEqual(['/a', '/b', '/a']);
    expect(traced()).toBe(3);
  });

  it('takes the route behind a function, or the last one before it', () => {
    const [a, use, b] = [layer('/a', 'GET'), layer('/use'), layer('/b', 'GET')];
    expect(follows([a, use, b], ['/use']).found).toEqual(['/b']);
    expect(follows([a, use], ['/use']).found).toEqual(['/a']);
    expect(follows([use], ['/use']).found).toEqual([]);
    expect(follows([a, use, layer('/c', 'POST')], ['/use']).found).toEqual(['/a']);
    expect(follows([a, b], ['/elsewhere']).found).toEqual(['/a']);
  });

  it('does not look any more once the head is sent', () => {
    expect(follows([layer('/a', 'GET')], ['/a'], true)).toMatchObject({ found: [] });
  });

  it('tells of a router that cannot be read, and goes on', () => {
    const { found, errors } = follows([layer('broken', 'GET'), layer('/a', 'GET')], ['broken', '/a']);
    expect(errors).toMatchObject([{ message: 'broken' }]);
    expect(found).toEqual(['/a']);
  });
});
