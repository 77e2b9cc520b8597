// The service. Its arguments are its version and its bug: none, `errors` or `slow`.
import { setTimeout as delay } from 'node:timers/promises';
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';

const [version = 'v1', bug] = process.argv.slice(2);

const app = Fastify();
await app.register(coalmine, {
  objective: { latency: 0.2 },
  warmup: { minSeconds: 2 },
  // The pod becomes ready after Prometheus has scraped the zeros.
  health: { afterScrape: { maxSeconds: 10 }, drainSeconds: 1 },
});

app.get('/items/:id', async (request, reply) => {
  const isUnlucky = Math.random() < 0.25;
  if (bug === 'slow' && isUnlucky) await delay(300);
  if (bug === 'errors' && isUnlucky) return reply.code(500).send({ error: 'out of order' });
  return { asked: request.url, version };
});

const { HOST: host = '127.0.0.1', PORT: port = '0' } = process.env;
const address = await app.listen({ host, port: Number(port) });
process.send?.({ port: Number(new URL(address).port) });
