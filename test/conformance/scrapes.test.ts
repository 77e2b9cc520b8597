import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { createInstrument } from '@coalmine/node';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { send, until } from '../support/client.js';
import { Exposition } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { FRAMEWORKS, type PlainRoute, type Service, serve as serveServer } from './frameworks.js';

const NEWEST = FRAMEWORKS.filter(({ name }) => ['fastify5', 'express53', 'node:http'].includes(name));
const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_, response) => response.end('an item') },
];

let service: Service;
let registry: Registry;
let sockets: Socket[];

beforeEach(() => {
  registry = new Registry();
  sockets = [];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets) socket.destroy();
  await service?.close();
});

const metricsUrl = (): string => `http://127.0.0.1:${service.port}/metrics`;

/** Registers a metric whose collection ends when the test says so. */
function heldMetric(): { readonly collections: (() => void)[] } {
  const collections: (() => void)[] = [];
  new Gauge({
    name: 'held',
    help: 'Collected when the test says so',
    registers: [registry],
    collect: () => new Promise<void>((resolve) => collections.push(resolve)),
  });
  return { collections };
}

const LARGE = 16_000_000;

/** Registers a metric of 16 MB, which is more than the system buffers for a client that does not read. Compressed it is half. */
function largeMetric(): void {
  const large = new Gauge({ name: 'large', help: 'Large', labelNames: ['label'], registers: [registry] });
  for (let i = 0; i < LARGE / 4_000; i++) large.set({ label: randomBytes(2_000).toString('hex') }, i);
}

const MOMENT_ROWS = 20_000;

/** Registers a metric of 5 MB, in which each row has the number of its collection. */
function momentMetric(): void {
  let moment = 0;
  new Gauge({
    name: 'moment',
    help: 'Moment',
    labelNames: ['row', 'label'],
    registers: [registry],
    collect() {
      moment++;
      for (let row = 0; row < MOMENT_ROWS; row++) this.set({ row, label: 'x'.repeat(200) }, moment);
    },
  });
}

function momentsIn(body: string): { readonly rows: number; readonly moments: number } {
  const values = new Exposition(body).samples('moment').map(({ value }) => value);
  return { rows: values.length, moments: new Set(values).size };
}

/** Requests the metrics, and does not read a byte of the response. */
async function stall(text: string): Promise<Socket> {
  const socket = connect(service.port, '127.0.0.1').pause();
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  const asked = once(service.server, 'request');
  socket.write(text);
  await asked;
  return socket;
}

