import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify, { type CoalmineOptions } from '@coalmine/fastify';
import express from 'express';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { createUsualSnippet } from './usual-snippet.js';

/** A service on loopback: `/items/:id` succeeds, `/fail` fails and `/hang` never responds. */
export interface Service {
  readonly port: number;
  /** Epoch seconds at which each call of `/hang` reached its handler. */
  readonly hangs: readonly number[];
  /** The `Accept` of each scrape until now. */
  readonly accepts: readonly string[];
  close(): Promise<void>;
}

type Start = (options?: CoalmineOptions) => Promise<Service>;

/** Services with Coalmine at `/metrics` and the usual snippet at `/snippet`. */
export const SERVICES: readonly { readonly framework: string; readonly start: Start }[] = [
  { framework: 'Fastify 5', start: startFastify },
  { framework: 'Express 5.3', start: startExpress },
];

export async function startFastify(options: CoalmineOptions = {}): Promise<Service> {
  const snippet = createUsualSnippet();
  const hangs: number[] = [];
  const app = fastify({ forceCloseConnections: true });
  await app.register(coalmineFastify, { registry: new Registry(), warmup: false, ...options });
  app.get('/snippet', { config: { coalmine: false } }, () => snippet.registry.metrics());
  app.addHook('onRequest', async (request, reply) => {
    snippet.measure(request.method, reply.raw, () => request.routeOptions.url);
  });
  app.get('/items/:id', async () => 'item');
  app.get('/fail', async () => {
    throw new Error('out of order');
  });
  app.get('/hang', (_request, reply) => {
    hangs.push(Date.now() / 1000);
    reply.hijack();
  });
  const accepts = acceptsOf(app.server);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: portOf(app.server), hangs, accepts, close: () => app.close() };
}

async function startExpress(options: CoalmineOptions = {}): Promise<Service> {
  const snippet = createUsualSnippet();
  const hangs: number[] = [];
  const app = express();
  app.use(coalmineExpress({ registry: new Registry(), warmup: false, ...options }));
  app.get('/snippet', coalmineExpress.route(false), async (_request, response) => {
    response.type('text/plain').send(await snippet.registry.metrics());
  });
  app.use((request, response, next) => {
    snippet.measure(request.method, response, () => request.route?.path);
    next();
  });
  app.get('/items/:id', (_request, response) => void response.send('item'));
  app.get('/fail', (_request, response) => void response.status(500).send('out of order'));
  app.get('/hang', () => {
    hangs.push(Date.now() / 1000);
  });
  const server = createServer(app);
  const accepts = acceptsOf(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: portOf(server), hangs, accepts, close };
}

function acceptsOf(server: Server): readonly string[] {
  const accepts: string[] = [];
  server.on('request', ({ url, headers }) => {
    if (url === '/metrics') accepts.push(headers.accept ?? '');
  });
  return accepts;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
