// An app that closes itself at SIGTERM, and then ends the process.
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { ended, listening, work } from './work.mjs';

const app = Fastify();
await app.register(coalmine);
process.once('SIGTERM', async () => {
  await app.close();
  ended();
  process.exit(0);
});
app.get('/work/:ms', work);
await app.listen({ host: '127.0.0.1', port: 0 });
listening(app.server);
