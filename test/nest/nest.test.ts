import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { type ClientOptions, type Seen, send } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { endWithRun } from '../support/server-process.js';

const VERSIONS = ['10', '11', '12'] as const;
const PLATFORMS = ['express', 'fastify'] as const;
const RUNS = VERSIONS.flatMap((version) => PLATFORMS.map((platform) => ({ version, platform })));

/** A process with two Nest apps. */
interface Service {
  /** The port of the app with versions in a header, and of the app with versions in the path. */
  readonly ports: readonly [byHeader: number, byPath: number];
  /** Sends SIGTERM, and returns the exit code. */
  close(): Promise<number | null>;
}

/** A request to the app with versions in the path, the status that its client sees, and how the request counts. */
const VISITS: readonly (readonly [path: string, status: number, counted: string | undefined])[] = [
  ['/api/v1/items/7', 200, 'GET /api/v1/items/:id 200'],
  ['/api/v2/items/7', 200, 'GET /api/v2/items/:id 200'],
  ['/api/v3/items/7', 200, 'GET /api/v3/items/:id 200'],
  ['/api/items/neutral/7', 200, 'GET /api/items/neutral/:id 200'],
  ['/api/admin/users/7', 200, 'GET /api/admin/users/:id 200'],
  ['/api/scoped/7', 200, 'GET /api/scoped/:id 200'],
  ['/api/v1/items/any/7', 200, 'GET /api/v1/items/any/:id 200'],
  ['/api/v1/items/7/guarded', 401, 'GET /api/v1/items/:id/guarded 401'],
  ['/api/v1/items/7/refused', 403, 'GET /api/v1/items/:id/refused 403'],
  ['/api/v1/items/boom', 500, 'GET /api/v1/items/boom 500'],
  ['/api/v1/items/sold', 409, 'GET /api/v1/items/sold 409'],
  ['/api/v1/items/wrapped', 200, 'GET /api/v1/items/wrapped 200'],
  ['/api/v1/items/late', 504, 'GET /api/v1/items/late 504'],
  ['/api/v1/items/file', 200, 'GET /api/v1/items/file 200'],
  ['/api/v1/items/failed', 200, 'GET /api/v1/items/failed 503'],
  ['/api/v1/items/report', 200, 'GET /api/v1/items/report 200'],
  ['/api/users/list', 200, 'GET /api/users/list 200'],
  ['/api/users/slow', 200, 'GET /api/users/slow 200'],
  ['/api/batches/list', 200, 'GET /api/batches/list 200'],
  ['/api/batches/slow', 200, 'GET /api/batches/slow 200'],
  ['/api/nowhere', 404, 'GET (unmatched) 404'],
  ['/nowhere', 404, 'GET (unmatched) 404'],
  // Excluded, because no user sends it.
  ['/api/v1/items/internal/7', 503, undefined],
  ['/api/monitors/list', 200, undefined],
  ['/api/monitors/slow', 200, undefined],
];

/** What the test saw of a service, from its start to its end. */
interface Play {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly atStart: Exposition;
  readonly byPath: Exposition;
  readonly byHeader: Exposition;
  readonly code: number | null;
}

const plays = new Map<string, Play>();
const running = new Set<ChildProcess>();

beforeAll(async () => {
  build('nest');
  await Promise.all(
    RUNS.map(async ({ version, platform }) => {
      plays.set(`${version} ${platform}`, await play(version, platform));
    }),
  );
});
// A run that is stopped leaves nothing behind.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

