import { STATUS_CODES } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/express';
import express from 'express';

const app = express();
app.use(coalmine()); // after `app.set(…)`, before any other `app.use(…)`

app.get('/items/:id', ({ params: { id } }, response) => {
  response.json({ id, name: `Item ${id}` });
});

app.post('/items', express.json(), ({ body }, response) => {
  response.status(201).json({ created: body });
});

// Slower than the objective of 0.5 s.
app.get('/slow', async (_request, response) => {
  await delay(700);
  response.json({ waited: 'too long' });
});

app.get('/boom', () => {
  throw new Error('boom');
});

// A bug that most metrics never show: the handler never responds.
app.get('/hang', () => {});

app.get('/events', (_request, response) => {
  response.type('text/event-stream');
  // A client that leaves ends the ticks. This is no error of the service.
  pipeline(Readable.from(ticks()), response, () => {});
});

app.use((_request, response) => {
  response.status(404).json({ error: STATUS_CODES[404] });
});

app.use(({ status = 500 }, _request, response, _next) => {
  response.status(status).json({ error: STATUS_CODES[status] });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

async function* ticks() {
  for (let tick = 1; ; tick++) {
    yield `data: ${tick}\n\n`;
    await delay(1_000);
  }
}
