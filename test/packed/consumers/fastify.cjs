const Fastify = require('fastify');
const { default: coalmine, CoalmineError } = require('@coalmine/fastify');

async function main() {
  if (typeof CoalmineError !== 'function') throw new Error('the exports differ');
  const app = Fastify();
  // The whole module, which many users register, and its default export are the same plugin.
  await app.register(require('@coalmine/fastify'));
  await app.register(coalmine);
  app.get('/items/:id', async () => 'item');
  await app.inject('/items/1');
  process.stdout.write((await app.inject('/metrics')).body);
}

main();
