import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { type CoalmineOptions, createInstrument } from '@coalmine/node';
import type { ErrorRequestHandler, Express } from 'express';
import express5 from 'express';
import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { expressOf } from './frameworks.js';
import { createWitness, unmatched, type Witness } from './strangers-witness.js';

// Healthy services: every handler responds correctly, at once or in a few milliseconds.

/** What strangers can do to a service depends on how they connect. */
export type Protocol = 'HTTP/1.1' | 'HTTP/2';

/** A service for strangers to attack. */
export interface Target {
  readonly name: string;
  /** The protocols of a connection. */
  readonly protocols: readonly Protocol[];
  readonly isEncrypted: boolean;
  /** Whether Node gives a client a limited time for its request. */
  readonly isLimited?: boolean;
  start(times: Times, certificate: Certificate): Promise<Good>;
}

/** A service that listens on loopback. */
export interface Good {
  readonly port: number;
  readonly registry: Registry;
  readonly witness: Witness;
  close(): Promise<void>;
}

/** The objective and the patience, in seconds. The waits of the strangers follow from them. */
export interface Times {
  readonly latency: number;
  readonly patience: number;
}

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;
type Handler = (request: AnyRequest, response: AnyResponse) => unknown;

// More than the buffers of a loopback connection can hold, so that it stays unread if the client does not read it.
const LARGE = Buffer.alloc(6_000_000, 'a large answer ');
const MOMENT = 10;

/** The handlers for GET by path. They use the request and the response of Node. */
const GETS: Readonly<Record<string, Handler>> = {
  '/ok': (_request, response) => response.end('ok'),
  '/soon': async (_request, response) => {
    await delay(MOMENT);
    response.end('soon');
  },
  '/big': (_request, response) => response.end(LARGE),
  '/stream': (_request, response) => pipeline(piecesOf(LARGE), response as ServerResponse).catch(clientHasLeft),
  '/parts': async (_request, response) => {
    for (const part of ['one', 'two', 'three']) {
      (response as ServerResponse).write(part);
      await delay(MOMENT);
    }
    response.end();
  },
  '/events': events,
  // The status of a response is the status in its head, whatever is assigned later.
  '/after': (_request, response) => {
    response.end('ended');
    response.statusCode = 500;
  },
  '/watched': watched,
};

const POSTS: Readonly<Record<string, Handler>> = {
  '/early': (_request, response) => response.end('nobody reads the body'),
  '/json': json,
  '/form': form,
  '/echo': (request, response) => pipeline(request, response as ServerResponse).catch(clientHasLeft),
  '/upload': async (request, response) => {
    try {
      for await (const _ of request);
    } catch {
      return;
    }
    response.statusCode = 201;
    response.end('stored');
  },
};

/** Paths by the kind of their handler. */
export const PATHS = {
  gets: Object.keys(GETS),
  posts: Object.keys(POSTS),
  ours: { '/metrics': 'metrics', '/livez': 'health', '/readyz': 'health' } as Readonly<Record<string, string>>,
} as const;

export const TARGETS: readonly Target[] = [
  { name: 'Fastify 5', protocols: ['HTTP/1.1'], isEncrypted: false, start: (times) => startFastify(times, {}) },
  {
    name: 'Fastify 5 with a connection timeout',
    protocols: ['HTTP/1.1'],
    isEncrypted: false,
    start: (times) => startFastify(times, { connectionTimeout: 800 * times.patience }),
  },
  {
    name: 'Fastify 5 over HTTP/2',
    protocols: ['HTTP/2'],
    isEncrypted: false,
    start: (times) => startFastify(times, { http2: true }),
  },
  { name: 'Express 5', protocols: ['HTTP/1.1'], isEncrypted: false, start: (times) => startExpress(times, express5) },
  {
    name: 'Express 4',
    protocols: ['HTTP/1.1'],
    isEncrypted: false,
    start: (times) => startExpress(times, expressOf('express4')),
  },
  {
    name: 'node:http',
    protocols: ['HTTP/1.1'],
    isEncrypted: false,
    start: (times) =>
      startNode(times, (listener) => {
        const server = createServer(listener as never);
        server.maxRequestsPerSocket = 50;
        server.on('checkContinue', (request, response) => {
          response.writeContinue();
          server.emit('request', request, response);
        });
        return server;
      }),
  },
  {
    name: 'node:https',
    protocols: ['HTTP/1.1'],
    isEncrypted: true,
    isLimited: true,
    start: (times, certificate) =>
      startNode(times, (listener) => {
        // Node gives up on a client that is late with its request, as it does after five minutes by default.
        const requestTimeout = 1_000 * times.patience;
        const limits = { requestTimeout, headersTimeout: requestTimeout / 2, connectionsCheckingInterval: 50 };
        return createHttpsServer({ ...certificate, ...limits }, listener as never);
      }),
  },
  {
    name: 'node:http2 with TLS',
    protocols: ['HTTP/2', 'HTTP/1.1'],
    isEncrypted: true,
    start: (times, certificate) =>
      startNode(times, (listener) => createSecureServer({ ...certificate, allowHTTP1: true }, listener as never)),
  },
  {
    name: 'node:http2',
    protocols: ['HTTP/2'],
    isEncrypted: false,
    start: (times) => startNode(times, (listener) => createHttp2Server(listener as never)),
  },
];

