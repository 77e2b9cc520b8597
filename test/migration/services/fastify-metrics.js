import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import fastifyMetrics from 'fastify-metrics';
import { Registry } from 'prom-client';

const app = Fastify();
await app.register(coalmine, {
  registry: new Registry(),
  admin: { port: Number(process.env.ADMIN_PORT ?? 9464) },
  traffic: { exclude: { routes: ['/metrics'] } },
});
await app.register(fastifyMetrics.default, { endpoint: '/metrics' });

app.get('/items/:id', async ({ params: { id } }) => ({ id }));
app.get('/boom', async (_request, reply) => reply.code(500).send({ error: 'boom' }));

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`Listening on ${app.server.address().port}`);
