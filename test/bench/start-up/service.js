// One contender in a new process with many routes. It reports how long it took to its first response.
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [framework, contender, routes] = process.argv.slice(2);
const isFastify = framework.startsWith('fastify');
const app = require(framework)();
await instrument();
for (let i = 0; i < Number(routes); i++) {
  if (isFastify) app.get(`/items${i}/:id`, async () => 'item');
  else app.get(`/items${i}/:id`, (_request, response) => response.send('item'));
}
const server = isFastify ? app.server : createServer(app);
if (isFastify) await app.listen({ host: '127.0.0.1', port: 0 });
else await once(server.listen(0, '127.0.0.1'), 'listening');
const [response] = await once(get({ host: '127.0.0.1', port: server.address().port, path: '/items7/1' }), 'response');
response.resume();
await once(response, 'end');
if (response.statusCode !== 200) throw new Error(`the first response is ${response.statusCode}`);
process.send({ ms: performance.now(), rss: process.memoryUsage.rss() });
process.on('disconnect', () => process.exit());

async function instrument() {
  if (contender === 'prom-client snippet') {
    const { Registry } = await import('prom-client');
    const { addToExpress, addToFastify } = await import('../usual-snippet.js');
    (isFastify ? addToFastify : addToExpress)(app, { registry: new Registry() });
  }
  if (contender === 'Coalmine' && isFastify) await app.register((await import('@coalmine/fastify')).default);
  if (contender === 'Coalmine' && !isFastify) app.use((await import('@coalmine/express')).coalmine());
}
