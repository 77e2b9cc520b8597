import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify, { fail } from '@coalmine/fastify';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { BUCKETS, fastifyMetrics, promBundle, snippet, useOpenTelemetry } from './instruments.js';

/** The objective of every service, on the scale of the suite. */
export const OBJECTIVE = { latency: 0.1 };

/**
 * What a handler does: it responds with `status` after `milliseconds`, hangs, breaks its body off, or reports its response as a
 * failure.
 *
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {number} [milliseconds]
 * @property {boolean} [hangs]
 * @property {boolean} [breaks]
 * @property {boolean} [fails]
 */

/**
 * @typedef {object} Route
 * @property {string} path
 * @property {'GET' | 'POST'} [method] `GET` by default
 * @property {boolean} [isCatchAll] whether the route responds to all paths that no other route has
 * @property {{ latency: number }} [objective] the route's own objective
 */

/**
 * @typedef {object} ServiceOptions
 * @property {'fastify' | 'express'} framework
 * @property {(route: string, request: import('node:http').IncomingMessage) => Answer} behave
 * @property {readonly import('./behaviours.js').Middleware[]} [middlewares] none by default
 * @property {object | false} coalmine options of Coalmine; `false` for a service without it
 * @property {boolean} isAlone whether the service has no other instrumentation
 * @property {readonly Route[]} [routes] the usual routes by default
 * @property {number} [port] the port to listen on, a free port by default
 * @property {number} [metricsPort]
 * @property {import('./instruments.js').Tuning} [tuning] the settings of the other libraries, by default a bucket at the objective
 */

/** @type {readonly Route[]} The usual routes. Every service also has a stream, `/events`. */
export const ROUTES = [
  { path: '/items/:id' },
  { path: '/rare/:id' },
  { path: '/login' },
  { path: '/old' },
  { path: '/monitored' },
  { path: '/fast', objective: { latency: 0.02 } },
  { path: '/reports/:id', objective: { latency: 0.4 } },
];

/**
 * Starts a service that has every instrumentation at once, or Coalmine alone.
 *
 * @param {ServiceOptions} options
 */
export async function startService(options) {
  const {
    framework,
    behave,
    middlewares = [],
    coalmine,
    isAlone,
    routes = ROUTES,
    port = 0,
    metricsPort = 0,
  } = options;
  const openTelemetry = isAlone ? [] : [useOpenTelemetry()];
  const registry = new Registry();
  const settings = { objective: OBJECTIVE, warmup: { minSeconds: 2, maxSeconds: 6 }, ...coalmine, registry };
  const start = framework === 'fastify' ? startFastify : startExpress;
  const { server, instruments } = await start({
    coalmine: coalmine === false ? false : settings,
    isAlone,
    routes,
    behave,
    middlewares,
    tuning: options.tuning ?? { buckets: BUCKETS },
  });
  const ours = coalmine === false ? [] : [{ library: 'coalmine', registry }];
  const all = [...ours, ...instruments, ...openTelemetry];
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n');
    socket.on('error', () => {});
  });
  const exposition = createServer(async (request, response) => {
    const found = all.find(({ library }) => request.url === `/${library}`);
    if (found?.expose !== undefined) return found.expose(request, response);
    response.statusCode = found === undefined ? 404 : 200;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(await found?.registry.metrics());
  });
  return {
    port: await listen(server, port),
    metricsPort: await listen(exposition, metricsPort),
    libraries: all.map(({ library }) => library),
  };
}

/**
 * @typedef {object} Equipment
 * @property {object | false} coalmine
 * @property {boolean} isAlone
 * @property {readonly Route[]} routes
 * @property {ServiceOptions['behave']} behave
 * @property {readonly import('./behaviours.js').Middleware[]} middlewares
 * @property {import('./instruments.js').Tuning} tuning
 */

