import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { oneConnection, openRaw, send, until } from '../support/client.js';
import type { Exposition } from '../support/exposition.js';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

// Even a busy machine takes less than the first time, and every test waits for the other times.
const ENDURING = { latency: 20, patience: 60 };
const STRICT = { latency: 0.05, patience: 60 };
const IMPATIENT = { latency: 0.05, patience: 0.1 };
const PAST = 250;

const noSecond = (): void => {};

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('item') },
  {
    method: 'POST',
    pattern: '/items',
    handle: async (request, response) => {
      await bodyOf(request);
      response.statusCode = 201;
      response.end('made');
    },
  },
  { method: 'GET', pattern: '/hang', handle: noSecond },
  {
    method: 'POST',
    pattern: '/hang',
    handle: bodyOf,
  },
  { method: 'GET', pattern: '/stall', handle: (_request, response) => response.write('some of it') },
  {
    method: 'GET',
    pattern: '/cut',
    handle: async (_request, response) => {
      response.write('some of it');
      await delay(20);
      response.destroy();
    },
  },
  {
    method: 'GET',
    pattern: '/short',
    handle: (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('some of it');
      response.end();
    },
  },
  { method: 'GET', pattern: '/destroy', handle: (_request, response) => response.destroy() },
  { method: 'GET', pattern: '/destroy-error', handle: (_request, response) => response.destroy(new Error('mine')) },
  {
    method: 'GET',
    pattern: '/pipeline',
    handle: (_request, response) => pipeline(failing(), response).catch(noSecond),
  },
  {
    method: 'POST',
    pattern: '/echo',
    handle: (request, response) => pipeline(request, response).catch(noSecond),
  },
  {
    method: 'POST',
    pattern: '/store',
    // A pipeline takes the connection from the request that it destroys.
    handle: (request) => pipeline(request, fullDisk()).catch(noSecond),
  },
  {
    method: 'GET',
    pattern: '/hints',
    handle: (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeProcessing();
      response.end('after the hints');
    },
  },
  {
    method: 'GET',
    pattern: '/empty',
    handle: (_request, response) => {
      response.statusCode = 204;
      response.end();
    },
  },
  {
    method: 'GET',
    pattern: '/cached',
    handle: (_request, response) => {
      response.statusCode = 304;
      response.end();
    },
  },
  {
    method: 'GET',
    pattern: '/events',
    handle: (_request, response) => {
      response.setHeader('content-type', 'text/event-stream; charset=utf-8');
      response.write('data: one\n\n');
    },
  },
  {
    method: 'GET',
    pattern: '/events-by-head',
    handle: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write('data: one\n\n');
    },
  },
  {
    method: 'GET',
    pattern: '/events-ended',
    handle: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: one\n\n');
      response.end('data: two\n\n');
    },
  },
  { method: 'GET', pattern: '/large', handle: (_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024)) },
];

