// Does what users' tests do in Jest: apps of each framework with supertest, copies of modules, fake timers.
const { once } = require('node:events');
const { Registry } = require('prom-client');
const request = require('supertest');

/** Returns what a registry has counted, as `route status`. */
async function countedIn(registry) {
  const [requests] = (await registry.getMetricsAsJSON()).filter(({ name }) => name === 'http_requests_total');
  const counted = requests.values.filter(({ value }) => value > 0);
  return Object.fromEntries(counted.map(({ labels, value }) => [`${labels.route} ${labels.status_code}`, value]));
}

/** Returns an Express app, and a function that ends it. */
function expressApp(registry, options) {
  const { coalmine } = require('@coalmine/express');
  const express = require('express');
  const app = express();
  const metered = coalmine({ registry, warmup: false, ...options });
  app.use(metered);
  app.get('/items/:id', (_request, response) => response.send('item'));
  return { app, close: () => metered.instrument.close() };
}

const COUNTED = { '/items/:id 200': 1, '(unmatched) 404': 1 };

afterEach(() => jest.useRealTimers());

test('supertest asks an Express app without a server', async () => {
  const registry = new Registry();
  const { app, close } = expressApp(registry);
  await request(app).get('/items/7').expect(200, 'item');
  await request(app).get('/nowhere').expect(404);
  await request(app).get('/livez').expect(200);
  expect(await countedIn(registry)).toEqual(COUNTED);
  await close();
});

test('supertest asks a Fastify app', async () => {
  const registry = new Registry();
  const app = require('fastify')();
  await app.register(require('@coalmine/fastify'), { registry, warmup: false });
  app.get('/items/:id', async () => 'item');
  await app.ready();
  await request(app.server).get('/items/7').expect(200, 'item');
  await request(app.server).get('/nowhere').expect(404);
  await request(app.server).get('/livez').expect(200);
  expect(await countedIn(registry)).toEqual(COUNTED);
  await app.close();
});

test('a testing module of Nest has Coalmine from app.init() on, and an application context has no instrument', async () => {
  const { CoalmineHost, CoalmineModule } = require('@coalmine/nest');
  const { Controller, Get, Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const { Test } = require('@nestjs/testing');
  class Items {
    one() {
      return 'item';
    }
  }
  Get(':id')(Items.prototype, 'one', Object.getOwnPropertyDescriptor(Items.prototype, 'one'));
  Controller('items')(Items);
  class AppModule {}
  const registry = new Registry();
  Module({ imports: [CoalmineModule.forRoot({ registry, warmup: false })], controllers: [Items] })(AppModule);

  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = testing.createNestApplication();
  expect(app.get(CoalmineHost).instrument).toBeUndefined();
  await app.init();
  expect(app.get(CoalmineHost).instrument).toBeDefined();
  await request(app.getHttpServer()).get('/items/7').expect(200, 'item');
  await request(app.getHttpServer()).get('/nowhere').expect(404);
  await request(app.getHttpServer()).get('/livez').expect(200);
  expect(await countedIn(registry)).toEqual(COUNTED);
  await app.close();

  const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
  expect(context.get(CoalmineHost).instrument).toBeUndefined();
  await context.close();
});

test('Nest refuses options that are invalid, and says which', async () => {
  const { CoalmineModule, Route } = require('@coalmine/nest');
  const { Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const refusalOf = async (imported) => {
    class AppModule {}
    Module({ imports: [imported] })(AppModule);
    return NestFactory.create(AppModule, { logger: false, abortOnError: false }).catch((error) => error);
  };
  expect(await refusalOf(CoalmineModule.forRoot({ objective: { latency: 'fast' } }))).toMatchObject({
    code: 'COALMINE_INVALID_OPTION',
    message: expect.stringMatching(/^objective\.latency must be .*, got "fast"$/),
  });
  const later = CoalmineModule.forRootAsync({ useFactory: async () => ({ admin: { port: -1 } }) });
  expect(await refusalOf(later)).toMatchObject({ message: expect.stringMatching(/^admin\.port must be .*, got -1$/) });
  expect(() => CoalmineModule.forRootAsync({ useClass: class {} })).toThrow(
    'forRootAsync.useFactory must be a function',
  );
  expect(() => Route({ objective: { latency: 0 } })).toThrow(/^objective\.latency must be .*, got 0$/);
});

test('copies of Coalmine share the series of a registry', async () => {
  const registry = new Registry();
  for (const id of [1, 2]) {
    jest.resetModules();
    const { app, close } = expressApp(registry);
    await require('supertest')(app).get(`/items/${id}`).expect(200);
    await close();
  }
  expect(await countedIn(registry)).toEqual({ '/items/:id 200': 2 });
});

test('no request waits for a timer that is fake', async () => {
  jest.useFakeTimers();
  const registry = new Registry();
  const { app, close } = expressApp(registry, { health: { checks: { db: async () => {} } } });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = async (path) => (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).status;
  expect(await ask('/items/7')).toBe(200);
  expect(await ask('/livez')).toBe(200);
  expect(await ask('/metrics')).toBe(200);
  expect(await countedIn(registry)).toEqual({ '/items/:id 200': 1 });
  await close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
