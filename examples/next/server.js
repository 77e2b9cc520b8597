import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { createInstrument, fail } from '@coalmine/node';
import next from 'next';
import { readRoutes } from './routes.js';

// @ts-expect-error The types of Next do not describe what an ES module imports from it.
const app = next({ dev: false, dir: import.meta.dirname });
await app.prepare();
const handle = app.getRequestHandler();

const instrument = createInstrument();
const { patterns, patternOf } = readRoutes(import.meta.dirname);
// Declares each page now, so that the page has its zeros before its first request.
for (const pattern of patterns) instrument.metrics.route('GET', pattern);

// Next reports errors to instrumentation.js, which has no access to the request of Node.
const requests = new AsyncLocalStorage();
globalThis.failRequest = (reason) => fail(requests.getStore(), { reason });

const listener = instrument.handler((request, response) => {
  const pattern = patternOf(request.url);
  if (pattern !== undefined) instrument.route(response, pattern);
  return requests.run(request, handle, request, response);
});

const server = createServer(listener).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});
server.on('close', () => app.close());
