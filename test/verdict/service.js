import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { BUCKETS, fastifyMetrics, openTelemetry, promBundle, snippet } from './instruments.js';

/** What every service promises, on the scale of the suite. */
export const OBJECTIVE = { latency: 0.1 };

/**
 * What a handler does: answers `status` after `milliseconds`, hangs, or breaks its body off.
 *
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {number} [milliseconds]
 * @property {boolean} [hangs]
 * @property {boolean} [breaks]
 */

/**
 * @typedef {object} ServiceOptions
 * @property {'fastify' | 'express'} framework
 * @property {(route: string, request: import('node:http').IncomingMessage) => Answer} behave
 * @property {object} coalmine options of Coalmine
 * @property {number} [port] the one to listen on; the system chooses where absent
 * @property {number} [metricsPort]
 * @property {import('./instruments.js').Tuning} [tuning] of the other libraries; a bucket at the objective where absent
 */

/** The routes of every service; `/events` is a stream. */
const ROUTES = ['/items/:id', '/rare/:id', '/monitored'];

/**
 * Starts a service that carries every instrumentation at once.
 *
 * @param {ServiceOptions} options
 */
export async function startService(options) {
  const { framework, behave, coalmine, port = 0, metricsPort = 0, tuning = { buckets: BUCKETS } } = options;
  const settings = { objective: OBJECTIVE, warmup: { minSeconds: 2, maxSeconds: 6 }, ...coalmine };
  const registry = new Registry();
  const start = framework === 'fastify' ? startFastify : startExpress;
  const { server, instruments } = await start({ ...settings, registry }, behave, tuning);
  const all = [{ library: 'coalmine', registry }, ...instruments, openTelemetry];
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n');
    socket.on('error', () => {});
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const exposition = createServer(async (request, response) => {
    const found = all.find(({ library }) => request.url === `/${library}`);
    if (found?.expose !== undefined) return found.expose(request, response);
    response.statusCode = found === undefined ? 404 : 200;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(await found?.registry.metrics());
  }).listen(metricsPort, '127.0.0.1');
  await once(exposition, 'listening');
  return {
    port: portOf(server),
    metricsPort: portOf(exposition),
    libraries: all.map(({ library }) => library),
  };
}

/**
 * @param {object} options
 * @param {ServiceOptions['behave']} behave
 * @param {import('./instruments.js').Tuning} tuning
 */
async function startFastify(options, behave, tuning) {
  const app = Fastify();
  const usual = snippet(tuning);
  app.addHook('onRequest', (request, reply, done) => {
    usual.begin(request.method, reply.raw, () => request.routeOptions.url);
    done();
  });
  const metrics = await fastifyMetrics(app, tuning);
  await app.register(coalmineFastify, options);
  for (const route of ROUTES) {
    app.get(route, async (request, reply) => {
      const answer = behave(route, request.raw);
      await delay(answer.milliseconds ?? 3);
      if (answer.hangs) return new Promise(() => {});
      if (answer.breaks) {
        reply.hijack();
        return breakOff(reply.raw);
      }
      return reply.code(answer.status ?? 200).send('answer');
    });
  }
  app.get('/events', (_request, reply) => {
    reply.hijack();
    stream(reply.raw);
  });
  await app.ready();
  return { server: app.server, instruments: [usual, metrics] };
}

/**
 * @param {object} options
 * @param {ServiceOptions['behave']} behave
 * @param {import('./instruments.js').Tuning} tuning
 */
async function startExpress(options, behave, tuning) {
  const app = express();
  const usual = snippet(tuning);
  const bundle = promBundle(tuning);
  app.use((request, response, next) => {
    usual.begin(request.method, response, () => request.route?.path);
    next();
  });
  app.use(bundle.middleware);
  app.use(coalmineExpress(options));
  for (const route of ROUTES) {
    app.get(route, async (request, response) => {
      const answer = behave(route, request);
      await delay(answer.milliseconds ?? 3);
      if (answer.hangs) return;
      if (answer.breaks) return breakOff(response);
      response.status(answer.status ?? 200).send('answer');
    });
  }
  app.get('/events', (_request, response) => stream(response));
  return { server: createServer(app), instruments: [usual, bundle] };
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

/** @param {import('node:http').Server} server */
function portOf(server) {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
