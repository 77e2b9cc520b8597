const { coalmine, default: byDefault } = require('@coalmine/koa');
const Router = require('@koa/router');
const Koa = require('koa');

if (coalmine !== byDefault) throw new Error('the exports differ');

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