async function startFastify(times: Times, options: object): Promise<Good> {
  const registry = new Registry();
  const app = fastify({ forceCloseConnections: true, ...options }) as unknown as FastifyInstance;
  await app.register(coalmineFastify, optionsFor(registry, times));
  // Leaves bodies unread, so that the handler can read them.
  app.addContentTypeParser(['multipart/form-data', 'application/octet-stream'], (_request, _payload, done) => {
    done(null);
  });
  const serve = (method: 'GET' | 'POST', url: string, handle: Handler): void => {
    app.route({
      method,
      url,
      handler: (request, reply) => {
        reply.hijack();
        return witness.follow(handle(request.raw, reply.raw));
      },
    });
  };
  const { '/ok': _ok, '/big': _big, '/stream': _stream, ...gets } = GETS;
  const { '/json': _json, '/form': _form, '/early': _early, ...posts } = POSTS;
  app.get('/ok', async () => 'ok');
  app.get('/big', (_request, reply) => reply.send(LARGE));
  app.get('/stream', (_request, reply) => reply.type('text/plain').send(piecesOf(LARGE)));
  app.post('/json', async () => ({ isRead: true }));
  // Fastify writes a 500 to nobody when the client leaves in the middle.
  app.post('/form', async ({ raw }, reply) => {
    await witness.follow(readForm(raw));
    return reply.code(201).send('stored');
  });
  app.post('/early', { onRequest: async (_request, reply) => reply.send('nobody reads the body') }, async () => {});
  for (const [path, handle] of Object.entries(gets)) serve('GET', path, handle);
  for (const [path, handle] of Object.entries(posts)) serve('POST', path, handle);
  const { server } = app;
  const witness = createWitness(server, routeOf);
  answerUpgrades(server, witness);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: portOf(server),
    registry,
    witness,
    close: () => witness.end(() => app.close() as unknown as Promise<void>),
  };
}

async function startExpress(times: Times, express: typeof import('express')): Promise<Good> {
  const registry = new Registry();
  const app: Express = express();
  const middleware = coalmineExpress(optionsFor(registry, times));
  app.use(middleware);
  const { '/json': _json, '/form': _form, ...posts } = POSTS;
  app.post('/json', express.json(), (_request, response) => void response.json({ isRead: true }));
  app.post('/form', (request, response, next) => {
    const isRead = readForm(request).then(() => response.status(201).send('stored'), next);
    witness.follow(isRead);
  });
  for (const [path, handle] of Object.entries(GETS)) {
    app.get(path, (request, response) => void witness.follow(handle(request, response)));
  }
  for (const [path, handle] of Object.entries(posts)) {
    app.post(path, (request, response) => void witness.follow(handle(request, response)));
  }
  const failed: ErrorRequestHandler = (error, _request, response, _next) => {
    if (response.headersSent) response.destroy();
    else response.status(error.status ?? 500).send('failed');
  };
  app.use(failed);
  const server = createServer(app);
  const witness = createWitness(server, routeOf);
  middleware.instrument.attach(server);
  return { ...(await listen(server, witness)), registry };
}

