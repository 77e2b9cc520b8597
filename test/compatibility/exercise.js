// A service on each framework, used in every way that depends on how a Node release handles sockets. Prints what was
// counted, as JSON. `node exercise.js [client]`. Plain JavaScript on the built packages, so that any supported Node can run it.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { createInstrument } from '@coalmine/node';
import express from 'express';
import Fastify from 'fastify';
import { WebSocketServer } from 'ws';

const { Registry } = await import(process.argv[2] ?? 'prom-client');

// Far enough apart that a busy machine does not confuse them.
const LATENCY = 2;
const PATIENCE = 5;
/** Milliseconds after which a client leaves, by what this means for the service. */
const LEAVES = { atOnce: 40, late: 3_500, failed: 6_000 };
const options = () => ({
  registry: new Registry(),
  warmup: false,
  objective: { latency: LATENCY, patience: PATIENCE },
});

/** The handlers by path, with a plain response of Node. */
const HANDLERS = {
  '/ok': (_request, response) => response.end('ok'),
  '/hang': () => {},
  '/stall': (_request, response) => response.write('some of it'),
  '/cut': (_request, response) => {
    response.write('some of it');
    setTimeout(() => response.destroy(), 20);
  },
  '/destroy': (_request, response) => response.destroy(),
  '/events': (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: one\n\n');
  },
  '/large': (_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024)),
};

const [fastify, onExpress, http, http2] = await Promise.all([overFastify(), overExpress(), overNode(), overHttp2()]);
process.stdout.write(JSON.stringify({ fastify, express: onExpress, 'node:http': http, 'node:http2': http2 }));
process.exit();

async function overFastify() {
  const app = Fastify();
  await app.register(coalmineFastify, options());
  for (const [path, handle] of Object.entries(HANDLERS)) {
    app.get(path, (request, reply) => {
      reply.hijack();
      handle(request.raw, reply.raw);
    });
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  return use(app.server, app.coalmine.metrics);
}

async function overExpress() {
  const app = express();
  const middleware = coalmineExpress(options());
  app.use(middleware);
  const router = express.Router();
  for (const [path, handle] of Object.entries(HANDLERS)) router.get(path, handle);
  app.use('/', router);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return use(server, middleware.instrument.metrics);
}

async function overNode() {
  const instrument = createInstrument(options());
  const server = createServer(
    instrument.handler((request, response) => {
      instrument.route(response, request.url);
      HANDLERS[request.url](request, response);
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return use(server, instrument.metrics);
}

async function use(server, metrics) {
  const { port } = server.address();
  for (const path of ['/ok', '/cut', '/destroy']) await get(port, path);
  for (const after of Object.values(LEAVES)) await get(port, '/hang', after);
  await get(port, '/stall', LEAVES.atOnce);
  await get(port, '/stall', LEAVES.late);
  await get(port, '/events', LEAVES.atOnce);
  await get(port, '/large', LEAVES.atOnce, true);
  await pipelineAndLeave(port);
  const sockets = new WebSocketServer({ server });
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==',
  ];
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /live HTTP/1.1\r\nHost: x\r\n${upgrade.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  sockets.close();
  return settled(metrics);
}

async function pipelineAndLeave(port) {
  const socket = connect(port, '127.0.0.1');
  const headers = ['Expect: 100-continue\r\n', ''];
  socket.write(headers.map((more) => `GET /hang HTTP/1.1\r\nHost: x\r\n${more}\r\n`).join(''));
  await once(socket, 'data');
  await delay(LEAVES.atOnce);
  socket.destroy();
}

async function overHttp2() {
  const instrument = createInstrument(options());
  const server = createHttp2Server(
    instrument.handler((request, response) => {
      instrument.route(response, request.url);
      if (request.url === '/cut') {
        response.write('some of it');
        setTimeout(() => response.stream.destroy(), 20);
      } else HANDLERS[request.url](request, response);
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${server.address().port}`);
  const visit = async (path, leaveAfter) => {
    const stream = session.request({ ':path': path });
    stream.on('error', () => {});
    stream.resume();
    if (leaveAfter !== undefined) setTimeout(() => stream.close(8), leaveAfter);
    await new Promise((resolve) => stream.on('close', resolve));
  };
  await visit('/ok');
  await visit('/cut');
  for (const after of Object.values(LEAVES)) await visit('/hang', after);
  await visit('/stall', LEAVES.atOnce);
  await visit('/events', LEAVES.atOnce);
  return settled(instrument.metrics);
}

/** Sends a GET on a new connection. The client may leave after the server has the request, or may never read. */
async function get(port, path, leaveAfter, isDeaf = false) {
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false });
  const closed = new Promise((resolve) => request.on('close', resolve));
  request.on('error', () => {});
  request.on('response', (response) => {
    response.on('error', () => {});
    if (!isDeaf) response.resume();
  });
  if (leaveAfter !== undefined) {
    // Node sends `100 Continue` right before it hands the request to its listeners.
    request.setHeader('expect', '100-continue');
    request.once('continue', () => setTimeout(() => request.destroy(), leaveAfter));
  }
  request.end();
  await closed;
}

async function settled(metrics) {
  for (let i = 0; i < 200 && [...metrics.inFlight()].length > 0; i++) await delay(10);
  const text = await metrics.registry.metrics();
  const read = (name) =>
    Object.fromEntries(
      [
        ...text.matchAll(new RegExp(`^${name}\\{(?:.*?,)?route="([^"]*)",status_code="(\\d+)"\\} ([1-9]\\d*)$`, 'gm')),
      ].map(([, route, status, value]) => [`${route} ${status}`, Number(value)]),
    );
  return { requests: read('http_requests_total'), observed: read('http_request_duration_seconds_count') };
}
