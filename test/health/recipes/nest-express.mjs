// Nest on Express, of the version that the argument names, with shutdown hooks.
import { coalmine } from '@coalmine/express';
import { ended, listening, work } from './work.mjs';

const { Module, NestFactory } = await import(`../nest/${process.argv[2]}/nest.mjs`);
class AppModule {
  onApplicationShutdown() {
    ended();
  }
}
Module({})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.use(coalmine());
app.enableShutdownHooks();
app.getHttpAdapter().get('/work/:ms', async (request, response) => void response.send(await work(request)));
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());
