// Nest on Fastify, of the version that the argument names, with shutdown hooks.
import coalmine from '@coalmine/fastify';
import { ended, listening, work } from './work.mjs';

const { FastifyAdapter, Module, NestFactory } = await import(`../nest/${process.argv[2]}/nest.mjs`);
class AppModule {
  onApplicationShutdown() {
    ended();
  }
}
Module({})(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await app.register(coalmine);
app.enableShutdownHooks();
app.getHttpAdapter().getInstance().get('/work/:ms', work);
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());
