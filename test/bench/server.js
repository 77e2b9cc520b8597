// One contender, as a process of its own: says its port, then its CPU time and what it has traced whenever it is asked.
import { createRequire } from 'node:module';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { Counter, Histogram, Registry } from 'prom-client';

const require = createRequire(import.meta.url);
const [framework, kind, sampler] = process.argv.slice(2);
const traced = sampler === undefined ? undefined : (await import('./tracing.js')).startTracing(sampler);
const registry = new Registry();
const options = {
  registry,
  warmup: false,
  ...(kind === 'otel' ? { telemetry: (await import('@coalmine/otel')).otel() } : {}),
};
const hasCoalmine = kind === 'coalmine' || kind === 'otel';
const item = { id: 7, name: 'canary', colour: 'yellow' };

const server = framework.startsWith('fastify') ? await startFastify() : await startExpress();
process.on('message', () => process.send({ cpu: process.cpuUsage(), traced: traced?.() }));
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });

async function startFastify() {
  const app = require(framework)();
  if (hasCoalmine) await app.register(coalmineFastify, options);
  if (kind === 'snippet') {
    const { duration, requests } = snippet();
    app.addHook('onRequest', (request, _reply, done) => {
      request.endTimer = duration.startTimer();
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const labels = { method: request.method, route: request.routeOptions.url, status_code: reply.statusCode };
      request.endTimer(labels);
      requests.inc(labels);
      done();
    });
  }
  app.get('/items/:id', async () => item);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.server;
}

function startExpress() {
  const app = require(framework)();
  if (hasCoalmine) app.use(coalmineExpress(options));
  if (kind === 'snippet') {
    const { duration, requests } = snippet();
    app.use((request, response, next) => {
      const end = duration.startTimer();
      response.on('finish', () => {
        const labels = { method: request.method, route: request.route?.path, status_code: response.statusCode };
        end(labels);
        requests.inc(labels);
      });
      next();
    });
  }
  app.get('/items/:id', (_request, response) => response.json(item));
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}

function snippet() {
  const labelNames = ['method', 'route', 'status_code'];
  const registers = [registry];
  return {
    duration: new Histogram({ name: 'http_request_duration_seconds', help: 'Seconds', labelNames, registers }),
    requests: new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers }),
  };
}
