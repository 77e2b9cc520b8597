// Nest on Fastify, of the version in NEST_VERSION, with shutdown hooks.
import 'reflect-metadata';
import { CoalmineModule } from '@coalmine/nest';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ended, listening, work } from './work.mjs';

class AppModule {
  onApplicationShutdown() {
    ended();
  }
}
Module({ imports: [CoalmineModule.forRoot()] })(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
app.enableShutdownHooks();
app.getHttpAdapter().getInstance().get('/work/:ms', work);
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());
