import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type CoalmineOptions, createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { calmly } from '../support/calm.js';
import { openRaw, send, until } from '../support/client.js';
import { Exposition } from '../support/exposition.js';
import { FRAMEWORKS, type PlainRoute, type Served, type Service, serve } from './frameworks.js';

const LATENCY = 0.2;
const PATIENCE = 0.6;
const objective = { latency: LATENCY, patience: PATIENCE };
const PAST_PATIENCE = PATIENCE * 1000 + 200;
// For clients that leave early: a busy machine must not make them patient.
const lenient = { latency: 60, patience: 60 };

const UPGRADE = 'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

const answerToNobody = (response: ServerResponse) => (): void => {
  response.statusCode = 500;
  response.end('gone');
};

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/item', handle: (_request, response) => response.end('item') },
  {
    method: 'GET',
    pattern: '/later',
    handle: async (_request, response) => {
      await delay(20);
      response.end('later');
    },
  },
  {
    method: 'POST',
    pattern: '/read',
    handle: async (request, response) => {
      let length = 0;
      try {
        for await (const chunk of request) length += (chunk as Buffer).length;
        response.end(String(length));
      } catch {
        answerToNobody(response)();
      }
    },
  },
  {
    method: 'POST',
    pattern: '/read-late',
    handle: (request, response) => {
      setTimeout(() => {
        request.resume();
        request.on('end', () => response.end('read'));
      }, PAST_PATIENCE);
    },
  },
  {
    method: 'GET',
    pattern: '/aborted',
    handle: (request, response) => request.on('aborted', answerToNobody(response)),
  },
  {
    method: 'GET',
    pattern: '/aborted-by-head',
    handle: (request, response) => {
      request.on('aborted', () => response.writeHead(500).end('gone'));
    },
  },
  {
    method: 'GET',
    pattern: '/aborted-in-parts',
    handle: (request, response) => {
      request.on('aborted', () => {
        response.statusCode = 500;
        response.write('go');
        response.end('ne');
      });
    },
  },
  {
    method: 'GET',
    pattern: '/head-without-a-byte',
    handle: (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }),
  },
  {
    method: 'GET',
    pattern: '/renamed',
    handle: (_request, response) => {
      response.writeHead(404);
      response.statusCode = 503;
      response.end();
      response.statusCode = 500;
    },
  },
  {
    method: 'GET',
    pattern: '/parts',
    handle: async (_request, response) => {
      response.write('one');
      await delay(100);
      response.end('two');
    },
  },
  {
    method: 'GET',
    pattern: '/large',
    handle: (_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024)),
  },
  {
    method: 'GET',
    pattern: '/large-in-parts',
    handle: async (_request, response) => {
      for (let i = 0; i < 64 && !response.destroyed; i++) {
        if (!response.write(Buffer.alloc(512 * 1024))) await once(response, 'drain').catch(() => {});
      }
      response.end();
    },
  },
];

const calm = (test: () => Promise<void>): (() => Promise<void>) => calmly((LATENCY * 1000) / 2, test);

// The routers of Express differ in how they name routes, not in how exchanges end.
const KINDS = FRAMEWORKS.filter(({ name }) => !/^express5[012]$/.test(name));