describe.each(RUNS)('Nest $version on $platform', ({ version, platform }) => {
  const played = (): Play => plays.get(`${version} ${platform}`) as Play;

  it('sends the same responses as without Coalmine', () => {
    for (const [path, status] of VISITS)
      expect([path, played().seen.get(`GET ${path}`)]).toMatchObject([path, { status }]);
    expect(played().seen.get('POST /api/v1/items')).toEqual({ status: 201, body: '{"a":1}' });
    expect(played().seen.get('GET /api/v1/items/file')).toEqual({ status: 200, body: 'ab' });
    expect(played().seen.get('GET /api/v1/items/cut')).toBe('cut mid-body');
  });

  it('counts each request at its route: prefix, version, guard, filter, interceptor, stream and all', () => {
    const counted: Record<string, number> = {
      'POST /api/v1/items 201': 1,
      'PUT /api/v1/items/any/:id 200': 1,
      'GET /api/v1/items/events 200': 1,
      'GET /api/v1/items/cut 500': 1,
      // Requests that a middleware of `main.ts` refuses.
      [platform === 'express' ? 'GET /* 429' : 'GET (unmatched) 429']: 1,
    };
    for (const [, , series] of VISITS) if (series !== undefined) counted[series] = (counted[series] ?? 0) + 1;
    expect(played().byPath.requests()).toEqual(counted);
  });

  it('counts versions in a header at the route that they share', () => {
    expect(played().byHeader.requests()).toEqual({
      'GET /things/:id 200': 2,
      'GET /things/:id/other 200': 1,
      'GET (unmatched) 404': 1,
    });
  });

  it('has the zeros of every route before its first request', () => {
    for (const [, , series] of VISITS) {
      const [, method = '', route = ''] = /^(\S+) (.*) \d+$/.exec(series ?? '') ?? [];
      if (route !== '')
        expect([route, played().atStart.value('http_requests_failed_total', { method, route })]).toEqual([route, 0]);
    }
    expect(played().atStart.sum('http_requests_total', { route: '/api/monitors/list' })).toBe(0);
  });

  it('gives a route the objective of its handler, of its controller, or of the service, in this order', () => {
    const slow = (exposition: Exposition, route: string): number | undefined =>
      exposition.value('http_requests_slow_total', { method: 'GET', route });
    const counts = {
      '/api/v1/items/report': 0,
      '/api/v1/items/any/:id': 0,
      '/api/scoped/:id': 0,
      '/api/batches/list': 0,
      '/api/batches/slow': 1,
      '/api/users/list': 1,
    };
    for (const [route, count] of Object.entries(counts)) {
      expect([route, slow(played().byPath, route)]).toEqual([route, count]);
    }
    expect(slow(played().byHeader, '/things/:id/other')).toBe(0);
    expect(slow(played().byHeader, '/things/:id')).toBeGreaterThan(0);
  });

  it('excludes the routes that say so, and not those of another controller with the same handlers', () => {
    expect(played().byPath.value('coalmine_excluded_requests_total', { reason: 'route', code_class: '2xx' })).toBe(2);
    expect(played().byPath.value('coalmine_excluded_requests_total', { reason: 'route', code_class: '5xx' })).toBe(1);
  });

  it('responds to probes outside the global prefix, and lets providers inject the instrument', () => {
    for (const path of ['/livez', '/readyz']) expect(played().seen.get(`GET ${path}`)).toMatchObject({ status: 200 });
    expect(played().seen.get('GET /api/v1/items/report')).toEqual({ status: 200, body: '{"isHeld":true}' });
  });

  it('drains at SIGTERM beside enableShutdownHooks(), and ends by itself', () => {
    expect(played().code).toBe(0);
  });
});

/** Plays a service: the start, requests, the end. */
async function play(version: string, platform: string): Promise<Play> {
  const service = await startService(version, platform);
  const [headerPort, port] = service.ports;
  const url = `http://127.0.0.1:${port}/metrics`;
  const atStart = await scrapeUntil(url, () => true);
  const seen = new Map<string, Seen>();
  const ask = async (path: string, options?: ClientOptions): Promise<void> => {
    seen.set(`${options?.method ?? 'GET'} ${path}`, await send(port, path, options));
  };
  const json = { 'content-type': 'application/json' };
  await Promise.all([
    ...VISITS.map(([path]) => ask(path)),
    ask('/api/v1/items', { method: 'POST', headers: json, body: '{"a":1}' }),
    ask('/api/v1/items/any/7', { method: 'PUT' }),
    ask('/api/v1/items/cut'),
    ...['/turned-away', '/livez', '/readyz'].map((path) => ask(path)),
    readOneEvent(port, '/api/v1/items/events'),
    ...['1', '2', '3'].map((v) => send(headerPort, '/things/7', { headers: { 'x-version': v } })),
    send(headerPort, '/things/7/other', { headers: { 'x-version': '2' } }),
  ]);
  const isOver = (each: Exposition): boolean => each.value('http_requests_in_flight') === 0;
  const byPath = await scrapeUntil(url, isOver);
  const byHeader = await scrapeUntil(`http://127.0.0.1:${headerPort}/metrics`, isOver);
  return { seen, atStart, byPath, byHeader, code: await service.close() };
}

/** Starts the service with a version of Nest on a platform. */
async function startService(version: string, platform: string): Promise<Service> {
  const at = (file: string): string => fileURLToPath(new URL(`fixtures/${file}`, import.meta.url));
  const hook = new URL('fixtures/version.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', hook, at('service.mjs'), platform], {
    env: { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, NEST_VERSION: version },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  endWithRun(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  let said = '';
  const listening = new Promise<readonly [number, number]>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        const [first, second] = Array.from(said.matchAll(/^Listening on http:\/\/\S+:(\d+)$/gm), ([, port]) =>
          Number(port),
        );
        if (first !== undefined && second !== undefined) resolve([first, second]);
      });
    }
  });
  const ended = exited.then(() => {
    throw new Error(`Nest ${version} on ${platform} ended before it listened:\n${said}`);
  });
  ended.catch(() => {});
  const ports = await Promise.race([listening, ended]);
  return {
    ports,
    async close() {
      child.kill();
      const [code] = await exited;
      return code;
    },
  };
}

/** Reads the first event and then leaves, because the stream never ends. */
async function readOneEvent(port: number, path: string): Promise<void> {
  const request = get({ host: '127.0.0.1', port, path, agent: false }).on('error', () => {});
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  await once(response, 'data');
  request.destroy();
}
