import type { CoalmineOptions } from '@coalmine/node';
import Fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { coalmine } from './coalmine.js';

/** Returns an app with Coalmine, and where each of its requests is counted, or why it is excluded. */
async function appWith(
  prepare: (app: FastifyInstance) => void,
  options: CoalmineOptions & { readonly prefix?: string } = {},
) {
  const ends: string[] = [];
  const app = Fastify();
  await app.register(coalmine, {
    registry: new Registry(),
    log: false,
    telemetry: {
      start: () => ({
        begin: () => ({ context: undefined }),
        end: (_, { route, status, exclusion }) =>
          void ends.push(route === undefined ? `${exclusion?.reason} ${status}` : `${route.pattern} ${status}`),
        stop: () => {},
      }),
    },
    ...options,
  });
  prepare(app);
  onTestFinished(() => app.close());
  return {
    app,
    ends,
    known: () => [...app.coalmine.metrics.routes()].map(({ method, pattern }) => `${method} ${pattern}`).slice(1),
    async countsOf(...urls: readonly (string | { url: string; headers: Record<string, string> })[]) {
      for (const url of urls) await app.inject(url);
      await vi.waitUntil(() => ends.length >= urls.length, { interval: 1 });
      return ends;
    },
  };
}
/** Returns the codes of the warnings that the process has emitted. */
function warnings(): () => readonly string[] {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => void warn.mockRestore());
  return () => warn.mock.calls.map(([message, options]) => `${(options as { code?: string })?.code}: ${message}`);
}
const respond = async (): Promise<string> => 'ok';

describe('a request to Fastify', () => {
  it('is counted on its route, or on none', async () => {
    const { countsOf } = await appWith((app) => {
      app.get('/items/:id', respond);
      app.get('/broken', async () => {
        throw new Error('broken');
      });
    });
    expect(await countsOf('/items/1', '/broken', '/nowhere')).toEqual([
      '/items/:id 200',
      '/broken 500',
      '(unmatched) 404',
    ]);
  });

  it('is excluded by the config of its route, and counted beside it', async () => {
    const { countsOf } = await appWith((app) => {
      app.get('/own', { config: { coalmine: false } }, respond);
      app.get('/a', { constraints: { host: 'a.example.org' }, config: { coalmine: false } }, respond);
      app.get('/a', respond);
    });
    expect(await countsOf('/own', '/a', { url: '/a', headers: { host: 'a.example.org' } })).toEqual([
      'route 200',
      '/a 200',
      'route 200',
    ]);
  });

  it('to an endpoint is excluded, also if a hook of the app refuses it', async () => {
    const app = Fastify();
    app.addHook('onRequest', async (_, reply) => reply.code(401).send());
    await app.register(coalmine, { registry: new Registry(), log: false });
    onTestFinished(() => app.close());
    const address = await app.listen({ port: 0 });
    expect((await fetch(`${address}/metrics`)).status).toBe(401);
    const text = () => app.coalmine.metrics.registry.metrics();
    await expect.poll(text, { interval: 5 }).toMatch(/coalmine_excluded_requests_total\{.*reason="metrics".*\} 1\n/);
  });
});

