const { coalmine, default: byDefault } = require('@coalmine/hono');
const { serve } = require('@hono/node-server');
const { Hono } = require('hono');

if (coalmine !== byDefault) throw new Error('the exports differ');

const app = new Hono();
app.use(coalmine(app));
app.get('/items/:id', (context) => context.text('item'));
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, async ({ port }) => {
  const url = `http://127.0.0.1:${port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  server.close();
  server.closeAllConnections();
});
