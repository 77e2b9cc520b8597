import { coalmine } from '@coalmine/express';
import express from 'express';
import promBundle from 'express-prom-bundle';
import { Registry } from 'prom-client';

const app = express();
app.use(
  coalmine({
    registry: new Registry(),
    admin: { port: Number(process.env.ADMIN_PORT ?? 9464) },
    traffic: { exclude: { when: (request) => request.url === '/metrics' && 'scrape' } },
  }),
);
app.use(promBundle({ includeMethod: true, includePath: true }));

app.get('/items/:id', ({ params: { id } }, response) => {
  response.json({ id });
});
app.get('/boom', (_request, response) => {
  response.status(500).json({ error: 'boom' });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`Listening on ${server.address().port}`);
});
