// One release of the shop, as a process of its own: `node service.js stable|canary`. Says its port to its parent.
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { shop } from './shop.js';
import { snippet } from './snippet.js';

const [release] = process.argv.slice(2);
const app = Fastify();
await app.register(coalmine);
snippet(app);
shop(app, { isBroken: release === 'canary' });
await app.listen({ host: '127.0.0.1', port: 0 });

// However the parent goes, its services go with it; Ctrl-C is for the parent to handle.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});

const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address());
process.send?.({ port });
