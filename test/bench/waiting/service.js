// A service whose handler holds the event loop, measured by the usual snippet and by Coalmine. Sends its port to its parent.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import express from 'express';
import Fastify from 'fastify';
import { Counter, Registry } from 'prom-client';
import { addToExpress, addToFastify } from '../usual-snippet.js';
import { BUCKETS, OBJECTIVE } from './objective.js';

const [framework] = process.argv.slice(2);
const cell = new Int32Array(new SharedArrayBuffer(4));
const snippet = { registry: new Registry(), buckets: BUCKETS };
const held = new Counter({ name: 'work_held_seconds_total', help: 'Held', registers: [snippet.registry] });
const options = {
  registry: new Registry(),
  warmup: false,
  objective: { latency: OBJECTIVE },
  metrics: { buckets: BUCKETS },
};

process.on('disconnect', () => process.exit());
const server = framework === 'fastify' ? await startFastify() : await startExpress();
// Connections that the clients have opened beforehand stay open for as long as they are idle.
server.keepAliveTimeout = 0;
process.send({ port: server.address().port });

async function startFastify() {
  const app = Fastify();
  await app.register(coalmineFastify, options);
  addToFastify(app, snippet);
  app.get('/open', async () => 'ok');
  app.get('/snippet', () => snippet.registry.metrics());
  app.get('/work', async (request) => {
    await work(request.query);
    return 'ok';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.server;
}

async function startExpress() {
  const app = express();
  app.use(coalmineExpress(options));
  addToExpress(app, snippet);
  app.get('/open', (_request, response) => response.send('ok'));
  app.get('/snippet', async (_request, response) => response.send(await snippet.registry.metrics()));
  app.get('/work', async (request, response) => {
    await work(request.query);
    response.send('ok');
  });
  const listening = app.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return listening;
}

/** Holds the event loop without using the CPU, so that many services run side by side, then works asynchronously. */
async function work({ hold, work }) {
  if (hold !== '0') {
    const startedAt = performance.now();
    Atomics.wait(cell, 0, 0, Number(hold));
    held.inc((performance.now() - startedAt) / 1000);
  }
  await delay(Number(work));
}