function requestOf(headers = ''): string {
  return `GET /metrics HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
}

/** Scrapes, and returns the number of received bytes. */
async function bytesRead(): Promise<number> {
  for (;;) {
    const askedAt = Date.now();
    const [response] = await once(
      get({ host: '127.0.0.1', port: service.port, path: '/metrics', agent: false }),
      'response',
    );
    let bytes = 0;
    try {
      for await (const chunk of response) bytes += chunk.length;
      return bytes;
    } catch (error) {
      // On a busy machine, a large rendering may take longer than the deadline of a scrape, 10 s, at which Coalmine cuts it.
      if (Date.now() - askedAt < 9_000) throw error;
    }
  }
}

/** Returns the megabytes in use, in the heap and in buffers. */
async function megabytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Node frees the memory of buffers in later turns of the event loop.
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 / 1024;
}

describe.each(NEWEST)('scrapes of $name', ({ start }) => {
  it('share a rendering if they come at the same time, and never get numbers older than the request', async () => {
    const { collections } = heldMetric();
    service = await start(ROUTES, { registry, health: false });
    let asked = 0;
    service.server.on('request', () => asked++);
    const scrape = async (): Promise<Exposition> => new Exposition(await (await fetch(metricsUrl())).text());

    const first = scrape();
    await until(() => collections.length === 1, 'the first to be rendered');
    await send(service.port, '/items/1');
    const others = Array.from({ length: 20 }, scrape);
    await until(() => asked === 22, 'all to have asked');
    collections[0]?.();
    await first;
    await until(() => collections.length === 2, 'the second rendering');
    collections[1]?.();
    for (const other of others) expect((await other).requests()).toEqual({ 'GET /items/:id 200': 1 });
    expect(collections).toHaveLength(2);
  });

  it('are cut at the deadline if nobody reads them, and no sooner', async () => {
    largeMetric();
    service = await start(ROUTES, { registry, health: false });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const cut: boolean[] = [];
    service.server.on('request', (_request, response) => {
      response.once('close', () => cut.push(!response.writableFinished));
    });
    let hasBegun = false;
    service.server.on('request', (_request, response) => {
      const look = (): void => {
        hasBegun = response.headersSent;
        if (!hasBegun) setImmediate(look);
      };
      look();
    });
    await stall(requestOf());
    while (!hasBegun) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(9_999);
    expect(await send(service.port, '/items/1')).toMatchObject({ status: 200 });
    expect(cut).toEqual([false]);
    vi.advanceTimersByTime(1);
    while (cut.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(cut).toEqual([false, true]);
  });

  it('are refused if they cannot get a response by the deadline', async () => {
    let asked = 0;
    const authorize = (): Promise<boolean> => {
      asked++;
      return new Promise(() => {});
    };
    service = await start(ROUTES, { registry, health: false, metrics: { authorize } });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const scraping = send(service.port, '/metrics');
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(10_000);
    expect(await scraping).toEqual({ status: 503, body: 'Service Unavailable\n' });
  });

  it('render nothing for a HEAD, which has the headers of a GET', async () => {
    let collections = 0;
    new Gauge({ name: 'counted', help: 'Counted', registers: [registry], collect: () => void collections++ });
    service = await start(ROUTES, { registry, health: false });
    const headersOf = async (method: string): Promise<object> => {
      const response = await fetch(metricsUrl(), { method, headers: { accept: 'application/openmetrics-text' } });
      await response.text();
      const { headers } = response;
      return ['content-type', 'cache-control', 'vary', 'content-encoding'].map((name) => headers.get(name));
    };
    const head = await headersOf('HEAD');
    expect(collections).toBe(0);
    expect(head).toEqual(await headersOf('GET'));
    expect(collections).toBe(1);
  });

  it('ignore a header that is longer than Prometheus needs', async () => {
    service = await start(ROUTES, { registry, health: { details: 'always' } });
    const long = 'a/b,'.repeat(3_900);
    const answer = async (path: string, name: string, value: string): Promise<string> => {
      const { port } = service;
      const request = get({ host: '127.0.0.1', port, path, agent: false, headers: { [name]: value } });
      const [response] = await once(request, 'response');
      response.resume();
      return `${response.headers['content-type']} ${response.headers['content-encoding']}`;
    };
    const text = 'text/plain; version=0.0.4; charset=utf-8 undefined';
    expect(await answer('/metrics', 'accept', 'application/openmetrics-text')).toMatch(
      /^application\/openmetrics-text/,
    );
    expect(await answer('/metrics', 'accept', `${long}application/openmetrics-text`)).toBe(text);
    expect(await answer('/metrics', 'accept-encoding', 'gzip')).toMatch(/ gzip$/);
    expect(await answer('/metrics', 'accept-encoding', `${long}gzip`)).toBe(text);
    expect(await answer('/readyz', 'accept', 'application/health+json')).toMatch(/^application\/health\+json/);
    expect(await answer('/readyz', 'accept', `${long}application/health+json`)).toMatch(/^text\/plain/);
  });

  it('of a registry that cannot be read fail, and the next scrape succeeds', async () => {
    service = await start(ROUTES, { registry, health: false });
    const warnings = coalmineWarnings();
    const { getMetricsAsArray } = registry;
    registry.getMetricsAsArray = () => {
      throw new Error('out of order');
    };
    for (let i = 0; i < 2; i++) {
      expect(await send(service.port, '/metrics')).toEqual({ status: 500, body: 'Internal Server Error\n' });
    }
    registry.getMetricsAsArray = getMetricsAsArray;
    expect(await send(service.port, '/metrics')).toMatchObject({ status: 200 });
    expect(await warnings.taken()).toMatchObject([
      { code: 'COALMINE_ENDPOINT_FAILED', message: expect.stringContaining('out of order') },
    ]);
  });

  it('count for `afterScrape` only when they have been read whole', async () => {
    largeMetric();
    service = await start(ROUTES, { registry, health: { afterScrape: { maxSeconds: 3_600 }, signals: [] } });
    const isReady = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${service.port}/readyz`)).ok;
    const closed = new Promise((resolve) => {
      service.server.on('request', (_request, response) => response.once('close', resolve));
    });
    const leaving = connect(service.port, '127.0.0.1').on('error', () => {});
    leaving.write(requestOf());
    leaving.once('data', () => leaving.destroy());
    await closed;
    expect(await isReady()).toBe(false);
    await fetch(metricsUrl(), { method: 'HEAD' });
    expect(await isReady()).toBe(false);
    await (await fetch(metricsUrl())).text();
    await until(() => service.instrument.isReady(), 'the end of the scrape');
    expect(await isReady()).toBe(true);
  });
});

