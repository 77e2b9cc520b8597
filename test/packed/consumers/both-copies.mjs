// A process that loads the ESM and the CommonJS copy has one set of metrics, and counts a request once.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInstrument } from '@coalmine/node';

const other = createRequire(import.meta.url)('@coalmine/node');
if (other.createInstrument === createInstrument) throw new Error('there is only one copy');
const [outer, inner] = [createInstrument(), other.createInstrument()];
const handler = inner.handler((_request, response) => {
  inner.route(response, '/items/:id');
  response.end('item');
});
const server = createServer(outer.handler(handler));
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  server.close();
  server.closeAllConnections();
});
