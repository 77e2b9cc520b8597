// close-with-grace, as the command line of Fastify writes it into an app.
import coalmine from '@coalmine/fastify';
import closeWithGrace from 'close-with-grace';
import Fastify from 'fastify';
import { ended, listening, work } from './work.mjs';

const app = Fastify();
await app.register(coalmine);
closeWithGrace(async ({ err }) => {
  if (err) app.log.error(err);
  await app.close();
  ended();
});
app.get('/work/:ms', work);
await app.listen({ host: '127.0.0.1', port: 0 });
listening(app.server);
