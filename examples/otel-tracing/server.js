// The service. A version with BAD=1 fails some of its requests, and never responds to others.
import coalmine from '@coalmine/fastify';
import { identityLabels, otel, readIdentity } from '@coalmine/otel';
import Fastify from 'fastify';

const isBad = process.env.BAD === '1';
const identity = readIdentity();

const app = Fastify();
await app.register(coalmine, {
  telemetry: otel(),
  // The series have the same labels as the spans have attributes.
  metrics: { labels: identityLabels(identity) },
  objective: { latency: 0.25 },
  warmup: { minSeconds: 1 },
  // The pod becomes ready after Prometheus has scraped the zeros.
  health: { afterScrape: { maxSeconds: 10 }, drainSeconds: 0 },
});

// Every version fails some requests. A version without BAD=1 fails fewer than its objective allows.
const isUnlucky = everyNth(isBad ? 5 : 100);
app.get('/items/:id', async (request, reply) => {
  if (isUnlucky()) return reply.code(500).send({ error: 'out of order' });
  return { asked: request.url, version: identity.version };
});

const isForgotten = everyNth(isBad ? 2 : Number.POSITIVE_INFINITY);
app.post('/checkout', () => (isForgotten() ? new Promise(() => {}) : Promise.resolve({ paid: true })));

const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: Number(new URL(address).port) });

/** Returns a function that returns true at every nth call. */
function everyNth(n) {
  let calls = 0;
  return () => {
    calls += 1;
    return calls % n === 0;
  };
}
