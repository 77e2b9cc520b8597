// A service whose arguments are the framework, the number of workers and the duration of the drain.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { createClusterMetrics } from '@coalmine/node';
import express from 'express';
import Fastify from 'fastify';
import { listening, work } from '../recipes/work.mjs';

const [framework, workers, drainSeconds, endSeconds = '28'] = process.argv.slice(2);
const options = { warmup: false, health: { drainSeconds: Number(drainSeconds), closeSeconds: 10 } };
const ROUTES = {
  '/work/:ms': work,
  '/pid': async () => String(process.pid),
  // Holds the event loop forever.
  '/hang': async () => {
    for (;;);
  },
};

// Needs no callback, because the work is finished when this returns.
process.on('SIGTERM', () => console.log('Heard of SIGTERM'));

if (workers === '0') listening(await serve());
else if (cluster.isPrimary) await lead();
else {
  createClusterMetrics();
  console.log(`Worker ${process.pid}`);
  await serve();
}

/** Runs the primary of docs/process.md. */
async function lead() {
  const clusterMetrics = createClusterMetrics({ endSeconds: Number(endSeconds) });
  const ports = Array.from({ length: Number(workers) }, async () => (await once(cluster.fork(), 'listening'))[0].port);
  cluster.on('exit', () => cluster.fork());
  await clusterMetrics.listen({ host: '127.0.0.1', port: 0 });
  const [port] = await Promise.all(ports);
  listening({ address: () => ({ port }) });
}

async function serve() {
  if (framework === 'fastify') {
    const app = Fastify();
    await app.register(coalmineFastify, options);
    for (const [path, handler] of Object.entries(ROUTES)) app.get(path, handler);
    await app.listen({ host: '127.0.0.1', port: 0 });
    return app.server;
  }
  const app = express();
  app.use(coalmineExpress(options));
  for (const [path, handler] of Object.entries(ROUTES)) {
    app.get(path, async (request, response) => void response.send(await handler(request)));
  }
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
