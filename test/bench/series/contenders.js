import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import coalmine from '@coalmine/fastify';
import { Counter, Registry } from 'prom-client';
import { addToFastify } from '../usual-snippet.js';

const require = createRequire(import.meta.url);
const { default: fastifyMetrics } = require('fastify-metrics');
const promBundle = require('express-prom-bundle');
const express = require('express53');
const fastify = require('fastify5');

/** The handlers of a route by method. A GET with `?missing` is a 404. */
const STATUSES = { GET: 200, POST: 200, PUT: 200, DELETE: 500 };

// The five combinations of method and status that each route has served.
const COMBINATIONS = [
  { method: 'GET', query: '' },
  { method: 'GET', query: '?missing' },
  { method: 'POST', query: '' },
  { method: 'PUT', query: '' },
  { method: 'DELETE', query: '' },
];

const CONNECTIONS = 20;
const SIX_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Services with the same routes, each with an exposition at `/metrics` and without the default metrics of its client.
 *
 * @typedef {{ port: number, close(): Promise<unknown> }} Service
 * @type {{ name: string, start(paths: readonly string[]): Promise<Service> }[]}
 */
export const CONTENDERS = [
  {
    name: 'prom-client snippet, six buckets',
    start: (paths) => startFastify(paths, (app) => addSnippet(app, SIX_BUCKETS)),
  },
  { name: 'prom-client snippet, default buckets', start: (paths) => startFastify(paths, (app) => addSnippet(app)) },
  { name: 'express-prom-bundle 8', start: startExpress },
  { name: 'fastify-metrics 12', start: (paths) => startFastify(paths, addFastifyMetrics) },
  ...['code', 'class', 'none'].map((durationStatus) => ({
    name: durationStatus === 'code' ? 'Coalmine' : `Coalmine, \`durationStatus: '${durationStatus}'\``,
    start: (paths) => startFastify(paths, (app) => addCoalmine(app, { durationStatus })),
  })),
];

/** Returns the paths of a number of routes. They contain no digits, because express-prom-bundle would take a number for an id. */
export function pathsOf(count) {
  const letter = (i) => String.fromCharCode(97 + (i % 26));
  return Array.from({ length: count }, (_, i) => `/shop/${letter(i / 676)}${letter(i / 26)}${letter(i)}`);
}

/** Sends a request of each combination to each of the paths. */
export async function fill(port, paths) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    await Promise.all(
      paths.flatMap((path) => COMBINATIONS.map(({ method, query }) => send(port, agent, method, `${path}${query}`))),
    );
  } finally {
    agent.destroy();
  }
}

function send(port, agent, method, path) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, method, path }, (response) => {
      response.resume().on('end', resolve);
    });
    sent.on('error', reject).end();
  });
}

/** Starts a Fastify service with the instrumentation that `instrument` adds to the app. */
export async function startFastify(paths, instrument) {
  const app = fastify();
  await instrument(app);
  for (const path of paths) {
    for (const [method, status] of Object.entries(STATUSES)) {
      app.route({
        method,
        url: path,
        handler: async (request, reply) => reply.code('missing' in request.query ? 404 : status).send('item'),
      });
    }
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: app.server.address().port, close: () => app.close() };
}

async function startExpress(paths) {
  const app = express();
  // The setup of its README, with method, path and status as labels.
  const registry = new Registry();
  app.use(promBundle({ includeMethod: true, includePath: true, autoregister: false, promRegistry: registry }));
  app.get('/metrics', async (_request, response) => response.type('text/plain').send(await registry.metrics()));
  for (const path of paths) {
    for (const [method, status] of Object.entries(STATUSES)) {
      app[method.toLowerCase()](path, (request, response) =>
        response.status('missing' in request.query ? 404 : status).send('item'),
      );
    }
  }
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: async () => server.close() };
}

/** The usual snippet with a counter of errors, which the usual query of the error ratio reads. */
export function addSnippet(app, buckets) {
  const registry = new Registry();
  addToFastify(app, { registry, ...(buckets === undefined ? {} : { buckets }) });
  const labelNames = ['method', 'route', 'status_code'];
  const errors = new Counter({ name: 'http_errors_total', help: 'Errors', labelNames, registers: [registry] });
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode }) => {
    if (statusCode >= 400) errors.inc({ method, route: routeOptions.url, status_code: statusCode });
  });
  app.get('/metrics', () => registry.metrics());
}

async function addFastifyMetrics(app) {
  const registry = new Registry();
  const registers = [registry];
  await app.register(fastifyMetrics, {
    endpoint: null,
    defaultMetrics: { enabled: false },
    routeMetrics: { overrides: { histogram: { registers }, summary: { registers } } },
  });
  app.get('/metrics', () => registry.metrics());
}

export async function addCoalmine(app, metrics, registry = new Registry()) {
  await app.register(coalmine, { registry, warmup: false, metrics });
}
