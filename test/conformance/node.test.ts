import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type ClientHttp2Stream,
  connect,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { createInstrument, type Objective } from '@coalmine/node';
import { Gauge, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openRaw, send, until } from '../support/client.js';
import { Exposition, scrape, scrapeUntil } from '../support/exposition.js';
import { selfSigned } from '../support/self-signed.js';
import { coalmineWarnings } from '../support/warnings.js';
import { type Served, serve } from './frameworks.js';

const objective: Objective = { latency: 0.1, patience: 0.3 };

describe('node:http2', () => {
  interface Session {
    readonly socket: Socket;
    get(path: string, method?: string): ClientHttp2Stream;
    /** Waits until the server has a request. */
    arrived(): Promise<void>;
  }

  async function counted(
    use: (session: Session) => Promise<void>,
    handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
    promised: Objective = objective,
  ): Promise<Exposition> {
    const { handler, metrics } = createInstrument({ registry: new Registry(), warmup: false, objective: promised });
    const server = createHttp2Server(handler<Http2ServerRequest, Http2ServerResponse>(handle));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connectSocket(port, '127.0.0.1');
    const session = connect(`http://127.0.0.1:${port}`, { createConnection: () => socket });
    session.on('error', () => {});
    const get = (path: string, method = 'GET'): ClientHttp2Stream => {
      const stream = session.request({ ':path': path, ':method': method });
      stream.on('error', () => {});
      stream.resume();
      return stream;
    };
    const arrived = (): Promise<void> => until(() => [...metrics.inFlight()].length > 0, 'the request');
    await use({ get, arrived, socket });
    await until(() => [...metrics.inFlight()].length === 0, 'every stream to close');
    session.destroy();
    server.close();
    return new Exposition(await metrics.registry.metrics());
  }

  const hang = (): void => {};

  it.each([
    ['cancels the stream', (stream: ClientHttp2Stream) => stream.close(8)],
    ['destroys the stream', (stream: ClientHttp2Stream) => void stream.destroy()],
    ['closes the connection', (_stream: ClientHttp2Stream, socket: Socket) => void socket.destroy()],
    ['resets the connection', (_stream: ClientHttp2Stream, socket: Socket) => void socket.resetAndDestroy()],
  ])('counts a client that %s before any header', async (_how, leave) => {
    const leaveSoon = async ({ get, arrived, socket }: Session): Promise<void> => {
      const stream = get('/');
      await arrived();
      leave(stream, socket);
    };
    const soon = await counted(leaveSoon, hang, { latency: 20, patience: 60 });
    expect(soon.requests()).toEqual({ 'GET (unmatched) 499': 1 });
    expect(soon.observed()).toEqual({});
    const late = await counted(async ({ get, arrived, socket }) => {
      const stream = get('/');
      await arrived();
      await delay(400);
      leave(stream, socket);
    }, hang);
    expect(late.observed()).toEqual({ 'GET (unmatched) 504': 1 });
  });

  it('counts a stream that the server destroys as a failure', async () => {
    const exposition = await counted(
      async ({ get }) => {
        for (const path of ['/before', '/error', '/mid', '/reset']) {
          const stream = get(path);
          await until(() => stream.closed, 'the stream to close');
        }
      },
      ({ url }, response) => {
        if (url === '/before') response.stream.destroy();
        if (url === '/error') response.stream.destroy(new Error('mine'));
        if (url === '/mid') {
          response.write('some of it');
          setTimeout(() => response.stream.destroy(), 20);
        }
        if (url === '/reset') {
          response.write('some of it');
          setTimeout(() => response.stream.close(2), 20);
        }
      },
    );
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 500': 4 });
  });

  it('observes a whole response, whoever has ended it', async () => {
    const exposition = await counted(
      async ({ get }) => {
        for (const [path, method] of [['/stream'], ['/no-body'], ['/late-end'], ['/late-end', 'HEAD']] as const) {
          const stream = get(path, method);
          await until(() => stream.closed, 'the stream to close');
        }
      },
      ({ url }, response) => {
        if (url === '/stream') {
          response.stream.respond({ ':status': 201 });
          response.stream.end('by the stream');
        }
        if (url === '/no-body') response.stream.respond({ ':status': 503 }, { endStream: true });
        if (url === '/late-end') {
          response.writeHead(304);
          setTimeout(() => response.end(), 20);
        }
      },
    );
    const all = {
      'GET (unmatched) 201': 1,
      'GET (unmatched) 503': 1,
      'GET (unmatched) 304': 1,
      'HEAD (unmatched) 304': 1,
    };
    expect(exposition.requests()).toEqual(all);
    expect(exposition.observed()).toEqual(all);
  });

  it('counts a HEAD that the server breaks off as a failure, and none that its client resets', async () => {
    let hanging = 0;
    const exposition = await counted(
      async ({ get, socket }) => {
        const broken = get('/broken', 'HEAD');
        await until(() => broken.closed, 'the stream to close');
        for (const [i, code] of [0, 2, 8].entries()) {
          const left = get('/hang', 'HEAD');
          await until(() => hanging === i + 1, 'the request');
          left.close(code);
          await until(() => left.closed, 'the stream to close');
        }
        get('/hang', 'HEAD');
        await until(() => hanging === 4, 'the request');
        socket.resetAndDestroy();
      },
      ({ url }, response) => {
        if (url === '/hang') hanging++;
        if (url === '/broken') setTimeout(() => response.stream.destroy(new Error('mine')), 20);
      },
    );
    expect(exposition.requests()).toEqual({ 'HEAD (unmatched) 500': 1, 'HEAD (unmatched) 499': 4 });
  });

  it('counts responses, event streams and clients that leave mid-body', async () => {
    const exposition = await counted(
      async ({ get }) => {
        await once(get('/answer'), 'close');
        for (const path of ['/events', '/stall']) {
          const stream = get(path);
          await once(stream, 'data');
          stream.close(8);
        }
      },
      ({ url }, response) => {
        if (url === '/answer') response.end('answer');
        if (url === '/events') {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: one\n\n');
        }
        if (url === '/stall') response.write('some of it');
      },
    );
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 200': 3 });
    expect(exposition.observed()).toEqual({ 'GET (unmatched) 200': 1 });
  });
});