describe.each(KINDS)('whom $name blames', ({ start }) => {
  let service: Service;
  const services: Service[] = [];
  const open = async (): Promise<number> => {
    service = await start(ROUTES, { objective });
    services.push(service);
    return service.port;
  };
  afterEach(async () => {
    for (const each of services.splice(0)) await each.close();
  });

  const scraped = (isDone: (exposition: Exposition) => boolean): Promise<Exposition> =>
    repeat(() => service.scrape(), isDone);
  const settled = (): Promise<Exposition> => scraped((exposition) => exposition.value('http_requests_in_flight') === 0);

  /** Checks that no request is overdue, was slow or failed. */
  const expectNoBlame = (exposition: Exposition): void => {
    expect(exposition.value('http_requests_overdue')).toBe(0);
    expect(slowOf(exposition)).toBe(0);
    expect(Object.keys(exposition.requests()).filter((key) => / 5\d\d$/.test(key))).toEqual([]);
  };

  const upload = (path: string, sent: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 12\r\n\r\n${sent}`;

  it(
    'a body that is sent slowly costs the service nothing',
    calm(async () => {
      const port = await open();
      const { socket, received } = await openRaw(port, upload('/read', '123'));
      await delay(PAST_PATIENCE);
      expectNoBlame(await service.scrape());
      socket.write('456789');
      await delay(100);
      socket.write('012');
      await until(() => received().endsWith('12'), 'the answer');
      socket.destroy();
      const exposition = await settled();
      expect(exposition.observed()).toEqual({ 'POST /read 200': 1 });
      expectNoBlame(exposition);
    }),
  );

  it.each([
    ['closes', (socket: Socket) => void socket.destroy()],
    ['resets', (socket: Socket) => void socket.resetAndDestroy()],
    ['half-closes', (socket: Socket) => void socket.end()],
  ])('a body that is withheld until the client %s its connection is no failure', (_how, leave) =>
    calm(async () => {
      const port = await open();
      const [soon, late] = await Promise.all([
        openRaw(port, upload('/read', '')),
        openRaw(port, upload('/read', '123')),
      ]);
      await Promise.all([soon.arrived, late.arrived]);
      leave(soon.socket);
      await delay(PAST_PATIENCE);
      expectNoBlame(await service.scrape());
      leave(late.socket);
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ 'POST /read 499': 2 });
      expect(exposition.observed()).toEqual({});
    })(),
  );

  it(
    'a service that does not take a body answers for that wait',
    calm(async () => {
      const port = await open();
      const patient = await openRaw(port, upload('/read-late', '123456789012'));
      const impatient = await openRaw(port, upload('/read-late', '123'));
      await delay(PATIENCE * 1000 + 100);
      expect((await service.scrape()).value('http_requests_overdue')).toBe(2);
      impatient.socket.destroy();
      await until(() => patient.received().endsWith('read'), 'the answer');
      patient.socket.destroy();
      const exposition = await settled();
      expect(exposition.observed()).toEqual({ 'POST /read-late 504': 1, 'POST /read-late 200': 1 });
      expect(slowOf(exposition)).toBe(2);
    }),
  );

  it.each(['/aborted', '/aborted-by-head', '/aborted-in-parts', '/head-without-a-byte'])(
    'a response to a client that has left reached nobody (%s)',
    (path) =>
      calm(async () => {
        const port = await open();
        for (const reset of [false, true]) await send(port, path, { leaveAfter: 40, reset });
        const exposition = await settled();
        expect(exposition.requests()).toEqual({ [`GET ${path} 499`]: 2 });
        expect(exposition.observed()).toEqual({});
      })(),
  );

  it(
    'the status in the head is the one that counts',
    calm(async () => {
      const port = await open();
      expect(await send(port, '/renamed')).toMatchObject({ status: 404 });
      expect((await settled()).requests()).toEqual({ 'GET /renamed 404': 1 });
    }),
  );

  it.each(['/large', '/large-in-parts'])(
    'a response that is not read is not slow, nor are the responses behind it (%s)',
    (path) =>
      calm(async () => {
        const port = await open();
        const head = 'HTTP/1.1\r\nHost: x\r\n\r\n';
        const socket = connect(port, '127.0.0.1').pause();
        socket.on('error', () => {});
        socket.write(`GET ${path} ${head}${`GET /later ${head}`.repeat(3)}`);
        await delay(PAST_PATIENCE);
        expectNoBlame(await service.scrape());
        socket.destroy();
        const exposition = await settled();
        expectNoBlame(exposition);
        const counted = exposition.requests();
        expect(counted[`GET ${path} 200`]).toBe(1);
      })(),
  );

  it(
    'garbage in the middle of a response leaves the response as it was',
    calm(async () => {
      const port = await open();
      const { socket, received } = await openRaw(port, 'GET /parts HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => received().includes('one'), 'the first part');
      socket.write('\0\0\r\n\r\n');
      const exposition = await settled();
      socket.destroy();
      expect(exposition.requests()).toEqual({ 'GET /parts 200': 1 });
      expectNoBlame(exposition);
    }),
  );

  it.each([
    ['a tunnel, which Node refuses', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', false],
    ['an upgrade, on which the app hangs up', UPGRADE, true],
  ])('a response is given up by a client that asks for %s', (_what, text, hangsUp) =>
    calm(async () => {
      const port = await open();
      if (hangsUp) service.server.on('upgrade', (_request, socket) => socket.destroy());
      const { socket } = await openRaw(port, `GET /later HTTP/1.1\r\nHost: x\r\n\r\n${text}`);
      await until(() => socket.closed, 'the end');
      const exposition = await settled();
      expect(exposition.requests()).toMatchObject({ 'GET /later 499': 1 });
      expectNoBlame(exposition);
    })(),
  );

  it(
    'a connection that Node cuts because no bytes come was left by its client',
    calm(async () => {
      const port = await open();
      service.server.timeout = 300;
      const { socket } = await openRaw(port, upload('/read', '123'));
      await until(() => socket.closed, 'the cut');
      const exposition = await settled();
      expect(exposition.requests()).toEqual({ 'POST /read 499': 1 });
      expectNoBlame(exposition);
    }),
  );

  it(
    'a connection that Node cuts while the app is silent was broken by the service',
    calm(async () => {
      const port = await open();
      service.server.timeout = 300;
      const { socket } = await openRaw(port, 'GET /head-without-a-byte HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => socket.closed, 'the cut');
      expect((await settled()).requests()).toEqual({ 'GET /head-without-a-byte 500': 1 });
    }),
  );
});

describe('a request that Node itself refuses', () => {
  let service: Served;
  afterEach(() => service.close());

  const use = async (
    prepare: (server: ReturnType<typeof createServer>) => void,
    texts: readonly string[],
    options: CoalmineOptions = {},
    counted = texts.length,
  ) => {
    const instrument = createInstrument({ registry: new Registry(), warmup: false, ...options });
    const server = createServer(
      instrument.handler((_request, response) => {
        instrument.route(response, '/item');
        response.end('item');
      }),
    );
    prepare(server);
    instrument.attach(server);
    service = await serve(server);
    const { socket, received } = await openRaw(service.port, texts.join(''));
    const exposition = await repeat(
      () => service.scrape(),
      (each) => Object.values(each.requests()).reduce((sum, count) => sum + count, 0) >= counted,
    );
    await until(() => received() !== '', 'an answer');
    socket.destroy();
    return { received: received(), counted: exposition.requests(), exposition };
  };

  it('counts as unmatched if Node refuses its expectation', async () => {
    const text = 'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n';
    const { received, counted } = await use(() => {}, [text]);
    expect(received).toMatch(/^HTTP\/1\.1 417 Expectation Failed\r\n/);
    expect(counted).toEqual({ 'GET (unmatched) 417': 1 });
  });

  it('counts by the response of the listener for its expectation', async () => {
    const text = 'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n';
    const prepare = (server: ReturnType<typeof createServer>): void => {
      server.on('checkExpectation', (_request, response) => response.writeHead(200).end('wonders'));
      server.on('checkContinue', (_request, response) => response.writeHead(413).end());
    };
    const { counted } = await use(prepare, [text, text.replace('wonders', '100-continue')]);
    expect(counted).toEqual({ 'GET (unmatched) 200': 1, 'GET (unmatched) 413': 1 });
  });

  describe('above maxRequestsPerSocket', () => {
    const prepare = (server: ReturnType<typeof createServer>): void => {
      server.maxRequestsPerSocket = 1;
    };
    const texts = Array<string>(20).fill('GET /internal HTTP/1.1\r\nHost: x\r\n\r\n');

    it('counts the requests as errors, and none as a failure of the service', async () => {
      const { counted, exposition } = await use(prepare, texts);
      expect(counted).toEqual({ 'GET /item 200': 1, 'GET (unmatched) 503': 19 });
      expect(exposition.requests('http_errors_total')).toEqual({ 'GET (unmatched) 503': 19 });
      expect(exposition.sum('http_requests_failed_total')).toBe(0);
      expect(exposition.sum('http_requests_timed_total')).toBe(1);
    });

    it('lets no stranger raise the failures of a cold pod, or of internal routes that count', async () => {
      const { exposition } = await use(prepare, texts, { warmup: { minSeconds: 60 } });
      expect(exposition.sum('http_errors_total')).toBe(19);
      expect(exposition.sum('http_requests_failed_total')).toBe(0);
      await service.close();
      const traffic = { exclude: { when: () => 'internal' }, countErrors: true };
      // The first of them is excluded.
      const internal = await use(prepare, texts, { traffic }, texts.length - 1);
      expect(internal.exposition.sum('http_errors_total')).toBe(19);
      expect(internal.exposition.sum('http_requests_failed_total')).toBe(0);
    });
  });

  it('is left to a listener of the app for malformed requests', async () => {
    const instrument = createInstrument({ registry: new Registry(), warmup: false });
    const server = createServer(
      instrument.handler((_request, response) => {
        response.write('one');
        setTimeout(() => response.end('two'), 200);
      }),
    );
    // Node documents this.
    server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    service = await serve(server);
    const { socket, received } = await openRaw(service.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => received().includes('one'), 'the first part');
    socket.write('\0\0\r\n\r\n');
    await until(() => socket.closed, 'the end');
    expect((await service.scrape()).requests()).toEqual({ 'GET (unmatched) 200': 1 });
  });
});

describe('whom node:http2 blames', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => unknown;

  async function open(handle: Handler, settings = {}, objectiveOfAll = objective) {
    const instrument = createInstrument({ registry: new Registry(), warmup: false, objective: objectiveOfAll });
    let [begun, came] = [0, 0];
    const server = createHttp2Server(
      instrument.handler<Http2ServerRequest, Http2ServerResponse>((request, response) => {
        came++;
        return handle(request, response);
      }),
    );
    server.on('sessionError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const session = connectHttp2(`http://127.0.0.1:${port}`, { settings, createConnection: () => socket });
    for (const each of [session, socket]) each.on('error', () => {});
    closing.push(
      () => server.close(),
      () => socket.destroy(),
      () => session.destroy(),
    );
    const request = (headers: Record<string, string>, options = {}): ClientHttp2Stream => {
      begun++;
      const stream = session.request(headers, options);
      stream.on('error', () => {});
      return stream;
    };
    const read = async (): Promise<Exposition> => new Exposition(await instrument.metrics.registry.metrics());
    /** Waits until the service has received every request. */
    const arrived = (): Promise<void> => until(() => came === begun, 'the requests');
    const settled = (): Promise<Exposition> =>
      repeat(read, (exposition) => exposition.sum('http_requests_total') === begun);
    return { instrument, session, socket, request, arrived, read, settled };
  }

  it.each([0, 1, 2, 5, 7, 8, 11])('a reset with the code %i is blamed on the client', async (code) => {
    const { request, arrived, settled } = await open(() => {}, {}, lenient);
    const streams = [request({ ':path': '/' }), request({ ':path': '/', ':method': 'POST' }, { endStream: false })];
    await arrived();
    for (const stream of streams) stream.close(code);
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 499': 1, 'POST (unmatched) 499': 1 });
    expect(exposition.observed()).toEqual({});
  });

  it.each<[string, (session: ClientHttp2Session, socket: Socket) => void]>([
    ['GOAWAY with an error', (session) => session.goaway(2)],
    ['the end of the session', (session) => session.destroy()],
    ['an error of the session', (session) => session.destroy(new Error('mine'), 2)],
    ['an invalid frame', (_session, socket) => void socket.write(Buffer.from('000004080000000001ffffffff', 'hex'))],
    ['the end of the connection', (_session, socket) => void socket.end()],
    ['a reset of the connection', (_session, socket) => void socket.resetAndDestroy()],
  ])('%s is blamed on the client', async (_what, leave) => {
    const { request, arrived, session, socket, settled } = await open(() => {}, {}, lenient);
    request({ ':path': '/' });
    await arrived();
    leave(session, socket);
    expect((await settled()).requests()).toEqual({ 'GET (unmatched) 499': 1 });
  });

  it.each<[string, (response: Http2ServerResponse) => void]>([
    ['closes', (response) => response.stream.close(2)],
    ['cancels', (response) => response.stream.close(8)],
    ['closes without an error', (response) => response.stream.close(0)],
    ['destroys', (response) => void response.stream.destroy()],
    ['destroys, for an error of the kernel,', (response) => void response.stream.destroy(kernelError())],
    ['ends the session of', (response) => response.stream.session?.destroy()],
  ])('a service is blamed if it %s a stream', async (_what, cut) => {
    const { request, settled } = await open((_request, response) => setTimeout(() => cut(response), 20));
    request({ ':path': '/' });
    expect((await settled()).requests()).toEqual({ 'GET (unmatched) 500': 1 });
  });

  it('a finished response counts as it ended, whatever window the client gives it', async () => {
    const { request, arrived, session, settled } = await open((_request, response) => response.end('ok'), {
      initialWindowSize: 0,
    });
    const streams = Array.from({ length: 20 }, () => request({ ':path': '/' }));
    await arrived();
    for (const stream of streams) stream.close(0);
    session.close();
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 200': 20 });
    expect([slowOf(exposition), exposition.value('http_requests_overdue')]).toEqual([0, 0]);
  });

  it('a response in parts that the client does not read is not slow', async () => {
    const { request, read, settled } = await open(
      async (_request, response) => {
        response.write('x'.repeat(100_000));
        await once(response.stream, 'drain').catch(() => {});
        response.end();
      },
      { initialWindowSize: 0 },
    );
    const stream = request({ ':path': '/' });
    await delay(PAST_PATIENCE);
    expect((await read()).value('http_requests_overdue')).toBe(0);
    stream.close(8);
    const exposition = await settled();
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 200': 1 });
    expect(slowOf(exposition)).toBe(0);
  });

  it('a body that is sent slowly costs the service nothing', async () => {
    const { request, settled } = await open(async (incoming, response) => {
      for await (const _ of incoming);
      response.end('read');
    });
    const stream = request({ ':path': '/', ':method': 'POST' }, { endStream: false });
    stream.write('some');
    await delay(PAST_PATIENCE);
    stream.resume().end('more');
    await once(stream, 'close');
    const exposition = await settled();
    expect(exposition.observed()).toEqual({ 'POST (unmatched) 200': 1 });
    expect(slowOf(exposition)).toBe(0);
  });

  it('the status in the head is the one that counts', async () => {
    const { request, settled } = await open((_request, response) => {
      response.writeHead(404);
      response.statusCode = 503;
      response.end();
    });
    request({ ':path': '/' });
    expect((await settled()).requests()).toEqual({ 'GET (unmatched) 404': 1 });
  });
});

/** Returns the number of requests over the objective. */
function slowOf(exposition: Exposition): number {
  const count = exposition.sum('http_request_duration_seconds_count');
  return count - exposition.sum('http_request_duration_seconds_bucket', { le: LATENCY });
}

function kernelError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read', errno: -104 });
}

/** Reads until `isDone`, and then once more, because one reading may show a request neither way. */
async function repeat(
  read: () => Promise<Exposition>,
  isDone: (exposition: Exposition) => boolean,
): Promise<Exposition> {
  while (!isDone(await read())) await delay(5);
  return read();
}
