import coalmine, { coalmine as named } from '@coalmine/hono';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

if (coalmine !== named) throw new Error('the exports differ');

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