describe('node:https', () => {
  it('distinguishes a client that leaves from a response', async () => {
    const { handler, metrics } = createInstrument({ registry: new Registry(), warmup: false, objective });
    const server = createHttpsServer(
      await selfSigned(),
      handler((request, response) => {
        if (request.url === '/answer') response.end('answer');
      }),
    );
    const service = await serve(server as never);
    const get = (path: string) =>
      httpsRequest({ host: '127.0.0.1', port: service.port, path, rejectUnauthorized: false, agent: false });
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const hanging = get('/hang').on('error', () => {});
      hanging.end();
      await until(() => [...metrics.inFlight()].length === 1, 'the request');
      await delay(400);
      if (leave === 'destroy') hanging.destroy();
      else (hanging.socket as unknown as { _parent?: Socket })?._parent?.resetAndDestroy() ?? hanging.destroy();
      await until(() => [...metrics.inFlight()].length === 0, 'the close');
    }
    const answered = get('/answer');
    answered.end();
    const [response] = (await once(answered, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    await until(() => [...metrics.inFlight()].length === 0, 'the end');
    const exposition = new Exposition(await metrics.registry.metrics());
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 504': 2, 'GET (unmatched) 200': 1 });
    await service.close();
  });
});

describe('an attached server', () => {
  let service: Served;
  afterEach(() => service.close());

  it('counts upgrades from the first on, on the route they are given', async () => {
    const instrument = createInstrument({ registry: new Registry(), warmup: false });
    const server = createServer(instrument.handler((_request, response) => response.end('ok')));
    instrument.attach(server);
    instrument.attach(server);
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      instrument.route(request, '/live/:room');
      sockets.handleUpgrade(request, socket, head, () => {});
    });
    service = await serve(server);
    const socket = new WebSocket(`ws://127.0.0.1:${service.port}/live/7`);
    await once(socket, 'open');
    expect((await service.scrape()).requests()).toEqual({ 'GET /live/:room 101': 1 });
    socket.terminate();
  });

  it('shows only the listeners of the app to code that counts listeners', async () => {
    const instruments = [1, 2].map(() => createInstrument({ registry: new Registry(), warmup: false }));
    const server = createServer((_request, response) => response.end('plain'));
    for (const { attach } of instruments) attach(server);
    // As `@fastify/http-proxy`: if others listen as well, an unknown path may be theirs.
    const refuse = (_request: IncomingMessage, socket: Duplex): void => {
      const isAlone = server.listenerCount('upgrade') === 1 && server.listeners('upgrade').length === 1;
      if (isAlone) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    };
    server.on('upgrade', refuse);
    service = await serve(server);
    const head = 'GET /none HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const refused = await openRaw(service.port, head);
    await until(() => refused.received().startsWith('HTTP/1.1 404'), 'the refusal');
    server.off('upgrade', refuse);
    const plain = await openRaw(service.port, head);
    await until(() => plain.received().includes('plain'), 'the plain response');
    plain.socket.destroy();
    for (const { metrics } of instruments) {
      const exposition = new Exposition(await metrics.registry.metrics());
      expect(exposition.requests()).toMatchObject({ 'GET (unmatched) 404': 1 });
    }
  });

  it('counts a CONNECT that the app listens for', async () => {
    const instrument = createInstrument({ registry: new Registry(), warmup: false });
    const server = createServer(instrument.handler((_request, response) => response.end('ok')));
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      const isAllowed = request.url === 'a:443';
      if (isAllowed) instrument.route(request, '/tunnel');
      socket.write(`HTTP/1.1 ${isAllowed ? '200 OK' : '405 Method Not Allowed'}\r\n\r\n`);
      socket.on('end', () => socket.end());
    });
    instrument.attach(server);
    service = await serve(server);
    for (const authority of ['a:443', 'b:443']) {
      const { socket, received } = await openRaw(service.port, `CONNECT ${authority} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until(() => received().includes('HTTP'), 'the response');
      socket.end();
      await until(() => socket.closed, 'the end');
    }
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'CONNECT /tunnel 200': 1, 'CONNECT (unmatched) 405': 1 });
    expect(exposition.observed()).toEqual({});
    expect(exposition.sum('http_requests_in_flight')).toBe(0);
  });

  it('counts a CONNECT of HTTP/2 that the app listens for, and does not count a tunnel as slow', async () => {
    const { attach, handler, metrics } = createInstrument({ registry: new Registry(), warmup: false, objective });
    const server = createHttp2Server(handler<Http2ServerRequest, Http2ServerResponse>(() => {}));
    server.on('connect', ({ authority }: Http2ServerRequest, response: Http2ServerResponse) => {
      response.writeHead(authority === 'a:443' ? 200 : 403);
      if (authority === 'a:443') setTimeout(() => response.end(), 400);
      else response.end();
    });
    attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const authority of ['a:443', 'b:443']) {
      const stream = session.request({ ':method': 'CONNECT', ':authority': authority });
      stream.resume();
      stream.end();
      await once(stream, 'close');
    }
    session.destroy();
    server.close();
    const exposition = new Exposition(await metrics.registry.metrics());
    expect(exposition.requests()).toEqual({ 'CONNECT (unmatched) 200': 1, 'CONNECT (unmatched) 403': 1 });
    expect(exposition.sum('http_requests_slow_total')).toBe(0);
    expect(exposition.sum('http_requests_in_flight')).toBe(0);
  });

  it('counts an upgrade without a response as a 500 on a known route, and as a 404 or a 504 elsewhere', async () => {
    const instrument = createInstrument({ registry: new Registry(), warmup: false, objective });
    const server = createServer(instrument.handler((_request, response) => response.end('ok')));
    instrument.attach(server);
    server.on('upgrade', (request, socket) => {
      if (request.url === '/known') instrument.route(request, '/known');
      if (request.url === '/known' || request.url === '/dropped') socket.destroy();
      else if (request.url === '/ended') socket.end();
      else socket.resume().on('end', () => socket.destroy());
    });
    service = await serve(server);
    const head = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    await openRaw(service.port, head('/dropped'));
    await openRaw(service.port, head('/known'));
    const ended = await openRaw(service.port, head('/ended'));
    await until(() => ended.socket.closed, 'the end');
    const { socket } = await openRaw(service.port, head('/hang'));
    const metrics = `http://127.0.0.1:${service.port}/metrics`;
    const during = await scrapeUntil(metrics, (each) => each.value('http_requests_overdue') === 1);
    expect(during.value('http_requests_overdue')).toBe(1);
    socket.destroy();
    await until(() => [...instrument.metrics.inFlight()].length === 0, 'the close');
    expect((await service.scrape()).requests()).toEqual({
      'GET (unmatched) 404': 2,
      'GET /known 500': 1,
      'GET (unmatched) 504': 1,
    });
  });
});

