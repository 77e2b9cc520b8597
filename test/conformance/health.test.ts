import { setImmediate } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { CoalmineError, type CoalmineOptions, type HealthOptions } from '@coalmine/node';
import express from 'express';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { send, until } from '../support/client.js';
import { FASTIFY_VERSIONS, FRAMEWORKS, fastify, type PlainRoute, type Service, serveExpress } from './frameworks.js';

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('an item') },
  { method: 'POST', pattern: '/livez', handle: (_request, response) => response.end('posted') },
];
let service: Service | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
  vi.restoreAllMocks();
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly caching: string | null;
  readonly body: string;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${service?.port}${path}`, init);
  const { headers } = response;
  return {
    status: response.status,
    type: headers.get('content-type'),
    caching: headers.get('cache-control'),
    body: await response.text(),
  };
}

const PLAIN = { type: 'text/plain; charset=utf-8', caching: 'no-store' };
const SECRET = 'db-7.internal refused shop_admin';
const CHECKS = {
  disk: () => true,
  queue: { kind: 'advisory', run: () => Promise.reject(new Error(SECRET)) },
} as const;

describe.each(FRAMEWORKS)('$name', ({ start }) => {
  const serve = async (health: false | HealthOptions, options: CoalmineOptions = {}): Promise<Service> => {
    service = await start(ROUTES, { health, ...options });
    return service;
  };

  it('responds with one plain word', async () => {
    await serve({});
    for (const path of ['/livez', '/readyz', '/startupz', '/livez?x=1']) {
      expect(await ask(path)).toEqual({ ...PLAIN, status: 200, body: 'pass\n' });
    }
    expect(await ask('/readyz', { method: 'HEAD' })).toEqual({ ...PLAIN, status: 200, body: '' });
    // This is the page of the app, not of Coalmine.
    expect((await ask('/livez', { method: 'POST' })).body).toBe('posted');
    for (const path of ['/health', '/healthz', '/livez/', '/livezz', '/readyz/disk'])
      expect((await ask(path)).status).toBe(404);
  });

  it('responds to a proxy that sends a complete URL', async () => {
    const { port } = await serve({});
    for (const path of ['http://shop.test/livez', 'http://shop.test:80/readyz?x=1'])
      expect(await send(port, path)).toEqual({ status: 200, body: 'pass\n' });
  });

  it('shows a stranger no name, no reason, no host', async () => {
    await serve({ checks: CHECKS, details: ({ headers }) => headers.authorization === 'Bearer it' });
    await until(() => service?.instrument.health?.checks()[0]?.status === 'pass', 'the first run');
    const headers = { accept: 'application/health+json' };
    for (const path of ['/readyz', '/readyz?verbose', '/startupz?verbose', '/livez?verbose']) {
      const { body, type } = await ask(path, { headers });
      expect(['pass\n', 'warn\n']).toContain(body);
      expect(type).toBe(PLAIN.type);
    }
    // The page does not even show whether there is such a check.
    const [known, unknown] = [await ask('/readyz/disk', { headers }), await ask('/readyz/nothing', { headers })];
    expect(known).toEqual(unknown);
    expect(known.status).toBe(404);
  });

  it('shows each check to authorized clients, in the form that they ask for', async () => {
    await serve({ checks: CHECKS, details: ({ headers }) => headers.authorization === 'Bearer it' });
    await until(() => service?.instrument.health?.checks()[0]?.status === 'pass', 'the first run');
    const authorization = 'Bearer it';
    const verbose = await ask('/readyz?verbose', { headers: { authorization } });
    expect(verbose).toEqual({ ...PLAIN, status: 200, body: `[+]disk pass\n[!]queue warn (${SECRET})\nwarn\n` });
    expect((await ask('/readyz', { headers: { authorization } })).body).toBe('warn\n');
    expect((await ask('/readyz/disk', { headers: { authorization } })).body).toBe('pass\n');
    expect((await ask('/readyz/queue?verbose', { headers: { authorization } })).body).toBe(
      `[!]queue warn (${SECRET})\nwarn\n`,
    );
    expect((await ask('/readyz/nothing', { headers: { authorization } })).status).toBe(404);
    // Deeper paths belong to the app.
    for (const path of ['/readyz/', '/readyz/disk/', '/readyz/disk/deeper']) {
      const { status, caching } = await ask(path, { headers: { authorization } });
      expect([path, status, caching]).toEqual([path, 404, null]);
    }
    const json = await ask('/readyz', { headers: { authorization, accept: 'application/health+json' } });
    expect(json).toMatchObject({ status: 200, type: 'application/health+json; charset=utf-8', caching: 'no-store' });
    expect(JSON.parse(json.body)).toEqual({
      status: 'warn',
      checks: {
        disk: [{ status: 'pass', time: expect.stringMatching(/Z$/) }],
        queue: [{ status: 'warn', output: SECRET, time: expect.stringMatching(/Z$/) }],
      },
    });
  });

  it('is unready while a check for joining fails, and stays ready when the check fails later', async () => {
    let isUp = false;
    await serve({ checks: { db: { periodSeconds: 0.05, failing: { runs: 1 }, run: () => isUp } } });
    expect(await ask('/readyz')).toEqual({ ...PLAIN, status: 503, body: 'fail\n' });
    expect(await ask('/livez')).toMatchObject({ status: 200, body: 'pass\n' });
    isUp = true;
    await until(() => service?.instrument.isReady() === true, 'the database');
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: 'pass\n' });
    isUp = false;
    await until(() => service?.instrument.health?.checks()[0]?.status === 'fail', 'its end');
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: 'warn\n' });
  });

  it('leaves when a check fails that concerns only this pod', async () => {
    let isUp = true;
    await serve({
      checks: { worker: { kind: 'critical', periodSeconds: 0.05, failing: { runs: 2 }, run: () => isUp } },
    });
    await until(() => service?.instrument.isReady() === true, 'the worker');
    isUp = false;
    await until(() => service?.instrument.isReady() === false, 'its end');
    expect(await ask('/readyz')).toMatchObject({ status: 503, body: 'fail\n' });
  });

  it('has not started before its start-up check passes', async () => {
    let isLoaded = false;
    await serve({ checks: { model: { kind: 'startup', periodSeconds: 0.05, run: () => isLoaded } } });
    expect([(await ask('/startupz')).status, (await ask('/readyz')).status, (await ask('/livez')).status]).toEqual([
      503, 503, 200,
    ]);
    isLoaded = true;
    await until(() => service?.instrument.isReady() === true, 'the model');
    isLoaded = false;
    expect([(await ask('/startupz')).status, (await ask('/readyz')).status]).toEqual([200, 200]);
  });

  it('has not started while its start-up check returns nothing', async () => {
    let model: object | undefined;
    await serve({ details: 'always', checks: { model: { kind: 'startup', periodSeconds: 0.05, run: () => model } } });
    await until(() => service?.instrument.health?.checks()[0]?.status === 'fail', 'the first run');
    expect((await ask('/startupz')).status).toBe(503);
    model = {};
    await until(() => service?.instrument.isReady() === true, 'the model');
    expect((await ask('/startupz')).status).toBe(200);
  });

  it('is to be restarted when its own pool is stuck, and the database is well', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    let isStuck = false;
    let isDown = false;
    let asked = 0;
    await serve({
      details: 'always',
      checks: {
        database: {
          periodSeconds: 0.02,
          timeoutSeconds: 0.1,
          failing: { runs: 1 },
          run: () => (isStuck ? new Promise(() => {}) : true),
          liveness: { afterSeconds: 0.2, witness: async () => ++asked > 0 && !isDown },
        },
      },
    });
    const live = async (): Promise<unknown> => (await ask('/livez?verbose')).body;
    await until(() => service?.instrument.isReady() === true, 'the database');
    expect(await live()).toBe('pass\n');
    [isStuck, isDown] = [true, true];
    await until(() => service?.instrument.health?.checks()[0]?.status === 'fail', 'the pool');
    // Twenty periods, which is longer than a change would take.
    await until(() => asked > 20, 'the witness');
    expect(await live()).toBe('pass\n');
    isDown = false;
    while ((await ask('/livez')).status === 200) await setImmediate();
    expect(await live()).toMatch(/^\[-\]database fail \(no answer for \d+ s, so it was not asked again\)\nfail\n$/);
    expect((await ask('/readyz')).status).toBe(200);
  });

  it('has the paths of the options, and aliases for existing manifests', async () => {
    await serve({ paths: { live: '/alive', startup: false }, aliases: { '/healthz': 'live', '/health': 'ready' } });
    expect((await ask('/alive')).body).toBe('pass\n');
    expect((await ask('/healthz')).body).toBe('pass\n');
    expect((await ask('/health')).body).toBe('pass\n');
    for (const path of ['/livez', '/startupz']) expect((await ask(path)).status).toBe(404);
  });

  it('has no endpoints if they are switched off', async () => {
    await serve(false);
    for (const path of ['/livez', '/readyz', '/startupz']) expect((await ask(path)).status).toBe(404);
    expect(service?.instrument.isReady()).toBe(true);
  });

  it('does not count probes as users, and shows each check', async () => {
    await serve({ checks: CHECKS, details: 'always' });
    await until(() => service?.instrument.health?.checks()[0]?.status === 'pass', 'the first run');
    await ask('/items/1');
    for (const path of ['/livez', '/readyz', '/readyz/disk', '/startupz']) await ask(path);
    await ask('/readyz/nothing');
    const exposition = await service?.scrape();
    expect(exposition?.requests()).toEqual({ 'GET /items/:id 200': 1 });
    expect(exposition?.excluded()).toEqual({ 'health 2xx': 4, 'health 4xx': 1 });
    expect(exposition?.value('coalmine_health_check_status', { check: 'disk' })).toBe(1);
    expect(exposition?.value('coalmine_health_check_status', { check: 'queue' })).toBe(0);
    expect(exposition?.samples('coalmine_schema_state')).toEqual([]);
  });

  it('holds its readiness until it was scraped, once', async () => {
    await serve(
      { afterScrape: { maxSeconds: 30 }, details: 'always' },
      { metrics: { authorize: ({ headers }) => headers['x-scraper'] === 'yes' } },
    );
    expect((await ask('/readyz?verbose')).body).toBe('[-]first-scrape fail\nfail\n');
    // Neither of these scrapers has seen the zeros.
    await ask('/metrics');
    await ask('/metrics', { method: 'HEAD', headers: { 'x-scraper': 'yes' } });
    expect((await ask('/readyz')).status).toBe(503);
    await ask('/metrics', { headers: { 'x-scraper': 'yes' } });
    expect((await ask('/readyz?verbose')).body).toBe('[+]first-scrape pass\npass\n');
    expect((await ask('/readyz?verbose')).body).toBe('pass\n');
  });

  it('holds readiness for no longer than the options say', async () => {
    await serve({ afterScrape: { maxSeconds: 0.2 } });
    expect((await ask('/readyz')).status).toBe(503);
    await until(() => service?.instrument.isReady() === true, 'the cap');
  });

  it('starts the warm-up with the first readiness', async () => {
    await serve({ afterScrape: { maxSeconds: 30 } }, { warmup: { minSeconds: 30 } });
    await ask('/readyz');
    expect((await service?.scrape())?.value('coalmine_pod_ready_timestamp_seconds')).toBeUndefined();
    await ask('/readyz');
    expect((await service?.scrape())?.value('coalmine_pod_ready_timestamp_seconds')).toBeGreaterThan(1e9);
  });

  it('shows nothing, and warns, if the rule for details fails', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await serve({
      checks: CHECKS,
      details: () => {
        throw new Error('no rule');
      },
    });
    expect((await ask('/readyz?verbose')).body).toMatch(/^(?:pass|warn|fail)\n$/);
    expect(warned).toHaveBeenCalledWith(
      expect.stringContaining('no rule'),
      expect.objectContaining({ code: 'COALMINE_DETAILS_FAILED' }),
    );
  });

  it('serves its endpoints on the admin port if there is one', async () => {
    await serve({}, { admin: { port: 0, host: '127.0.0.1' } });
    expect((await ask('/livez')).status).toBe(404);
    const port = await service?.instrument.listen();
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([response.status, await response.text()]).toEqual([200, 'pass\n']);
    await service?.instrument.close();
  });
});

describe.each(FASTIFY_VERSIONS)('Coalmine on a %s app', (version) => {
  const taken = (path: string): object => ({
    code: 'COALMINE_PATH_TAKEN',
    message: expect.stringContaining(`${path} is a path of the app and of Coalmine`),
  });

  it('refuses a path that the app has, too, in whichever order the two are registered', async () => {
    const after = fastify(version);
    await after.register(coalmineFastify, { registry: new Registry() });
    expect(() => after.get('/livez', async () => 'mine')).toThrow(expect.objectContaining(taken('/livez')));
    expect(() => after.get('/metrics', async () => 'mine')).toThrow(CoalmineError);
    after.post('/livez', async () => 'mine');
    after.get('/:page', async () => 'mine');
    await after.ready();
    await after.close();

    const before = fastify(version);
    before.get('/readyz', async () => 'mine');
    await expect((async () => before.register(coalmineFastify, { registry: new Registry() }))()).rejects.toMatchObject(
      taken('/readyz'),
    );
  });

  it('reports an app that fails to close after its drain', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const app = fastify(version);
    await app.register(coalmineFastify, { registry: new Registry(), health: { drainSeconds: 0 } });
    app.addHook('onClose', async () => Promise.reject(new Error('no pool')));
    await app.listen({ host: '127.0.0.1', port: 0 });
    await app.coalmine.health?.drain();
    expect(warned).toHaveBeenCalledWith(
      expect.stringContaining('no pool'),
      expect.objectContaining({ code: 'COALMINE_CLOSE_FAILED' }),
    );
  });

  it('accepts the same path in another scope of the app', async () => {
    const app = fastify(version);
    await app.register(coalmineFastify, { registry: new Registry() });
    await app.register(async (scope) => void scope.get('/livez', async () => 'mine'), { prefix: '/api' });
    expect((await app.inject('/api/livez')).body).toBe('mine');
    expect((await app.inject('/livez')).body).toBe('pass\n');
    await app.close();
  });

  it('has its paths below the prefix of its scope', async () => {
    let statuses = (): string[] => [];
    const app = fastify(version);
    await app.register(
      async (scope) => {
        await scope.register(coalmineFastify, {
          registry: new Registry(),
          health: {
            details: 'always',
            checks: CHECKS,
          },
        });
        expect(() => scope.get('/livez', async () => 'mine')).toThrow(CoalmineError);
        statuses = () => scope.coalmine.health?.checks().map(({ status }) => status) ?? [];
      },
      { prefix: '/api' },
    );
    app.get('/livez', async () => 'mine');
    await app.ready();
    expect((await app.inject('/livez')).body).toBe('mine');
    await until(() => statuses()[0] === 'pass', 'the first run');
    const bodies = await Promise.all(
      ['', '/disk', '/queue'].map(async (below) => (await app.inject(`/api/readyz${below}`)).body),
    );
    expect(bodies).toEqual(['warn\n', 'pass\n', 'warn\n']);
    await app.close();
  });
});

describe('a path of Coalmine that an Express app has, too,', () => {
  it('causes a warning once the routes are read', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const app = express();
    app.use(coalmineExpress({ registry: new Registry() }));
    app.get('/livez', (_request, response) => void response.send('mine'));
    app.post('/readyz', (_request, response) => void response.send('mine'));
    const served = await serveExpress(app);
    expect(await (await fetch(`http://127.0.0.1:${served.port}/livez`)).text()).toBe('pass\n');
    await served.scrape();
    await served.close();
    const told = warned.mock.calls.filter(
      ([, options]) => (options as { code?: string })?.code === 'COALMINE_PATH_TAKEN',
    );
    expect(told.map(([message]) => message)).toEqual([
      expect.stringMatching(/^\/livez is a path of the app and of Coalmine/),
    ]);
  });
});
