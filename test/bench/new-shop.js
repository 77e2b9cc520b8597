// The demo's shop in a new process. It sends its port to its parent when it is ready, after priming if priming is on.
import { setTimeout as delay } from 'node:timers/promises';
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { CACHED_ITEMS, emptyCache } from '../../examples/demo/cache.js';
import { shop } from '../../examples/demo/shop.js';

const [cache, isPrimed] = process.argv.slice(2);
const requests = Array.from({ length: CACHED_ITEMS }, (_, i) => `/items/${1 + i}`);
const prime = { requests, count: 1000, concurrency: CACHED_ITEMS };
const app = Fastify();
await app.register(coalmine, isPrimed === 'primed' ? { warmup: { prime } } : {});
shop(app, { bugs: new Set(), ...(cache === 'empty' ? { cache: emptyCache() } : {}) });
await app.listen({ host: '127.0.0.1', port: 0 });
while (!app.coalmine.isReady()) await delay(5);
process.on('disconnect', () => process.exit());
process.send({ port: app.server.address().port });