describe('an instrument', () => {
  it.each([undefined, {}, () => {}, Object.assign(() => {}, { address: () => {}, prependListener: () => {} })])(
    'attaches to no app in place of a server, %#',
    (app) => {
      const { attach } = createInstrument({ registry: new Registry(), health: false });
      expect(() => attach(app as object)).toThrow(
        'the argument of attach() must be a server of node:http, node:https or node:http2, got',
      );
    },
  );

  it('serves no app that is not a function', () => {
    const { handler } = createInstrument({ registry: new Registry(), health: false });
    expect(() => handler({} as never)).toThrow(
      'the argument of handler() must be a function of a request and a response, got an object',
    );
  });

  it.each([null, {}, 'a request', 7])('is ready for a probe that gives %j in place of its request', (request) => {
    const { isReady } = createInstrument({ registry: new Registry(), health: false });
    expect(isReady(request as never)).toBe(true);
  });
});

describe('the metrics endpoint', () => {
  let service: Served;
  afterEach(() => service.close());

  async function open(options: object = {}): Promise<string> {
    const instrument = createInstrument({ registry: new Registry(), warmup: false, ...options });
    service = await serve(createServer(instrument.handler((_request, response) => response.end('the app'))));
    return `http://127.0.0.1:${service.port}/metrics`;
  }

  it.each([
    // The headers of Prometheus 2.42, of Prometheus 3 and of others.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    ],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/plain; version=0.0.4; charset=utf-8'],
    ['text/plain', 'text/plain; version=0.0.4; charset=utf-8'],
    ['*/*', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/json', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/openmetrics-text; version=0.0.1', 'text/plain; version=0.0.4; charset=utf-8'],
  ])('responds to Accept: %s', async (accept, contentType) => {
    const response = await fetch(await open(), { headers: { accept } });
    expect(response.headers.get('content-type')).toBe(contentType);
    const body = await response.text();
    expect(body.endsWith('# EOF\n')).toBe(contentType.startsWith('application/openmetrics-text'));
  });

  it('compresses only if the client asks for it', async () => {
    const url = new URL(await open());
    const plain = await await openRaw(
      Number(url.port),
      'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    await until(() => plain.socket.readableEnded, 'the end');
    expect(plain.received()).not.toMatch(/content-encoding/i);
    const { socket } = await openRaw(Number(url.port), '');
    const chunks: Buffer[] = [];
    socket.removeAllListeners('data');
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => chunks.push(Buffer.from(chunk, 'latin1')));
    socket.write('GET /metrics HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n');
    await until(() => socket.readableEnded, 'the end');
    const answer = Buffer.concat(chunks);
    const split = answer.indexOf('\r\n\r\n');
    expect(answer.toString('latin1', 0, split)).toMatch(/content-encoding: gzip/i);
    expect(gunzipSync(answer.subarray(split + 4)).toString()).toContain('http_requests_in_flight 0');
  });

  it('responds to HEAD with the head alone', async () => {
    const url = await open();
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(await (await fetch(url, { method: 'POST' })).text()).toBe('the app');
    expect(await (await fetch(`${url}/more`)).text()).toBe('the app');
    expect((await fetch(`${url}?name=http_requests_total`)).status).toBe(200);
  });

  it('is not counted among the requests of users', async () => {
    const url = await open();
    await scrape(url);
    expect((await scrape(url)).requests()).toEqual({});
  });

  it('asks who may scrape, and refuses if the question fails', async () => {
    const authorize = (request: IncomingMessage): boolean => {
      if (request.headers.authorization === undefined) throw new Error('no header');
      return request.headers.authorization === 'Bearer right';
    };
    const url = await open({ metrics: { authorize } });
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await status({})).toBe(403);
    expect(await status({ authorization: 'Bearer wrong' })).toBe(403);
    expect(await status({ authorization: 'Bearer right' })).toBe(200);
  });

  it("shows the user's own metrics beside ours", async () => {
    const registry = new Registry();
    const gauge = new Gauge({
      name: 'queue_length',
      help: 'Jobs that wait',
      labelNames: ['queue'],
      registers: [registry],
    });
    gauge.set({ queue: 'mail' }, 7);
    expect((await scrape(await open({ registry }))).value('queue_length', { queue: 'mail' })).toBe(7);
  });

  it('adds the default metrics of the client once, if asked', async () => {
    const registry = new Registry();
    createInstrument({ registry, metrics: { defaultMetrics: true } });
    const exposition = await scrape(await open({ registry, metrics: { defaultMetrics: true } }));
    expect(exposition.value('process_start_time_seconds')).toBeGreaterThan(0);
  });

  it('can be switched off', async () => {
    const url = await open({ metrics: { path: false } });
    expect(await (await fetch(url)).text()).toBe('the app');
  });
});

