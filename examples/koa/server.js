import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/koa';
import Router from '@koa/router';
import Koa from 'koa';

const app = new Koa();
app.use(coalmine()); // before any other `app.use(…)`

app.use(async (context, next) => {
  try {
    await next();
    if (context.status === 404) context.throw(404);
  } catch (error) {
    const { status = error instanceof SyntaxError ? 400 : 500 } = /** @type {{ status?: number }} */ (error);
    context.status = status;
    context.body = { error: STATUS_CODES[context.status] };
  }
});

const router = new Router();

router.get('/items/:id', (context) => {
  const { id } = context.params;
  context.body = { id, name: `Item ${id}` };
});

router.post('/items', async (context) => {
  context.body = { created: await json(context.req) };
  context.status = 201;
});

// Slower than the objective of 0.5 s.
router.get('/slow', async (context) => {
  await delay(700);
  context.body = { waited: 'too long' };
});

router.get('/boom', () => {
  throw new Error('boom');
});

// A bug that most metrics never show: the handler never responds.
router.get('/hang', () => new Promise(() => {}));

router.get('/events', (context) => {
  context.type = 'text/event-stream';
  context.body = Readable.from(ticks());
});

app.use(router.routes());
// A client that leaves ends the ticks. This is no error of the service.
app.on('error', (error) => {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(error);
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});

async function* ticks() {
  for (let tick = 1; ; tick++) {
    yield `data: ${tick}\n\n`;
    await delay(1_000);
  }
}
