import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type CoalmineOptions, signExclusion } from '@coalmine/node';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { send, until } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

const objective = { latency: 0.05, patience: 0.2 };
const secret = 'a secret of at least thirty-two characters';
const signed = { keys: { monitor: secret } };

describe.each(FRAMEWORKS)('$name', ({ name, start }) => {
  let service: Service;
  let seen: IncomingMessage[] = [];

  const ROUTES: readonly PlainRoute[] = [
    { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('item') },
    {
      method: 'GET',
      pattern: '/internal/:job',
      handle: (_request, response) => {
        response.statusCode = 500;
        response.end('failed');
      },
    },
    {
      method: 'GET',
      pattern: '/fail',
      handle: (_request, response) => {
        response.statusCode = 503;
        response.end('failed');
      },
    },
    { method: 'GET', pattern: '/hang', handle: () => {} },
    {
      method: 'GET',
      pattern: '/seen',
      handle: (request, response) => {
        seen.push(request);
        response.end('seen');
      },
    },
    {
      method: 'GET',
      pattern: '/events',
      handle: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: one\n\n');
      },
    },
  ];

  const open = async (options: CoalmineOptions): Promise<number> => {
    seen = [];
    service = await start(ROUTES, { objective, ...options });
    return service.port;
  };
  afterEach(() => service.close());

  const marked = (path: string, key = secret): Record<string, string> =>
    signExclusion({ keyId: 'monitor', secret: key, method: 'GET', url: `http://127.0.0.1:${service.port}${path}` });

  /** Returns the exposition when this many requests were excluded for a reason. */
  const shownAfter = (reason: string, count: number): Promise<Exposition> =>
    scrapeUntil(
      `http://127.0.0.1:${service.port}/metrics`,
      (each) => each.sum('coalmine_excluded_requests_total', { reason }) >= count,
    );

  it('excludes its own endpoint, and shows its requests as excluded', async () => {
    const port = await open({});
    await send(port, '/metrics');
    await send(port, '/metrics', { method: 'HEAD' });
    const exposition = await shownAfter('metrics', 2);
    expect(exposition.excluded()).toMatchObject({ 'metrics 2xx': expect.any(Number) });
    expect(exposition.requests()).toEqual({});
    expect(exposition.sum('coalmine_excluded_request_duration_seconds_count', { reason: 'metrics' })).toBeGreaterThan(
      1,
    );
  });

  it.each(['/internal/:job', '/internal/:job/'])(
    'excludes the listed route %s, which has no series of its own',
    async (route) => {
      const port = await open({ traffic: { exclude: { routes: [route] } } });
      await send(port, '/internal/nightly');
      await send(port, '/items/1');
      const exposition = await shownAfter('route', 1);
      expect(exposition.excluded()).toMatchObject({ 'route 5xx': 1 });
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
      expect(exposition.samples('http_requests_total', { route: '/internal/:job', status_code: 500 })).toHaveLength(
        // With node:http, the test has declared the route.
        name === 'node:http' ? 1 : 0,
      );
    },
  );

  it('warns of a listed route that no route has, unless it does not know all routes', async () => {
    const routes = ['/internal/:job', '/internal/*'];
    const warnings = coalmineWarnings();
    const port = await open({ warmup: false, traffic: { exclude: { routes } } });
    await send(port, '/internal/nightly');
    await service.scrape();
    await service.scrape();
    const texts = (await warnings.taken()).map(({ message }) => message);
    const unused = texts.filter((text) => text.includes('excludes nothing'));
    expect(unused).toEqual(
      name === 'node:http' ? [] : [expect.stringMatching(/^traffic\.exclude\.routes\[1\] .* pattern "\/internal\/\*"/)],
    );
  });

  it('excludes a request that proves itself, and keeps the proof from the handler', async () => {
    const port = await open({ traffic: { exclude: { signed } } });
    await send(port, '/seen?by=monitor', { headers: marked('/seen?by=monitor') });
    await send(port, '/fail', { headers: marked('/fail') });
    await send(port, '/seen');
    const exposition = await shownAfter('signed', 2);
    expect(exposition.excluded()).toMatchObject({ 'signed 2xx': 1, 'signed 5xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /seen 200': 1 });
    expect(exposition.sum('coalmine_exclusion_claims_rejected_total')).toBe(0);
    expect(seen).toHaveLength(2);
    for (const { headers, headersDistinct, rawHeaders } of seen) {
      expect(Object.keys({ ...headers, ...headersDistinct })).not.toContain('x-coalmine-exclude');
      expect(rawHeaders.join().toLowerCase()).not.toContain('x-coalmine-exclude');
    }
  });

  it('shows an excluded hang neither in flight nor overdue, and counts it as a failure among excluded requests', async () => {
    const port = await open({ traffic: { exclude: { signed } } });
    const pastPatience = async (): Promise<void> => {
      await delay(300);
      const during = await service.scrape();
      expect(during.value('http_requests_overdue')).toBe(0);
      // The scrape itself is excluded as well.
      expect(during.value('http_requests_in_flight')).toBe(0);
    };
    await send(port, '/hang', { headers: marked('/hang'), leaveAfter: pastPatience });
    const exposition = await shownAfter('signed', 1);
    expect(exposition.excluded()).toMatchObject({ 'signed 5xx': 1 });
    expect(exposition.requests()).toEqual({});
  });

  it('counts an excluded failure as a user’s if the options say so, on the route of the request', async () => {
    const port = await open({
      traffic: { exclude: { signed, routes: ['/internal/:job'] }, countErrors: true },
    });
    await send(port, '/fail', { headers: marked('/fail') });
    await send(port, '/items/1', { headers: marked('/items/1') });
    await send(port, '/internal/nightly');
    const exposition = await shownAfter('signed', 1);
    expect(exposition.excluded()).toEqual({ 'signed 2xx': 1, 'metrics 2xx': expect.any(Number) });
    expect(exposition.requests()).toEqual({ 'GET /fail 503': 1, 'GET /internal/:job 500': 1 });
    expect(exposition.requests('http_errors_total')).toEqual({ 'GET /fail 503': 1, 'GET /internal/:job 500': 1 });
  });

  it('excludes a trusted peer with the agent it should have, and nobody else from there', async () => {
    const port = await open({
      traffic: { exclude: { trusted: { cidrs: ['127.0.0.1'], userAgents: [/^kube-probe\//] } } },
    });
    await send(port, '/items/1', { headers: { 'user-agent': 'kube-probe/1.30' } });
    await send(port, '/items/1', { headers: { 'user-agent': 'Mozilla/5.0' } });
    await send(port, '/items/1');
    const exposition = await shownAfter('trusted', 1);
    expect(exposition.excluded()).toMatchObject({ 'trusted 2xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 2 });
  });

  it('excludes a trusted address that a known proxy vouches for', async () => {
    const port = await open({
      traffic: { exclude: { trusted: { cidrs: ['192.0.2.0/24'], proxies: ['127.0.0.1'] } } },
    });
    await send(port, '/items/1', { headers: { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' } });
    await send(port, '/items/1', { headers: { 'x-forwarded-for': '192.0.2.7, 203.0.113.9' } });
    const exposition = await shownAfter('trusted', 1);
    expect(exposition.excluded()).toMatchObject({ 'trusted 2xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
  });

  it('excludes requests that the hook of the app names, and survives a hook that fails', async () => {
    const port = await open({
      traffic: {
        exclude: {
          when: ({ url, headers }) => {
            if (headers['x-broken'] !== undefined) throw new Error('broken');
            return url?.startsWith('/items') ? 'items' : false;
          },
        },
      },
    });
    await send(port, '/items/1');
    await send(port, '/fail');
    await send(port, '/items/1', { headers: { 'x-broken': '1' } });
    const exposition = await shownAfter('custom', 1);
    expect(exposition.excluded()).toMatchObject({ 'custom 2xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1, 'GET /fail 503': 1 });
  });

  it('withholds the durations of a cold pod, and no request and no error', async () => {
    const port = await open({ warmup: { minSeconds: 0, minRequests: 3 } });
    expect((await service.scrape()).value('coalmine_pod_warm')).toBe(0);
    expect((await service.scrape()).value('coalmine_pod_ready_timestamp_seconds')).toBeUndefined();
    await send(port, '/items/1');
    await send(port, '/fail');
    await send(port, '/items/1');
    const cold = await scrapeUntil(`http://127.0.0.1:${port}/metrics`, (each) => each.sum('http_requests_total') === 3);
    expect(cold.requests()).toEqual({ 'GET /items/:id 200': 2, 'GET /fail 503': 1 });
    expect(cold.requests('http_errors_total')).toEqual({ 'GET /fail 503': 1 });
    expect(cold.observed()).toEqual({});
    const withheld = { reason: 'warmup' };
    expect(cold.value('coalmine_excluded_request_duration_seconds_count', withheld)).toBe(3);
    expect(cold.value('coalmine_pod_warm')).toBe(1);
    const readyAt = cold.value('coalmine_pod_ready_timestamp_seconds') ?? 0;
    expect(Math.abs(Date.now() / 1000 - readyAt)).toBeLessThan(10);

    await send(port, '/items/1');
    const warm = await scrapeUntil(`http://127.0.0.1:${port}/metrics`, (each) => each.sum('http_requests_total') === 4);
    expect(warm.observed()).toEqual({ 'GET /items/:id 200': 1 });
    expect(warm.value('coalmine_excluded_request_duration_seconds_count', withheld)).toBe(3);
  });

  it('does not warm up with excluded requests', async () => {
    const port = await open({
      warmup: { minSeconds: 0, minRequests: 2 },
      traffic: { exclude: { routes: ['/internal/:job'], signed } },
    });
    for (let i = 0; i < 3; i++) {
      await send(port, '/internal/nightly');
      await send(port, '/items/1', { headers: marked('/items/1') });
    }
    const exposition = await shownAfter('signed', 3);
    expect(exposition.value('coalmine_pod_warm')).toBe(0);
    expect(exposition.value('coalmine_pod_ready_timestamp_seconds')).toBeUndefined();
  });

  it('withholds everything of a cold pod if the options say so', async () => {
    const port = await open({ warmup: { minSeconds: 0, minRequests: 2, withhold: 'all' } });
    await send(port, '/items/1');
    await send(port, '/fail');
    // The pod is warm when both requests are counted, which is a moment after their clients have the responses.
    await shownAfter('warmup', 2);
    await send(port, '/fail');
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.sum('http_requests_total') > 0,
    );
    expect(exposition.excluded()).toMatchObject({ 'warmup 2xx': 1, 'warmup 5xx': 1 });
    expect(exposition.requests()).toEqual({ 'GET /fail 503': 1 });
  });

  it('keeps the lifetimes of event streams and upgrades apart from durations', async () => {
    const port = await open({});
    const sockets = new WebSocketServer({ noServer: true });
    service.server.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client) => client.close()),
    );
    await send(port, '/events');
    const client = new WebSocket(`ws://127.0.0.1:${port}/live`);
    await new Promise((resolve) => client.once('close', resolve));
    const streams = { reason: 'stream' };
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${port}/metrics`,
      (each) => each.sum('coalmine_excluded_request_duration_seconds_count', streams) === 2,
    );
    expect(exposition.value('coalmine_excluded_request_duration_seconds_count', streams)).toBe(2);
    expect(exposition.requests()).toEqual({ 'GET /events 200': 1, 'GET (unmatched) 101': 1 });
    expect(exposition.observed()).toEqual({});
  });

  it('primes itself before it is ready, and excludes its own requests', async () => {
    const prime = { requests: ['/items/1', '/fail'], count: 20 };
    // A failure that nobody waited for does not count.
    const port = await open({ warmup: { minSeconds: 0, prime }, traffic: { countErrors: true } });
    const { instrument } = service;
    // On Fastify priming starts with the server. On other frameworks a request starts it, through the server of the request.
    await send(port, '/metrics');
    await until(() => instrument.isReady(), 'ready');
    expect(instrument.priming).toMatchObject({ sent: 20, failed: 10 });
    const exposition = await service.scrape();
    expect(exposition.excluded()).toMatchObject({ 'signed 2xx': 10, 'signed 5xx': 10 });
    expect(exposition.requests()).toEqual({});
    expect(exposition.sum('coalmine_exclusion_claims_rejected_total')).toBe(0);
    expect(exposition.value('coalmine_pod_ready_timestamp_seconds')).toBeGreaterThan(0);
  });
});