describe('the response of the app', () => {
  it('is the same with Coalmine and without, byte for byte', async () => {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      response.sendDate = false;
      if (request.url === '/stream') {
        response.write('one');
        response.end('two');
      } else if (request.url === '/none') response.writeHead(204).end();
      else response.writeHead(201, 'Made', { 'x-header': 'kept' }).end('body');
    };
    const { handler } = createInstrument({ registry: new Registry(), warmup: false });
    const answers = [];
    for (const each of [listener, handler(listener)]) {
      const service = await serve(createServer(each));
      const requests = ['GET /stream HTTP/1.1', 'GET /none HTTP/1.1', 'GET /other HTTP/1.1\r\nConnection: close'];
      const text = requests.map((head) => `${head}\r\nHost: x\r\n\r\n`).join('');
      const { socket, received } = await openRaw(service.port, text);
      await until(() => socket.closed, 'the end of the answers');
      expect(received()).toContain('body');
      answers.push(received());
      await service.close();
    }
    expect(answers[1]).toBe(answers[0]);
  });

  it('is not hurt by a name that is no pattern, which has no effect and causes one warning', async () => {
    const { handler, route, metrics } = createInstrument({ registry: new Registry(), warmup: false });
    const names = [undefined, /^a/, ['/a'], '/report'] as unknown as string[];
    const server = await serve(
      createServer(
        handler((request, response) => {
          const name = names[Number(request.url?.slice(1))] as string;
          route(request, name, name === '/report' ? ({ latency: 'slow' } as never) : undefined);
          response.end('done');
        }),
      ),
    );
    const warnings = coalmineWarnings();
    for (const path of ['/0', '/1', '/2', '/3']) {
      expect(await send(server.port, path)).toEqual({ status: 200, body: 'done' });
    }
    const warned = (await warnings.taken()).map(({ message }) => message);
    const exposition = await scrapeUntil(`http://127.0.0.1:${server.port}/metrics`, () => true);
    await server.close();
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 200': 4 });
    expect(warned).toEqual([
      expect.stringContaining(
        "instrument.route() had no effect: pattern must be a text such as '/items/:id', got undefined",
      ),
    ]);
    expect([...metrics.routes()].map(({ pattern }) => pattern)).not.toContain('/report');
  });

  it('is not hurt by a name for no message, and names no other request', async () => {
    const { handler, route, exclude } = createInstrument({ registry: new Registry(), warmup: false });
    const server = await serve(
      createServer(
        handler((_request, response) => {
          for (const message of [undefined, null, {}, 'request'] as unknown as IncomingMessage[]) {
            route(message, '/other');
            exclude(message);
          }
          response.end('done');
        }),
      ),
    );
    expect(await send(server.port, '/')).toEqual({ status: 200, body: 'done' });
    const exposition = await scrapeUntil(`http://127.0.0.1:${server.port}/metrics`, () => true);
    await server.close();
    expect(exposition.requests()).toEqual({ 'GET (unmatched) 200': 1 });
  });

  it('is not hurt by a response that cannot be classified', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const instrument = createInstrument({ registry: new Registry(), warmup: false });
    const service = await serve(
      createServer(
        instrument.handler((_request, response) => {
          response.getHeader = () => {
            throw new Error('bent');
          };
          response.write('o');
          response.end('k');
        }),
      ),
    );
    expect(await send(service.port, '/')).toEqual({ status: 200, body: 'ok' });
    await until(() => [...instrument.metrics.inFlight()].length === 0, 'the close');
    expect(new Exposition(await instrument.metrics.registry.metrics()).requests()).toEqual({
      'GET (unmatched) 200': 1,
    });
    expect(warnings).toEqual([expect.stringContaining('could not be classified')]);
    process.off('warning', listen);
    await service.close();
  });
});
