// This is a CommonJS module, because prometheus-api-metrics reads the module that requires it.
const { coalmine } = require('@coalmine/express');
const express = require('express');
const { Registry } = require('prom-client');
const apiMetrics = require('prometheus-api-metrics');

const app = express();
app.use(
  coalmine({
    registry: new Registry(),
    admin: { port: Number(process.env.ADMIN_PORT ?? 9464) },
    traffic: { exclude: { when: (request) => request.url === '/metrics' && 'scrape' } },
  }),
);
app.use(apiMetrics());

app.get('/items/:id', ({ params: { id } }, response) => {
  response.json({ id });
});
app.get('/boom', (_request, response) => {
  response.status(500).json({ error: 'boom' });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`Listening on ${server.address().port}`);
});