describe.each(FRAMEWORKS)('$name', ({ start }) => {
  let service: Service;
  let latency: number;
  const open = async (objective = ENDURING): Promise<number> => {
    latency = objective.latency;
    service = await start(ROUTES, { objective });
    return service.port;
  };
  afterEach(() => service.close());

  /** Returns what is counted when nothing is in flight any more. */
  const settled = async (): Promise<Exposition> => {
    for (;;) {
      // Scrapes again: the event loop turns while a response is written, so one scrape may show a request neither way.
      if ((await service.scrape()).value('http_requests_in_flight') === 0) break;
      await delay(5);
    }
    const exposition = await service.scrape();
    expectAgreement(exposition, latency);
    return exposition;
  };

  it('counts every response on a kept connection', async () => {
    const port = await open();
    const agent = oneConnection();
    for (const id of ['1', '2', '3'])
      expect(await send(port, `/items/${id}`, { agent })).toMatchObject({ status: 200 });
    expect(await send(port, '/items', { agent, method: 'POST', body: '{}' })).toMatchObject({ status: 201 });
    agent.destroy();
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 3, 'POST /items 201': 1 });
    expect(exposition.observed()).toEqual({ 'GET /items/:id 200': 3, 'POST /items 201': 1 });
  });

  it('counts every response of a pipelined connection', async () => {
    const port = await open();
    const head = 'HTTP/1.1\r\nHost: x\r\n\r\n';
    const { socket, received } = await openRaw(port, `GET /items/1 ${head}GET /items/2 ${head}GET /nowhere ${head}`);
    await until(() => received().split('HTTP/1.1 ').length === 4, 'three answers');
    socket.destroy();
    expect((await settled()).requests()).toEqual({ 'GET /items/:id 200': 2, 'GET (unmatched) 404': 1 });
  });

  it('counts requests that are queued behind a hang when their client leaves', async () => {
    const port = await open();
    const head = 'HTTP/1.1\r\nHost: x\r\n\r\n';
    const { socket, arrived } = await openRaw(port, `GET /hang ${head}GET /items/2 ${head}GET /hang ${head}`);
    await arrived;
    socket.destroy();
    // The response to the second request has ended, although it waits for its turn on the connection.
    expect((await settled()).requests()).toEqual({ 'GET /hang 499': 2, 'GET /items/:id 200': 1 });
  });

  it('counts a HEAD as a HEAD, on the route that responds', async () => {
    const port = await open();
    await send(port, '/items/1', { method: 'HEAD' });
    expect((await settled()).requests()).toEqual({ 'HEAD /items/:id 200': 1 });
  });

  it('counts responses without a body, and the last of several heads', async () => {
    const port = await open();
    await send(port, '/empty');
    await send(port, '/cached');
    await send(port, '/hints');
    await send(port, '/items', { method: 'POST', body: '{}', headers: { expect: '100-continue' } });
    expect((await settled()).observed()).toEqual({
      'GET /empty 204': 1,
      'GET /cached 304': 1,
      'GET /hints 200': 1,
      'POST /items 201': 1,
    });
  });

  it('counts requests that no route matches in one series', async () => {
    const port = await open();
    await send(port, '/nowhere');
    await send(port, '/nor/here?at=all');
    await send(port, '/items/1', { method: 'DELETE' });
    const { requests } = { requests: (await settled()).requests() };
    expect(requests).toMatchObject({ 'GET (unmatched) 404': 2 });
    expect(Object.keys(requests).filter((key) => key.startsWith('DELETE'))).toEqual([
      expect.stringMatching(/^DELETE \(unmatched\) 40[45]$/),
    ]);
  });

  describe.each([
    { how: 'closing', reset: false },
    { how: 'resetting', reset: true },
  ])('a client that leaves by $how', ({ reset }) => {
    it.each([
      ['GET', undefined],
      ['POST', 'a body that is read'],
    ])('within the objective says nothing of latency (%s)', async (method, body) => {
      const port = await open();
      await send(port, '/hang', { method, ...(body && { body }), leaveAfter: 40, reset });
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ [`${method} /hang 499`]: 1 });
      expect(exposition.observed()).toEqual({});
    });

    it('past the objective was kept waiting too long', async () => {
      const port = await open(STRICT);
      await send(port, '/hang', { leaveAfter: PAST, reset });
      const exposition = await settled();
      expect(exposition.observed()).toEqual({ 'GET /hang 499': 1 });
      const labels = { route: '/hang', status_code: 499 };
      expect(exposition.value('http_request_duration_seconds_bucket', { ...labels, le: STRICT.latency })).toBe(0);
      expect(exposition.value('http_request_duration_seconds_sum', labels)).toBeGreaterThan(STRICT.latency);
    });

    it.each(['GET', 'POST'])('past the patience was failed (%s)', async (method) => {
      const port = await open(IMPATIENT);
      await send(port, '/hang', { method, leaveAfter: PAST, reset });
      const exposition = await settled();
      expect(exposition.requests('http_errors_total')).toEqual({ [`${method} /hang 504`]: 1 });
      expect(exposition.observed()).toEqual({ [`${method} /hang 504`]: 1 });
    });

    it('mid-body, soon, got what was sent', async () => {
      const port = await open();
      await send(port, '/stall', { leaveAfter: 40, reset });
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ 'GET /stall 200': 1 });
      expect(exposition.observed()).toEqual({});
    });

    it('mid-body, past the objective, may have had enough of it', async () => {
      const port = await open(STRICT);
      await send(port, '/stall', { leaveAfter: PAST, reset });
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ 'GET /stall 200': 1 });
      expect(exposition.observed()).toEqual({});
    });

    it('mid-body, past the patience, was kept waiting too long', async () => {
      const port = await open(IMPATIENT);
      await send(port, '/stall', { leaveAfter: PAST, reset });
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ 'GET /stall 200': 1 });
      expect(exposition.observed()).toEqual({ 'GET /stall 200': 1 });
    });

    it('while the handler pipes its body back is no fault of the server', async () => {
      const port = await open();
      const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n';
      const { socket, arrived } = await openRaw(port, head);
      await arrived;
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
      expect((await settled()).requests()).toEqual({ 'POST /echo 499': 1 });
    });
  });

  it('leaving a handler whose pipeline has failed is no response', async () => {
    const port = await open();
    const head =
      'POST /store HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\n';
    const { socket, arrived } = await openRaw(port, `${head}some`);
    await arrived;
    expect((await service.scrape()).value('http_requests_in_flight')).toBe(1);
    socket.destroy();
    expect((await settled()).requests()).toEqual({ 'POST /store 499': 1 });
  });

  it('distinguishes a client that leaves a large response from one that reads it', async () => {
    const port = await open();
    const sumOf = (exposition: Exposition): number =>
      exposition.sum('http_request_duration_seconds_sum', { route: '/large' });
    const startedAt = performance.now();
    expect(await send(port, '/large')).toMatchObject({ status: 200 });
    const taken = performance.now() - startedAt;
    const before = sumOf(await settled());
    const { socket, arrived } = await openRaw(port, 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    await arrived;
    // Much longer than the service takes, even on a busy machine.
    const unread = 500 + 3 * taken;
    await delay(unread);
    socket.destroy();
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET /large 200': 2 });
    expect(exposition.observed()).toEqual({ 'GET /large 200': 2 });
    expect(sumOf(exposition) - before).toBeLessThan(unread / 1000);
  });

  it('counts a body that the server breaks off as a failure', async () => {
    const port = await open();
    expect(await send(port, '/cut')).toBe('cut mid-body');
    expect(await send(port, '/pipeline')).toBe('cut mid-body');
    expect((await settled()).observed()).toEqual({ 'GET /cut 500': 1, 'GET /pipeline 500': 1 });
  });

  it('counts a body that ends before its length as a failure', async () => {
    const port = await open();
    expect(await send(port, '/short')).toBe('cut mid-body');
    expect((await settled()).observed()).toEqual({ 'GET /short 500': 1 });
  });

  it('counts a response that the server destroys before any header as a failure', async () => {
    const port = await open();
    expect(await send(port, '/destroy')).toBe('cut before headers');
    expect(await send(port, '/destroy-error')).toBe('cut before headers');
    expect((await settled()).observed()).toEqual({ 'GET /destroy 500': 1, 'GET /destroy-error 500': 1 });
  });

  it('counts an upstream that is reset mid-body as a failure of the server', async () => {
    const upstream = createServer(async (_request, response) => {
      response.write('some of it');
      await delay(20);
      response.socket?.resetAndDestroy();
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port: upstreamPort } = upstream.address() as AddressInfo;
    const proxy: PlainRoute = {
      method: 'GET',
      pattern: '/proxy',
      handle: (_request, response) => {
        httpRequest({ host: '127.0.0.1', port: upstreamPort }, (incoming) => {
          incoming.on('error', (error) => response.destroy(error));
          incoming.pipe(response);
        })
          .on('error', noSecond)
          .end();
      },
    };
    latency = ENDURING.latency;
    service = await start([proxy], { objective: ENDURING });
    expect(await send(service.port, '/proxy')).toBe('cut mid-body');
    expect((await settled()).requests()).toEqual({ 'GET /proxy 500': 1 });
    upstream.close();
  });

  it('counts an upstream that sends no HTTP as a failure of the server', async () => {
    const upstream = createTcpServer((socket) => socket.end('this is no HTTP\r\n\r\n'));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port: upstreamPort } = upstream.address() as AddressInfo;
    const proxy: PlainRoute = {
      method: 'GET',
      pattern: '/proxy',
      handle: (_request, response) => {
        httpRequest({ host: '127.0.0.1', port: upstreamPort })
          .on('error', (error) => response.destroy(error))
          .end();
      },
    };
    latency = ENDURING.latency;
    service = await start([proxy], { objective: ENDURING });
    expect(await send(service.port, '/proxy')).toBe('cut before headers');
    expect((await settled()).observed()).toEqual({ 'GET /proxy 500': 1 });
    upstream.close();
  });

  it('counts a request that Node refuses mid-body with the status that Node writes', async () => {
    const port = await open();
    const head = 'POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { socket, received, arrived } = await openRaw(port, `${head}2\r\nab\r\n`);
    await arrived;
    socket.write('not a chunk\r\n');
    await until(() => received() !== '' || socket.destroyed, 'an answer');
    socket.destroy();
    expect(received()).toMatch(/^HTTP\/1\.1 400 /);
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'POST /items 400': 1 });
    expect(exposition.observed()).toEqual({});
  });

  it('shows an exchange in flight, and overdue once the patience is over', async () => {
    const shown = async (): Promise<readonly unknown[]> => {
      const exposition = await service.scrape();
      return [exposition.value('http_requests_in_flight'), exposition.value('http_requests_overdue')];
    };
    for (const [objective, overdue] of [
      [ENDURING, 0],
      [IMPATIENT, 1],
    ] as const) {
      const { socket, arrived } = await openRaw(await open(objective), 'GET /hang HTTP/1.1\r\nHost: x\r\n\r\n');
      await arrived;
      await delay(PAST);
      expect(await shown()).toEqual([1, overdue]);
      socket.destroy();
      expect((await settled()).value('http_requests_overdue')).toBe(0);
      if (objective === ENDURING) await service.close();
    }
  });

  it.each(['/events', '/events-by-head'])(
    'counts an event stream when its headers go out, never its lifetime (%s)',
    async (path) => {
      const port = await open(IMPATIENT);
      const head = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
      const { socket, received } = await openRaw(port, head);
      await until(() => received().includes('data: one'), 'the first event');
      await delay(PAST);
      const live = await service.scrape();
      expect(live.requests()).toEqual({ [`GET ${path} 200`]: 1 });
      expect(live.value('http_requests_overdue')).toBe(0);
      socket.destroy();
      await delay(50);
      const after = await service.scrape();
      expect(after.requests()).toEqual({ [`GET ${path} 200`]: 1 });
      expect(after.observed()).toEqual({});
    },
  );

  it('does not count an event stream that waits for an earlier response as sent', async () => {
    const port = await open();
    const head = 'HTTP/1.1\r\nHost: x\r\n\r\n';
    const { socket, arrived } = await openRaw(port, `GET /hang ${head}GET /events ${head}`);
    await arrived;
    expect((await service.scrape()).requests()).toEqual({});
    socket.destroy();
    expect((await settled()).requests()).toEqual({ 'GET /hang 499': 1, 'GET /events 499': 1 });
  });

  it('observes no event stream that ends between two scrapes', async () => {
    const port = await open();
    await send(port, '/events-ended');
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET /events-ended 200': 1 });
    expect(exposition.observed()).toEqual({});
  });

  it('counts an upgrade at its response, with the status of the response', async () => {
    const port = await open();
    // Coalmine finds the server with the first request. An upgrade before any request needs attach().
    await send(port, '/items/1');
    const sockets = new WebSocketServer({
      server: service.server,
      verifyClient: ({ req }: { req: IncomingMessage }) => req.url !== '/forbidden',
    });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
    await new Promise((resolve) => socket.once('open', resolve));
    const refused = new WebSocket(`ws://127.0.0.1:${port}/forbidden`);
    await new Promise((resolve) => refused.once('error', resolve));
    const live = await settled();
    expect(live.requests()).toEqual({ 'GET /items/:id 200': 1, 'GET (unmatched) 101': 1, 'GET (unmatched) 401': 1 });
    expect(live.observed()).toEqual({ 'GET /items/:id 200': 1 });
    socket.terminate();
    sockets.close();
    await delay(20);
    expect((await settled()).requests()).toEqual(live.requests());
  });

  it('responds to an upgrade without a listener as it would without Coalmine', async () => {
    const port = await open();
    await send(port, '/items/1');
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await send(port, '/items/2', { headers })).toMatchObject({ status: 200, body: 'item' });
    expect((await settled()).requests()).toEqual({ 'GET /items/:id 200': 2 });
  });

  it('shows every route at zero before its first request has come', async () => {
    const port = await open();
    await send(port, '/nowhere');
    const exposition = await service.scrape();
    const zeros = exposition.samples('http_requests_total', { method: 'GET', route: '/hang' });
    expect(zeros.map(({ labels, value }) => [labels.status_code, value])).toEqual(
      ['200', '500', '503', '504'].map((status) => [status, 0]),
    );
    const errors = exposition.samples('http_errors_total', { method: 'GET', route: '/hang' });
    expect(errors.map(({ labels, value }) => [labels.status_code, value])).toEqual(
      ['500', '503', '504'].map((status) => [status, 0]),
    );
    for (const counter of ['timed', 'slow', 'failed']) {
      expect(exposition.value(`http_requests_${counter}_total`, { method: 'GET', route: '/hang' })).toBe(0);
    }
    expect(exposition.series().filter((series) => series.includes('"method":"GET","route":"/hang"'))).toHaveLength(10);
  });
});

