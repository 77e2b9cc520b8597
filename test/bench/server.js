// One contender in its own process. It sends its port first, and then its CPU time and its traces for each message.
import { createRequire } from 'node:module';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { Registry } from 'prom-client';
import { addToExpress, addToFastify } from './usual-snippet.js';

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
  if (kind === 'snippet') addToFastify(app, { registry });
  app.get('/items/:id', async () => item);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.server;
}

function startExpress() {
  const app = require(framework)();
  if (hasCoalmine) app.use(coalmineExpress(options));
  if (kind === 'snippet') addToExpress(app, { registry });
  app.get('/items/:id', (_request, response) => response.json(item));
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}
