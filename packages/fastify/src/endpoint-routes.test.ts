import { createInstrument, type Instrument } from '@coalmine/node';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { absoluteEndpoints, serveEndpoints } from './endpoint-routes.js';
import { patternKey } from './route-config.js';

/** Returns an instrument with one check and its endpoints, and an app that closes with the test. */
function create(): { readonly app: FastifyInstance; readonly instrument: Instrument } {
  const instrument = createInstrument({
    registry: new Registry(),
    health: { checks: { database: () => true }, details: 'always' },
    log: false,
  });
  const app = Fastify();
  onTestFinished(async () => {
    await app.close();
    await instrument.close();
  });
  return { app, instrument };
}

describe('the endpoints of an app', () => {
  it.each<[prefix: string, before: string]>([
    ['', ''],
    ['/ops', '/ops'],
    ['/ops/', '/ops'],
    ['/:tenant', '/:tenant'],
  ])('are served and known below the prefix %j', async (prefix, before) => {
    const { app, instrument } = create();
    await app.register(
      async (scope) => {
        const served = serveEndpoints(scope, instrument);
        expect([...served.keys()].filter((url) => url.includes('ready'))).toEqual([
          `${before}/readyz`,
          `${before}/readyz/:check(.+)`,
        ]);
        expect(served.get(`${before}/metrics`)?.reason).toBe('metrics');
        expect(served.has(`${before}/metrics/:check(.+)`)).toBe(false);
        const paths = absoluteEndpoints(scope, instrument).map(({ path }) => path);
        expect(paths).toEqual(instrument.endpoints.map(({ path }) => `${before}${path}`));
      },
      { prefix },
    );
    const at = before.replace(':tenant', 'shop');
    expect((await app.inject(`${at}/livez`)).statusCode).toBe(200);
    expect((await app.inject(`${at}/metrics`)).body).toContain('coalmine_pod_warm');
  });

  it('respond to GET and HEAD only', async () => {
    const { app, instrument } = create();
    serveEndpoints(app, instrument);
    const statuses = async (method: 'GET' | 'HEAD' | 'POST'): Promise<number[]> =>
      Promise.all(['/livez', '/metrics'].map(async (url) => (await app.inject({ method, url })).statusCode));
    expect(await statuses('GET')).toEqual([200, 200]);
    expect(await statuses('HEAD')).toEqual([200, 200]);
    expect(await statuses('POST')).toEqual([404, 404]);
  });

  it.each<[path: string, status: number, body: string]>([
    ['/readyz/', 404, 'of the app'],
    ['/readyz/nothing', 404, 'Not Found\n'],
    ['/readyz/a/b', 404, 'of the app'],
    ['/readyzx', 404, 'of the app'],
    ['/metrics/', 404, 'of the app'],
  ])('respond to %s with %d %j', async (path, status, body) => {
    const { app, instrument } = create();
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('of the app'));
    serveEndpoints(app, instrument);
    const response = await app.inject(path);
    expect([response.statusCode, response.body]).toEqual([status, body]);
  });

  it('of health run without the hooks of the app, and /metrics runs with them', async () => {
    const { app, instrument } = create();
    app.addHook('onRequest', async (_request, reply) => reply.code(401).send('log in'));
    serveEndpoints(app, instrument);
    const statuses = ['/livez', '/readyz/nothing', '/metrics'].map(async (url) => (await app.inject(url)).statusCode);
    expect(await Promise.all(statuses)).toEqual([200, 404, 401]);
  });

  it('tell plugins to leave them alone, and carry themselves', () => {
    const { app, instrument } = create();
    const routes: RouteOptions[] = [];
    app.addHook('onRoute', (route) => void routes.push(route));
    const served = serveEndpoints(app, instrument);
    // No hook sees the routes of health.
    expect(new Set(routes.map(({ url }) => url))).toEqual(new Set(['/metrics']));
    for (const { config, schema, logLevel } of routes) {
      expect(config).toMatchObject({ rateLimit: false, pressureHandler: expect.any(Function) });
      expect((config as { [patternKey]?: unknown })[patternKey]).toBe(served.get('/metrics'));
      expect([schema, logLevel]).toEqual([{ hide: true }, 'silent']);
    }
  });

  it('are refused if the app has one of their paths, and other errors stay what they are', async () => {
    const { app, instrument } = create();
    app.get('/metrics', async () => 'of the app');
    expect(() => serveEndpoints(app, instrument)).toThrow(
      expect.objectContaining({
        code: 'COALMINE_PATH_TAKEN',
        message: expect.stringMatching(/^\/metrics is a path of the app and of Coalmine: /),
        cause: expect.objectContaining({ code: 'FST_ERR_DUPLICATED_ROUTE' }),
      }),
    );
    const other = create();
    await other.app.ready();
    expect(() => serveEndpoints(other.app, other.instrument)).toThrow(
      expect.objectContaining({ code: 'AVV_ERR_ROOT_PLG_BOOTED' }),
    );
  });
});
