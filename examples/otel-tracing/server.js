// The service. A version with BAD=1 fails some of its requests, and leaves some without any answer.
import coalmine from '@coalmine/fastify';
import { identityLabels, otel, readIdentity } from '@coalmine/otel';
import Fastify from 'fastify';

const isBad = process.env.BAD === '1';
const identity = readIdentity();

const app = Fastify();
await app.register(coalmine, {
  telemetry: otel(),
  // The same words on the series as on the spans.
  metrics: { labels: identityLabels(identity) },
  objective: { latency: 0.25 },
  warmup: { minSeconds: 1 },
  // No request before Prometheus has seen the zeros.
  health: { afterScrape: { maxSeconds: 10 }, drainSeconds: 0 },
});

// Every version fails now and then; this one less than it may.
const isUnlucky = everyNth(isBad ? 5 : 100);
app.get('/items/:id', async (request, reply) => {
  if (isUnlucky()) return reply.code(500).send({ error: 'out of order' });
  return { asked: request.url, version: identity.version };
});

const isForgotten = everyNth(isBad ? 2 : Number.POSITIVE_INFINITY);
app.post('/checkout', () => (isForgotten() ? new Promise(() => {}) : Promise.resolve({ paid: true })));

const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: Number(new URL(address).port) });

/** Says of every nth call that it is one. */
function everyNth(n) {
  let calls = 0;
  return () => {
    calls += 1;
    return calls % n === 0;
  };
}
