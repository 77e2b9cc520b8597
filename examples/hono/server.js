import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/hono';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';

const app = new Hono();
app.use(coalmine(app)); // before any other `app.use(…)`

app.get('/items/:id', (context) => {
  const id = context.req.param('id');
  return context.json({ id, name: `Item ${id}` });
});

app.post('/items', async (context) => context.json({ created: await context.req.json() }, 201));

// Slower than the objective of 0.5 s.
app.get('/slow', async (context) => {
  await delay(700);
  return context.json({ waited: 'too long' });
});

app.get('/boom', () => {
  throw new Error('boom');
});

// A bug that most metrics never show: the handler never responds.
app.get('/hang', () => new Promise(() => {}));

app.get('/events', (context) =>
  streamSSE(context, async (stream) => {
    for (let tick = 1; !stream.aborted; tick++) {
      await stream.writeSSE({ data: String(tick) });
      await delay(1_000);
    }
  }),
);

app.notFound((context) => context.json({ error: STATUS_CODES[404] }, 404));

app.onError((error, context) => {
  const status = error instanceof SyntaxError ? 400 : 500;
  return context.json({ error: STATUS_CODES[status] }, status);
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}`);
});
