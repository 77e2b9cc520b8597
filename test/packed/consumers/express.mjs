import coalmine, { coalmine as named } from '@coalmine/express';
import express from 'express';

if (coalmine !== named) throw new Error('the exports differ');

const app = express();
app.use(coalmine());
app.get('/items/:id', (_request, response) => response.send('item'));
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  server.close();
  server.closeAllConnections();
});
