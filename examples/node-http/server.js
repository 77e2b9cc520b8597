import { createServer, STATUS_CODES } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createInstrument } from '@coalmine/node';

const instrument = createInstrument();

const routes = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, path) => ({ id: path[2], name: `Item ${path[2]}` }) },
  { method: 'POST', pattern: '/items', status: 201, handle: async (request) => ({ created: await json(request) }) },
  // Slower than the objective of 0.5 s.
  { method: 'GET', pattern: '/slow', handle: () => delay(700, { waited: 'too long' }) },
  { method: 'GET', pattern: '/boom', handle: () => Promise.reject(new Error('boom')) },
  // A bug that most metrics never show: the handler never responds.
  { method: 'GET', pattern: '/hang', handle: () => new Promise(() => {}) },
  { method: 'GET', pattern: '/events', handle: () => Readable.from(ticks()) },
];
// Declares each route now, so that the route has its zeros before its first request.
for (const { method, pattern } of routes) instrument.metrics.route(method, pattern);

const listener = instrument.handler(async (request, response) => {
  const path = (request.url ?? '').split('?', 1)[0].split('/');
  const route = routes.find(({ method, pattern }) => method === request.method && isMatch(pattern.split('/'), path));
  if (route === undefined) return send(response, 404, { error: STATUS_CODES[404] });
  instrument.route(response, route.pattern);
  try {
    send(response, route.status ?? 200, await route.handle(request, path));
  } catch (error) {
    const status = error instanceof SyntaxError ? 400 : 500;
    send(response, status, { error: STATUS_CODES[status] });
  }
});

const server = createServer(listener).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});

function isMatch(pattern, path) {
  return pattern.length === path.length && pattern.every((part, i) => part.startsWith(':') || part === path[i]);
}

function send(response, status, body) {
  const isStream = body instanceof Readable;
  response.writeHead(status, { 'content-type': isStream ? 'text/event-stream' : 'application/json; charset=utf-8' });
  // A client that leaves ends the stream. This is no error of the service.
  if (isStream) pipeline(body, response, () => {});
  else response.end(JSON.stringify(body));
}

async function* ticks() {
  for (let tick = 1; ; tick++) {
    yield `data: ${tick}\n\n`;
    await delay(1_000);
  }
}
