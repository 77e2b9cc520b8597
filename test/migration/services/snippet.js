import { coalmine } from '@coalmine/express';
import express from 'express';
import { Counter, Histogram, Registry, register } from 'prom-client';

const labelNames = ['method', 'route', 'status_code'];
const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames });
const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Durations', labelNames });

const app = express();
app.use(
  coalmine({
    registry: new Registry(),
    admin: { port: Number(process.env.ADMIN_PORT ?? 9464) },
    traffic: { exclude: { routes: ['/metrics'] } },
  }),
);
app.use((request, response, next) => {
  const end = duration.startTimer();
  response.on('finish', () => {
    const labels = { method: request.method, route: request.route?.path, status_code: response.statusCode };
    requests.inc(labels);
    end(labels);
  });
  next();
});

app.get('/items/:id', ({ params: { id } }, response) => {
  response.json({ id });
});
app.get('/boom', (_request, response) => {
  response.status(500).json({ error: 'boom' });
});
app.get('/metrics', async (_request, response) => {
  response.type(register.contentType).send(await register.metrics());
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`Listening on ${server.address().port}`);
});
