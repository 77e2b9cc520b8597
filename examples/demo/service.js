// One release of the shop, in a process of its own: `node service.js <release>`. Sends its port to its parent.
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { emptyCache } from './cache.js';
import { filters } from './filters.js';
import { shop } from './shop.js';
import { snippet } from './snippet.js';

const BUGS = { canary: ['gift card', 'report', 'item 13'], probed: ['item 13'], held: ['every 25th item'] };

const [release] = process.argv.slice(2);
const app = Fastify();
await app.register(coalmine, filters(release));
snippet(app);
shop(app, { bugs: new Set(BUGS[release]), cache: release === 'cold' ? emptyCache() : undefined });
await app.listen({ host: '127.0.0.1', port: 0 });

// The service ends with its parent, however the parent ends. The parent handles Ctrl-C.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});

const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address());
process.send?.({ port });