/** The counters of a verdict must agree with the statuses and the histogram. */
function expectAgreement(exposition: Exposition, latency: number): void {
  for (const { labels: route, value: timed } of exposition.samples('http_requests_timed_total')) {
    const { method = '', route: pattern = '' } = route;
    const of = (name: string, labels = {}): number => exposition.sum(name, { method, route: pattern, ...labels });
    const failed = exposition
      .samples('http_requests_total', { method, route: pattern })
      .filter(({ labels }) => Number(labels.status_code) >= 500);
    // Refusals of a catch-all are not timed, because a scanner can send any number of such requests.
    const isTimed = (status = ''): boolean => !(/^\(unmatched\)$|\*/.test(pattern) && /^4(?!99)/.test(status));
    const timedOf = (name: string, labels = {}): number =>
      exposition
        .samples(name, { method, route: pattern, ...labels })
        .filter((sample) => isTimed(sample.labels.status_code))
        .reduce((sum, { value }) => sum + value, 0);
    const observed = timedOf('http_request_duration_seconds_count');
    expect([method, pattern, timed, of('http_requests_slow_total'), of('http_requests_failed_total')]).toEqual([
      method,
      pattern,
      observed,
      observed - timedOf('http_request_duration_seconds_bucket', { le: latency }),
      failed.reduce((sum, { value }) => sum + value, 0),
    ]);
  }
}

/** Reads a body to its end, if it has one. */
async function bodyOf(request: IncomingMessage): Promise<void> {
  try {
    for await (const _ of request);
  } catch {
    // The client has left.
  }
}

function failing(): Readable {
  let isFirst = true;
  return new Readable({
    read() {
      if (isFirst) this.push('some of it');
      else setTimeout(() => this.destroy(new Error('the source failed')), 20);
      isFirst = false;
    },
  });
}

function fullDisk(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
}
