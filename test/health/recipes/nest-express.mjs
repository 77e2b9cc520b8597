// Nest on Express, of the version in NEST_VERSION, with shutdown hooks.
import 'reflect-metadata';
import { CoalmineModule } from '@coalmine/nest';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ended, listening, work } from './work.mjs';

class AppModule {
  onApplicationShutdown() {
    ended();
  }
}
Module({ imports: [CoalmineModule.forRoot()] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks();
app.getHttpAdapter().get('/work/:ms', async (request, response) => void response.send(await work(request)));
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());
