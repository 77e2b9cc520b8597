// The demo's shop in a new process: says its port to its parent once it is ready, after priming if it is to.
import { setTimeout as delay } from 'node:timers/promises';
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { shop } from '../../examples/demo/shop.js';

const prime = { requests: ['/items/1', '/items/2'], count: 1000, concurrency: 20 };
const app = Fastify();
await app.register(coalmine, process.argv[2] === 'primed' ? { warmup: { prime } } : {});
shop(app, { isBroken: false });
await app.listen({ host: '127.0.0.1', port: 0 });
while (!app.coalmine.isReady()) await delay(5);
process.on('disconnect', () => process.exit());
process.send({ port: app.server.address().port });
