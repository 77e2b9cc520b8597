// The service of most plays. Its second argument is the bug of the release.
import { setTimeout as delay } from 'node:timers/promises';
import coalmine, { sources } from '@coalmine/fastify';
import Fastify from 'fastify';
import { LIMITS } from './limits.mjs';

const [version, bug] = process.argv.slice(2);
let turns = 0;
/** Returns whether a request meets a bug: the first request, and then one request in each `every` that could meet it. */
const meets = (name, each) => bug === name && turns++ % each === 0;

const app = Fastify();
await app.register(coalmine, {
  ...LIMITS,
  metrics: bug === 'unscraped' ? { path: '/elsewhere' } : {},
  health: {
    ...LIMITS.health,
    // This release needs a migration that nobody has run.
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
  if (meets('errors', 2)) throw new Error('out of order');
  if (meets('slow', 2)) await delay(2000);
  if (meets('hang', 3)) await new Promise(() => {});
  if (meets('held', 25)) holdFor(2000);
  if (meets('stuck', 5)) holdFor(2000);
  return { version };
});
if (bug !== 'lost') app.get('/cart', async () => ({ version }));
app.post('/login', async (_request, reply) => (meets('login', 2) ? reply.code(401).send() : { version }));

await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
if (bug === 'crash') setTimeout(() => process.exit(3), 6000);

/** Holds the event loop. */
function holdFor(milliseconds) {
  for (const since = performance.now(); performance.now() - since < milliseconds; );
}
