import { coalmine } from '@coalmine/express';
import { coalmineTrpc } from '@coalmine/trpc';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import express from 'express';

const { procedure, router: makeRouter } = initTRPC.create();
const router = makeRouter({
  // Without a number, tRPC responds with BAD_REQUEST: a mistake of the client, which is no failure of the service.
  item: procedure.input(readId).query(({ input: id }) => ({ id, name: `Item ${id}` })),
  // The client of this call alone gets a 500. The client of a batch with other calls gets a 207.
  boom: procedure.query(() => {
    throw new Error('boom');
  }),
});

const app = express();
const metered = coalmine();
app.use(metered);

app.use('/trpc', createExpressMiddleware(coalmineTrpc(metered.instrument, { router })));

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

/** Returns the id that a client sent, or throws. */
function readId(input) {
  if (typeof input !== 'number') throw new Error('an id is a number');
  return input;
}
