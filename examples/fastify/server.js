import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';

const app = Fastify();
await app.register(coalmine);

app.get('/items/:id', async (request) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  return { id, name: `Item ${id}` };
});

app.post('/items', async ({ body }, reply) => {
  reply.code(201);
  return { created: body };
});

// Slower than the objective of 0.5 s.
app.get('/slow', async () => {
  await delay(700);
  return { waited: 'too long' };
});

app.get('/boom', async () => {
  throw new Error('boom');
});

// A bug that most metrics never show: the handler never responds.
app.get('/hang', () => new Promise(() => {}));

app.get('/events', (_request, reply) => reply.type('text/event-stream').send(Readable.from(ticks())));

app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: STATUS_CODES[404] }));

app.setErrorHandler((/** @type {Error & { statusCode?: number }} */ { statusCode = 500 }, _request, reply) =>
  reply.code(statusCode).send({ error: STATUS_CODES[statusCode] }),
);

console.log(`Listening on ${await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) })}`);

async function* ticks() {
  for (let tick = 1; ; tick++) {
    yield `data: ${tick}\n\n`;
    await delay(1_000);
  }
}
