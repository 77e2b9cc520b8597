import coalmine, { coalmine as named } from '@coalmine/koa';
import Router from '@koa/router';
import Koa from 'koa';

if (coalmine !== named) throw new Error('the exports differ');

const app = new Koa();
app.use(coalmine());
const router = new Router();
router.get('/items/:id', (context) => {
  context.body = 'item';
});
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  server.close();
  server.closeAllConnections();
});
