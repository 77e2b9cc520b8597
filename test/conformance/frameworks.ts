import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { coalmine as coalmineHono } from '@coalmine/hono';
import { coalmine as coalmineKoa } from '@coalmine/koa';
import { type CoalmineOptions, createInstrument, type Instrument } from '@coalmine/node';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import Router from '@koa/router';
import type { Express } from 'express';
import type { FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { Registry } from 'prom-client';
import { type Exposition, scrape } from '../support/exposition.js';

/** A route that does not depend on a framework: its handler writes to a plain response of Node. */
export interface PlainRoute {
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  handle(request: IncomingMessage, response: ServerResponse): unknown;
}

/** A server that listens on loopback. */
export interface Served {
  readonly port: number;
  readonly server: Server;
  scrape(): Promise<Exposition>;
  close(): Promise<void>;
}

/** A service with Coalmine. */
export interface Service extends Served {
  readonly instrument: Instrument;
}

export interface Framework {
  readonly name: string;
  start(routes: readonly PlainRoute[], options?: CoalmineOptions): Promise<Service>;
}

const require = createRequire(import.meta.url);

export const FASTIFY_VERSIONS = ['fastify4', 'fastify5'] as const;
const EVERY_EXPRESS = ['express4', 'express50', 'express51', 'express52', 'express53'] as const;
export type ExpressVersion = (typeof EVERY_EXPRESS)[number];
// The lowest and the highest version of each major version. The router of 5.0 does not tell where an app is mounted, and the router
// of 5.3 does. `npm run matrix` also runs the versions between them.
export const EXPRESS_VERSIONS: readonly ExpressVersion[] =
  process.env.EVERY_EXPRESS === 'yes' ? EVERY_EXPRESS : ['express4', 'express50', 'express53'];

/** Returns a Fastify of the given version. */
export function fastify(version: (typeof FASTIFY_VERSIONS)[number], options: object = {}): FastifyInstance {
  return require(version)(options);
}

/** Returns the `express` function of the given version. */
export function expressOf(version: ExpressVersion): typeof import('express') {
  return require(version);
}

/** Every framework, with Coalmine and its own registry. */
export const FRAMEWORKS: readonly Framework[] = [
  ...FASTIFY_VERSIONS.map((version) => ({
    name: version,
    start: async (routes: readonly PlainRoute[], options: CoalmineOptions = {}) => {
      const app = fastify(version, { forceCloseConnections: true });
      // Leaves bodies unread, so that the handler can read them.
      app.addContentTypeParser('*', (_request, _payload, done) => done(null));
      await app.register(coalmineFastify, { registry: new Registry(), warmup: false, ...options });
      for (const { method, pattern, handle } of routes) {
        app.route({
          method,
          url: pattern,
          handler: (request, reply) => {
            reply.hijack();
            return handle(request.raw, reply.raw) as never;
          },
        });
      }
      return { ...(await serveFastify(app)), instrument: app.coalmine };
    },
  })),
  ...EXPRESS_VERSIONS.map((version) => ({
    name: version,
    start: async (routes: readonly PlainRoute[], options: CoalmineOptions = {}) => {
      const app = expressOf(version)();
      const middleware = coalmineExpress({ registry: new Registry(), warmup: false, ...options });
      app.use(middleware);
      for (const { method, pattern, handle } of routes) {
        app[method === 'GET' ? 'get' : 'post'](pattern, (request, response) => void handle(request, response));
      }
      return { ...(await serveExpress(app)), instrument: middleware.instrument };
    },
  })),
  {
    name: 'koa3',
    start: async (routes, options = {}) => {
      const app = new Koa();
      app.silent = true;
      const middleware = coalmineKoa({ registry: new Registry(), warmup: false, ...options });
      app.use(middleware);
      const router = new Router();
      for (const { method, pattern, handle } of routes) {
        router[method === 'GET' ? 'get' : 'post'](pattern, (context) => {
          context.respond = false;
          // The status of Koa is 404 at first.
          context.res.statusCode = 200;
          void handle(context.req, context.res);
        });
      }
      app.use(router.routes());
      return { ...(await serve(createServer(app.callback()))), instrument: middleware.instrument };
    },
  },
  {
    name: 'hono',
    start: async (routes, options = {}) => {
      const app = new Hono<{ Bindings: HttpBindings }>();
      const middleware = coalmineHono(app, { registry: new Registry(), warmup: false, ...options });
      app.use(middleware);
      for (const { method, pattern, handle } of routes) {
        app[method === 'GET' ? 'get' : 'post'](pattern, ({ env }) => {
          void handle(env.incoming, env.outgoing);
          return alreadySent();
        });
      }
      return { ...(await serve(createServer(getRequestListener(app.fetch)))), instrument: middleware.instrument };
    },
  },
  {
    name: 'node:http',
    start: async (routes, options = {}) => {
      const instrument = createInstrument({ registry: new Registry(), warmup: false, ...options });
      for (const { method, pattern } of routes) instrument.metrics.route(method, pattern);
      const server = createServer(
        instrument.handler((request, response) => {
          const path = request.url?.split('?', 1)[0] ?? '';
          const route = routes.find(
            ({ method, pattern }) =>
              (method === request.method || (method === 'GET' && request.method === 'HEAD')) &&
              new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(path),
          );
          if (route === undefined) {
            response.statusCode = 404;
            response.end();
            return;
          }
          instrument.route(response, route.pattern);
          return route.handle(request, response);
        }),
      );
      return { ...(await serve(server)), instrument };
    },
  },
];

/** Waits until an app is ready, and listens. */
export async function serveFastify(app: FastifyInstance): Promise<Served> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { ...served(app.server), close: () => app.close() as unknown as Promise<void> };
}

/** Listens with an app. */
export function serveExpress(app: Express): Promise<Served> {
  return serve(createServer(app));
}

/** Listens with a server. */
export async function serve(server: Server): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return served(server);
}

function served(server: Server): Served {
  const { port } = server.address() as AddressInfo;
  return {
    port,
    server,
    scrape: () => scrape(`http://127.0.0.1:${port}/metrics`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Tells `@hono/node-server` that a handler has responded itself. Version 2 reads this mark, and sends any other response. */
function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
  void response.body;
  return response;
}