describe('scrapes of any framework that nobody reads', () => {
  const STALLED = 10;

  async function serve(): Promise<number> {
    largeMetric();
    const instrument = createInstrument({ registry, health: false });
    service = { ...(await serveServer(createServer(instrument.handler((_, response) => response.end())))), instrument };
    expect(await bytesRead()).toBeGreaterThan(LARGE);
    return megabytes();
  }

  // Coalmine keeps the rendering that a scraper reads, and at most four renderings for scrapers that do not read.
  it.each([
    ['plain', '', 5 * LARGE],
    ['compressed', 'Accept-Encoding: gzip\r\n', 5 * (LARGE / 2)],
    ['in OpenMetrics', 'Accept: application/openmetrics-text\r\n', 5 * LARGE],
  ])('hold little memory, %s', async (_title, headers, bytes) => {
    const before = await serve();
    for (let i = 0; i < STALLED; i++) {
      await stall(requestOf(headers));
      // The scraper that reads gets all of it, from a later rendering than the scraper that does not read.
      expect(await bytesRead()).toBeGreaterThan(LARGE);
    }
    expect((await megabytes()) - before).toBeLessThan(bytes / 1_000_000 + 10);
  });

  it('hold little memory when one connection asks for them again and again', async () => {
    const before = await serve();
    const socket = await stall(requestOf().repeat(100));
    for (let i = 0; i < 3; i++) expect(await bytesRead()).toBeGreaterThan(LARGE);
    expect((await megabytes()) - before).toBeLessThan((5 * LARGE) / 1_000_000 + 10);
    socket.destroy();
    expect(await bytesRead()).toBeGreaterThan(LARGE);
  });
});

describe('scrapes of any framework that are read slowly', () => {
  /** Returns the bodies of the next responses on a connection, in their order. */
  async function bodiesOf(socket: Socket, count: number): Promise<string[]> {
    const bodies: string[] = [];
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      text += chunk;
      const bodyAt = text.indexOf('\r\n\r\n') + 4;
      const end = bodyAt + Number(/content-length: (\d+)/i.exec(text.slice(0, bodyAt))?.[1]);
      if (Number.isNaN(end) || text.length < end) continue;
      bodies.push(text.slice(bodyAt, end));
      text = text.slice(end);
      if (bodies.length === count) break;
    }
    return bodies;
  }

  it('have the numbers of one moment, whatever was rendered since', async () => {
    momentMetric();
    const instrument = createInstrument({ registry, health: false });
    service = { ...(await serveServer(createServer(instrument.handler((_, response) => response.end())))), instrument };

    const slow = await stall(requestOf().repeat(3));
    for (let i = 0; i < 3; i++) await bytesRead();
    const others = Array.from({ length: 4 }, bytesRead);
    slow.resume();
    const bodies = await bodiesOf(slow, 3);
    await Promise.all(others);
    expect(bodies.map(momentsIn)).toEqual(Array.from({ length: 3 }, () => ({ rows: MOMENT_ROWS, moments: 1 })));
  });
});