/** @param {Equipment} equipment */
async function startFastify({ coalmine, isAlone, routes, behave, middlewares, tuning }) {
  const app = Fastify();
  const instruments = isAlone ? [] : [hookSnippet(app, tuning), await fastifyMetrics(app, tuning)];
  if (coalmine !== false) await app.register(coalmineFastify, coalmine);
  for (const middleware of middlewares) {
    app.addHook('onRequest', async (request, reply) => {
      const status = middleware(request.raw);
      if (status !== undefined) return reply.code(status).send('refused');
    });
  }
  for (const { path, method = 'GET', objective } of routes) {
    const config = objective === undefined ? {} : { coalmine: { objective } };
    const handler = async (request, reply) => {
      const answer = behave(path, request.raw);
      await delay(answer.milliseconds ?? 3);
      if (answer.hangs) return new Promise(() => {});
      if (answer.breaks) {
        reply.hijack();
        return breakOff(reply.raw);
      }
      if (answer.fails) fail(request);
      return reply.code(answer.status ?? 200).send('answer');
    };
    app.route({ method, url: path, config, handler });
  }
  app.get('/events', (_request, reply) => {
    reply.hijack();
    stream(reply.raw);
  });
  await app.ready();
  return { server: app.server, instruments };
}

/** @param {import('fastify').FastifyInstance} app @param {Equipment['tuning']} tuning */
function hookSnippet(app, tuning) {
  const usual = snippet(tuning);
  app.addHook('onRequest', (request, reply, done) => {
    usual.begin(request.method, reply.raw, () => request.routeOptions.url);
    done();
  });
  return usual;
}

/** @param {Equipment} equipment */
async function startExpress({ coalmine, isAlone, routes, behave, middlewares, tuning }) {
  const app = express();
  const instruments = isAlone ? [] : useOthers(app, tuning);
  if (coalmine !== false) app.use(coalmineExpress(coalmine));
  app.get('/events', (_request, response) => stream(response));
  for (const middleware of middlewares) {
    app.use((request, response, next) => {
      const status = middleware(request);
      if (status === undefined) next();
      else response.status(status).send('refused');
    });
  }
  for (const { path, method = 'GET', objective, isCatchAll = false } of routes) {
    const own = objective === undefined ? [] : [coalmineExpress.route({ objective })];
    const add = isCatchAll ? app.use.bind(app) : app[method.toLowerCase()].bind(app, path);
    add(...own, async (request, response) => {
      const answer = behave(path, request);
      await delay(answer.milliseconds ?? 3);
      if (answer.hangs) return;
      if (answer.breaks) return breakOff(response);
      if (answer.fails) fail(request);
      response.status(answer.status ?? 200).send('answer');
    });
  }
  return { server: createServer(app), instruments };
}

/** @param {import('express').Express} app @param {Equipment['tuning']} tuning */
function useOthers(app, tuning) {
  const usual = snippet(tuning);
  const bundle = promBundle(tuning);
  app.use((request, response, next) => {
    usual.begin(request.method, response, () => request.route?.path);
    next();
  });
  app.use(bundle.middleware);
  return [usual, bundle];
}

/** @param {import('node:http').ServerResponse} response */
function breakOff(response) {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' });
  response.write('the first part');
  setTimeout(() => response.destroy(), 2);
}

/** @param {import('node:http').ServerResponse} response */
function stream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write('data: tick\n\n'), 200);
  response.on('close', () => clearInterval(timer));
}

/**
 * Lets a server listen on a port, or on a free port below the ports that the system gives to clients, so that a pod that restarts
 * usually finds its port free. Otherwise, the pod waits. Returns a promise of the port.
 *
 * @param {import('node:http').Server} server
 * @param {number} port `0` for a free one
 */
async function listen(server, port) {
  const chosen = port === 0 ? 10_000 + Math.floor(20_000 * Math.random()) : port;
  server.listen(chosen, '127.0.0.1');
  try {
    await once(server, 'listening');
    return chosen;
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (port !== 0) await delay(50);
    return listen(server, port);
  }
}
