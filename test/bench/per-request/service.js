// One contender on one framework, in its own process. It serves a round of requests for each message, and reports their cost.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Connection } from './connection.js';
import { CONTENDERS, loadFirst } from './contenders.js';

const require = createRequire(import.meta.url);
const [framework, contender] = process.argv.slice(2);
const CONNECTIONS = 8;
const ROUTES = 5;
const item = { id: 7, name: 'canary', colour: 'yellow' };

loadFirst(contender);
const { server, counted } = await (framework.startsWith('fastify') ? startFastify() : startExpress());
const connections = Array.from({ length: CONNECTIONS }, () => new Connection(server));

process.on('message', async ({ round, lost }) => {
  if (round !== undefined) process.send(await measure(round));
  if (lost !== undefined) process.send(await losses(lost));
});
process.on('disconnect', () => process.exit());
process.send('ready');

/** Serves a number of requests, a few in each turn of the event loop, as on sockets. */
async function measure(count) {
  const before = process.cpuUsage();
  for (let sent = 0; sent < count; sent += CONNECTIONS) {
    await Promise.all(connections.map((connection, i) => connection.send('GET', `/route${(sent + i) % ROUTES}/7`)));
    await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** Sends a number of requests of each kind. Returns how many of each kind the contender has not counted. */
async function losses(count) {
  const kinds = {
    'with a response': () => connections[0].send('GET', '/route0/7'),
    unmatched: () => connections[0].send('GET', '/nothing/here'),
    'that failed': () => connections[0].send('GET', '/broken'),
    'left by their client': () => new Connection(server).leave('/never'),
  };
  const lost = {};
  for (const [kind, send] of Object.entries(kinds)) {
    const before = await counted();
    for (let i = 0; i < count; i++) await send();
    await new Promise((resolve) => setTimeout(resolve, 50));
    lost[kind] = count - ((await counted()) - before);
  }
  return lost;
}

async function startFastify() {
  const app = require(framework)();
  const counted = await CONTENDERS.fastify[contender](app);
  for (let i = 0; i < ROUTES; i++) app.get(`/route${i}/:id`, async () => item);
  app.get('/never', () => new Promise(() => {}));
  app.get('/broken', async () => {
    throw new Error('broken');
  });
  await app.ready();
  return { server: app.server, counted };
}

async function startExpress() {
  const app = require(framework)();
  // Without this, the error handler of Express prints the stack of each error.
  app.set('env', 'test');
  const counted = await CONTENDERS.express[contender](app);
  for (let i = 0; i < ROUTES; i++) app.get(`/route${i}/:id`, (_request, response) => response.json(item));
  app.get('/never', () => {});
  app.get('/broken', () => {
    throw new Error('broken');
  });
  return { server: createServer(app), counted };
}
