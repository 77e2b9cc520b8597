// A cluster as users start it, whose primary is scraped. It reports how long the event loops of its processes were held.
import cluster from 'node:cluster';
import { on } from 'node:events';
import { createClusterMetrics, createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { watchLoop } from '../loop-watch.js';
import { COMBINATIONS } from '../memory/combinations.js';

const [workers, routes] = process.argv.slice(2).map(Number);
const registry = new Registry();
const clusterMetrics = createClusterMetrics({ registry });

if (cluster.isPrimary) await startPrimary();
else startWorker();

async function startPrimary() {
  for (let i = 0; i < workers; i++) await answerOf(cluster.fork());
  const port = await clusterMetrics.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', async (question) => {
    const held = watchLoop(question).longest;
    const ofWorkers = Object.values(cluster.workers).map(async (worker) => {
      worker.send(question);
      return answerOf(worker);
    });
    process.send({ primary: held, workers: Math.max(...(await Promise.all(ofWorkers))) });
  });
  process.on('disconnect', () => process.exit());
  process.send({ port });
}

function startWorker() {
  const { metrics } = createInstrument({ registry, warmup: false, metrics: { path: false, maxRoutes: routes } });
  for (let i = 0; i < routes; i++) {
    for (const [method, status] of COMBINATIONS) metrics.record(metrics.route(method, `/items${i}/:id`), status, 0.01);
  }
  process.on('message', (question) => {
    // The primary sends messages that ask for numbers, too.
    if (question.isWatched !== undefined) process.send(watchLoop(question).longest);
  });
  process.send('ready');
}

/** Waits for a message of the benchmark. Messages of the metrics are objects. */
async function answerOf(worker) {
  for await (const [message] of on(worker, 'message')) if (typeof message !== 'object') return message;
}
