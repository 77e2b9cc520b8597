import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const REPORT_LINES = 6;
const HELD = new Int32Array(new SharedArrayBuffer(4));

/**
 * Adds the routes of a small shop to an app.
 *
 * @param {object} app
 * @param {object} release
 * @param {Set<string>} release.bugs
 * @param {ReturnType<import('./cache.js').emptyCache>} [release.cache] left out if the cache was filled long ago
 */
export function shop(app, { bugs, cache }) {
  app.get('/items/:id', async ({ params }) => {
    const id = Number(params.id);
    await cache?.load(id);
    // Holds the event loop, as a long computation does, without using the CPU of the machine.
    if (bugs.has('every 25th item') && id % 25 === 0) Atomics.wait(HELD, 0, 0, 700);
    await delay(10 + (id % 20));
    if (bugs.has('item 13') && id === 13) throw new Error('item 13 has no price');
    return { id, price: 10 * id };
  });

  app.get('/search', async ({ query }) => {
    // A search for everything is slow in every release.
    await delay(query.for === 'everything' ? 900 : 30);
    return { found: [query.for] };
  });

  app.post('/checkout', async ({ body }) => {
    await delay(40);
    // The new client of the gift card service loses the response, and has no timeout.
    if (bugs.has('gift card') && body.card === 'gift') await new Promise(() => {});
    // This is no bug of a release: the monitor's account at the payment provider is closed.
    if (body.card === 'test') throw new Error('the test account has expired');
    return { paid: true };
  });

  app.get('/reports/:id', async ({ params }, reply) => {
    const isCut = bugs.has('report') && Number(params.id) % 5 === 0;
    return reply.type('text/csv').send(Readable.from(report(isCut)));
  });

  // Tells Coalmine that this route serves no user. The usual snippet counts it.
  app.get('/healthz', { config: { coalmine: false } }, async () => 'ok');
}

/** Yields a report that takes a while to write. A report that is cut throws long after its headers were sent. */
async function* report(isCut) {
  for (let line = 1; line <= REPORT_LINES; line++) {
    if (isCut && line === 4) throw new Error('the cursor was closed');
    yield `${line},${line * line}\n`;
    await delay(40);
  }
}