describe('scrapes of an app that is traced', () => {
  it('cause no warning of a leak', async () => {
    const instrument = createInstrument({ registry, health: false });
    const handler = instrument.handler(() => {});
    const server = createServer((request, response) => {
      // As Sentry, an agent and a logger together.
      for (let i = 0; i < 6; i++) response.on('close', () => {});
      handler(request, response);
    });
    service = { ...(await serveServer(server)), instrument };
    const warnings: string[] = [];
    const note = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', note);
    await bytesRead();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

describe('scrapes whose chunks a middleware keeps', () => {
  it.each(['node:http', 'node:http2'])(
    'have the numbers of one moment, whatever was rendered since: %s',
    async (kind) => {
      momentMetric();
      const instrument = createInstrument({ registry, health: false });
      const handler = instrument.handler<never, never>(() => {});
      const kept: Buffer[][] = [];
      const listener = (request: object, response: { write(chunk: Buffer, ...rest: readonly unknown[]): boolean }) => {
        const chunks: Buffer[] = [];
        kept.push(chunks);
        const write = response.write.bind(response);
        response.write = (chunk, ...rest) => {
          chunks.push(chunk);
          return write(chunk, ...rest);
        };
        handler(request as never, response as never);
      };
      const server = kind === 'node:http' ? createServer(listener as never) : createHttp2Server(listener as never);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const session = kind === 'node:http' ? undefined : connectHttp2(`http://127.0.0.1:${port}`);
      try {
        for (let i = 0; i < 3; i++) {
          const response =
            session?.request({ ':path': '/metrics' }) ??
            (await once(get({ host: '127.0.0.1', port, path: '/metrics', agent: false }), 'response'))[0];
          response.resume();
          await once(response, 'end');
        }
        const bodies = kept.map((chunks) => Buffer.concat(chunks).toString());
        expect(bodies.map(momentsIn)).toEqual(Array.from({ length: 3 }, () => ({ rows: MOMENT_ROWS, moments: 1 })));
      } finally {
        session?.destroy();
        server.close();
      }
    },
  );
});

describe('scrapes over HTTP/2', () => {
  let url: string;
  let session: ClientHttp2Session;
  let close: () => void;
  let instrument: ReturnType<typeof createInstrument>;

  beforeEach(async () => {
    largeMetric();
    instrument = createInstrument({ registry, health: { afterScrape: { maxSeconds: 3_600 }, signals: [] } });
    const server = createHttp2Server(
      instrument.handler<Http2ServerRequest, Http2ServerResponse>((_request, response) => response.end()),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    session = connectHttp2(url);
    close = () => {
      session.destroy();
      server.close();
    };
  });
  afterEach(() => close());

  it('are whole, and may be compressed', async () => {
    for (const encoding of ['identity', 'gzip']) {
      const stream = session.request({ ':path': '/metrics', 'accept-encoding': encoding });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const text = encoding === 'gzip' ? gunzipSync(body).toString() : body.toString();
      expect(new Exposition(text).samples('large')).toHaveLength(LARGE / 4_000);
      expect(new Exposition(text).value('coalmine_objective_latency_seconds')).toBe(0.5);
    }
  });

  it('have the numbers of one moment, whatever was rendered since', async () => {
    momentMetric();
    const ask = () => session.request({ ':path': '/metrics' });
    const slow = ask();
    await once(slow, 'readable');
    for (let i = 0; i < 2; i++) {
      const other = ask();
      other.resume();
      await once(other, 'end');
    }
    const body = Buffer.concat(await slow.toArray()).toString();
    expect(momentsIn(body)).toEqual({ rows: MOMENT_ROWS, moments: 1 });
  });

  it('hold little memory if nobody reads them, however small they are', async () => {
    registry.clear();
    const stalled = connectHttp2(url, { settings: { initialWindowSize: 0 } }).on('error', () => {});
    await once(stalled, 'remoteSettings');
    await megabytes();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 250; i++) {
      const stream = stalled.request({ ':path': '/metrics' }).on('error', () => {});
      const [{ 'content-length': length }] = await once(stream, 'response');
      expect(Number(length)).toBeLessThan(10_000);
    }
    await megabytes();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12_000_000);
    stalled.destroy();
  });

  it('do not count if they are reset half-way', async () => {
    const resetting = session.request({ ':path': '/metrics' });
    resetting.once('data', () => resetting.close(8));
    resetting.on('error', () => {});
    await once(resetting, 'close');
    // The server responds to a later request on the same session after it has seen the reset.
    const next = session.request({ ':path': '/items/1' });
    next.resume();
    await once(next, 'close');
    expect(instrument.isReady()).toBe(false);

    const reading = session.request({ ':path': '/metrics' });
    reading.resume();
    await once(reading, 'close');
    await until(() => instrument.isReady(), 'the end of the scrape');
  });
});
