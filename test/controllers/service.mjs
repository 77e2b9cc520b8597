// The service of the plays. What is wrong with a release is its second argument.
import { setTimeout as delay } from 'node:timers/promises';
import coalmine, { sources } from '@coalmine/fastify';
import Fastify from 'fastify';

const [version, bug] = process.argv.slice(2);
const is = (name, share = 1) => bug === name && Math.random() < share;

const app = Fastify();
await app.register(coalmine, {
  // Limits that an idle service keeps on a busy machine.
  objective: { latency: 1, patience: 3 },
  warmup: { minSeconds: 1 },
  metrics: bug === 'unscraped' ? { path: '/elsewhere' } : {},
  health: {
    afterScrape: { maxSeconds: 5 },
    drainSeconds: 2,
    closeSeconds: 5,
    // A migration that this release needs, and that nobody has run.
    ...(bug === 'unready'
      ? {
          schema: {
            source: sources.sqlMigrations(async () => [{ name: '1' }], 'SELECT name FROM migrations'),
            supports: { knows: ['1', '2'] },
          },
        }
      : {}),
  },
});

app.get('/items/:id', async () => {
  if (is('errors', 0.25)) throw new Error('out of order');
  if (is('slow', 0.25)) await delay(2000);
  if (is('hang', 0.15)) await new Promise(() => {});
  if (is('held', 0.1)) for (const since = performance.now(); performance.now() - since < 2000; );
  return { version };
});
if (bug !== 'lost') app.get('/cart', async () => ({ version }));
app.post('/login', async (_request, reply) => (is('login', 0.5) ? reply.code(401).send() : { version }));

await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
if (bug === 'crash') setTimeout(() => process.exit(3), 6000);