async function startNode(times: Times, create: (listener: Handler) => unknown): Promise<Good> {
  const registry = new Registry();
  const instrument = createInstrument(optionsFor(registry, times));
  const listener = instrument.handler((request: AnyRequest, response: AnyResponse) => {
    const path = pathOf(request.url ?? '');
    const handle = request.method === 'POST' ? POSTS[path] : GETS[path];
    if (handle === undefined) {
      response.statusCode = 404;
      response.end();
      return;
    }
    instrument.route(response, path);
    return witness.follow(handle(request, response));
  });
  const server = create(listener as Handler) as Server;
  const witness = createWitness(server, routeOf);
  instrument.attach(server);
  answerUpgrades(server, witness);
  const { port, close } = await listen(server, witness);
  return {
    port,
    registry,
    witness,
    close: async () => {
      await close();
      await instrument.close();
    },
  };
}

function optionsFor(registry: Registry, objective: Times): CoalmineOptions {
  return { registry, objective, warmup: false, health: { signals: [] } };
}

async function listen(server: Server, witness: Witness): Promise<Pick<Good, 'port' | 'witness' | 'close'>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const closed = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: portOf(server), witness, close: () => witness.end(closed) };
}

/** Returns the route that a request must be counted on, or the reason of its exclusion. */
function routeOf(method: string, url: string): string {
  const path = pathOf(url);
  if (method === 'GET' && PATHS.ours[url] !== undefined) return `excluded ${PATHS.ours[url]}`;
  const isKnown = method === 'POST' ? path in POSTS : (method === 'GET' || method === 'HEAD') && path in GETS;
  return isKnown ? `${method} ${path}` : unmatched(method);
}

/** Returns the path of a target in origin form or in absolute form. */
function pathOf(url: string): string {
  return url.replace(/^http:\/\/[^/]+/, '').split('?', 1)[0] ?? '';
}

/** Accepts upgrades for one path and hangs up on all others, as in the README of `ws`. */
function answerUpgrades(server: Server, witness: Witness): void {
  server.on('upgrade', (request, socket) => {
    socket.on('error', clientHasLeft);
    socket.on('end', () => socket.end());
    if (request.url === '/live') {
      witness.upgraded(request, 101);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.resume();
    } else if (request.url === '/refused') {
      witness.upgraded(request, 403);
      socket.once('finish', () => socket.destroy());
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    } else {
      witness.upgraded(request, undefined);
      socket.destroy();
    }
  });
}

/** Responds with an event stream that ends after a while, or when its client leaves. */
async function events(_request: AnyRequest, response: AnyResponse): Promise<void> {
  const stream = response as ServerResponse;
  stream.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let i = 0; i < 20 && !stream.destroyed; i++) {
    stream.write(`data: ${i}\n\n`);
    await delay(2 * MOMENT);
  }
  stream.end();
}

/** Notices when its client leaves, and then responds to nobody with a failure. */
async function watched(request: AnyRequest, response: AnyResponse): Promise<void> {
  let hasLeft = false;
  const left = (): void => {
    hasLeft = true;
    if (response.headersSent) return;
    response.statusCode = 500;
    try {
      response.end('gone');
    } catch {
      // The HTTP/2 stream is gone as well.
    }
  };
  request.on('aborted', left);
  await delay(MOMENT);
  if (!hasLeft) response.end('still here');
}

/** Reads JSON as body-parser does: a body that cannot be read is a 400, and so is a body that the client did not finish. */
async function json(request: AnyRequest, response: AnyResponse): Promise<void> {
  let text = '';
  try {
    for await (const chunk of request) text += chunk;
    JSON.parse(text);
    response.end('{"isRead":true}');
  } catch {
    response.statusCode = 400;
    response.end('not JSON');
  }
}

/** Reads a form as multer does: a client that leaves in the middle is an error, whose response nobody gets. */
async function form(request: AnyRequest, response: AnyResponse): Promise<void> {
  try {
    await readForm(request);
    response.statusCode = 201;
  } catch {
    response.statusCode = 500;
  }
  response.end('form');
}

function readForm(request: AnyRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('data', () => {});
    request.on('end', resolve);
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('Request aborted')));
  });
}

function piecesOf(whole: Buffer): Readable {
  let at = 0;
  return new Readable({
    read(size) {
      this.push(at < whole.length ? whole.subarray(at, at + size) : null);
      at += size;
    },
  });
}

function clientHasLeft(): void {}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
