// The same service with one setup: `node service.cjs <setup> <framework> <number of routes>`. Sends its port to its parent.
const [setup, framework, routes] = process.argv.slice(2);
// OpenTelemetry instruments only modules that are loaded after it.
const { setUp } = require(`./setups/${setup}.cjs`);
const { Counter } = require('prom-client');

const PATHS = Array.from({ length: Number(routes) }, (_, i) => `/shop/${[i / 676, i / 26, i].map(letter).join('')}`);
// Without a warm-up, the durations of the pod are visible at once.
const options = PATHS.length > 0 ? { warmup: false } : {};
const METHODS = { get: 200, post: 200, put: 200, delete: 500 };

new Counter({ name: 'shop_orders_total', help: 'A metric of the app' }).inc();
void { express: onExpress, fastify: onFastify }[framework]();
process.on('disconnect', () => process.exit());

async function onExpress() {
  const express = require('express');
  const app = express();
  await setUp(app, options);
  const items = express.Router();
  items.get('/items/:id', (_request, response) => response.send('item'));
  app.use('/api', items);
  app.get('/boom', (_request, response) => response.status(500).send('boom'));
  app.get('/hang', () => {});
  app.get('/cut', (_request, response) => cut(response));
  for (const path of PATHS) {
    for (const [method, status] of Object.entries(METHODS)) {
      app[method](path, (request, response) => response.status('missing' in request.query ? 404 : status).send('item'));
    }
  }
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, paths: PATHS }));
}

async function onFastify() {
  const app = require('fastify')();
  await setUp(app, options);
  await app.register(async (api) => api.get('/items/:id', async () => 'item'), { prefix: '/api' });
  app.get('/boom', async (_request, reply) => reply.code(500).send('boom'));
  app.get('/hang', () => {});
  app.get('/cut', (_request, reply) => {
    reply.hijack();
    cut(reply.raw);
  });
  for (const url of PATHS) {
    for (const [method, status] of Object.entries(METHODS)) {
      const handler = async ({ query }, reply) => reply.code('missing' in query ? 404 : status).send('item');
      app.route({ method: method.toUpperCase(), url, handler });
    }
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send({ port: app.server.address().port, paths: PATHS });
}

/** Breaks a response off in the middle of its body, like a service that fails there. */
function cut(response) {
  response.writeHead(200, { 'content-length': 100 });
  response.write('some of it');
  setTimeout(() => response.destroy(), 20);
}

function letter(i) {
  return String.fromCharCode(97 + (i % 26));
}