describe('the routes of Fastify', () => {
  it('are known as soon as they are registered, without HEAD', async () => {
    const { known } = await appWith((app) => {
      app.get('/a/', respond);
      app.route({ method: ['POST', 'PUT'], url: '/b', handler: respond });
      app.get('/', respond);
    });
    expect(known()).toEqual(expect.arrayContaining(['GET /a', 'POST /b', 'PUT /b', 'GET /']));
    expect(known().filter((route) => route.startsWith('HEAD'))).toEqual([]);
  });

  it('that serve a file have the pattern of its directory', async () => {
    const { known } = await appWith((app) => {
      app.get('/static/css/a.css', { config: { file: 'css/a.css', rootPath: '/www' } as object }, respond);
      app.get('/other/b.css', { config: { file: 'b.css' } as object }, respond);
      app.get('/third/c.css', { config: { file: 'd.css', rootPath: '/www' } as object }, respond);
    });
    expect(known()).toEqual(expect.arrayContaining(['GET /static/*', 'GET /other/b.css', 'GET /third/c.css']));
  });

  it('cannot take the path of an endpoint, unless for another method or host', async () => {
    await expect(appWith((app) => app.get('/livez', respond))).rejects.toMatchObject({ code: 'COALMINE_PATH_TAKEN' });
    await appWith((app) => {
      app.post('/livez', respond);
      app.get('/readyz', { constraints: { host: 'a.example.org' } }, respond);
    });
  });

  it('with options that are wrong are refused', async () => {
    await expect(appWith((app) => app.get('/a', { config: { coalmine: 'no' as never } }, respond))).rejects.toThrow();
  });

  it('from before the plugin are known from their first request on', async () => {
    const app = Fastify();
    const warn = vi.spyOn(app.log, 'warn');
    app.get('/early', respond);
    app.get('/wrong', { config: { coalmine: 'no' as never } }, respond);
    await app.register(coalmine, { registry: new Registry(), log: false });
    onTestFinished(() => app.close());
    const patterns = () => [...app.coalmine.metrics.routes()].map(({ pattern }) => pattern);
    expect(patterns()).not.toContain('/early');
    for (const url of ['/early', '/early', '/wrong']) expect((await app.inject(url)).statusCode).toBe(200);
    expect(patterns()).toEqual(expect.arrayContaining(['/early', '/wrong']));
    const said = warn.mock.calls.map((args) => args.map(String).join(' '));
    expect(said).toEqual([
      expect.stringContaining('coalmine learned of /early only from a request'),
      expect.stringContaining('coalmine cannot use the options of /wrong'),
    ]);
  });
});

describe('a second registration', () => {
  it('does nothing, and says which of its options have no effect', async () => {
    const said = warnings();
    const { app } = await appWith(() => {}, { objective: { latency: 1 } });
    const first = app.coalmine;
    await app.register(coalmine, { objective: { latency: 1 }, log: false });
    expect(said()).toEqual([]);
    await app.register(coalmine, { objective: { latency: 2 }, health: false, log: false });
    expect(app.coalmine).toBe(first);
    expect(said()).toEqual([
      expect.stringMatching(/^COALMINE_REGISTERED_TWICE: .*no effect: objective, health\. Register it once/),
    ]);
  });
});

it('a prefix of the plugin has no effect, which a warning says', async () => {
  const said = warnings();
  await appWith(() => {}, { prefix: '/' });
  expect(said()).toEqual([]);
  const { app } = await appWith(() => {}, { prefix: '/ops' });
  expect(said()).toEqual([expect.stringMatching(/^COALMINE_INVALID_OPTION: `prefix` has no effect .*got "\/ops"/)]);
  expect((await app.inject('/livez')).statusCode).toBe(200);
});

describe('the end of an app', () => {
  /** Returns what is logged when an app closes. */
  async function loggedBy(options: CoalmineOptions, isListening: boolean, ...probes: readonly string[]) {
    const info = vi.fn();
    const { app } = await appWith(() => {}, { log: { info, warn: vi.fn() }, ...options });
    if (isListening) await app.listen({ port: 0 });
    for (const probe of probes) await app.inject(probe);
    await app.close();
    return info.mock.calls.flat().map(String).join(' ');
  }

  it('says that requests are refused, if probes had come and there was no drain', async () => {
    expect(await loggedBy({}, true, '/readyz')).toContain('app.close() closes without a drain');
    expect(await loggedBy({}, true)).not.toContain('without a drain');
    expect(await loggedBy({}, false, '/readyz')).not.toContain('without a drain');
  });

  it('needs no health', async () => {
    expect(await loggedBy({ health: false }, true)).toBe('');
  });
});
