const { CoalmineModule } = require('@coalmine/nest');
const { Controller, Get, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

// The helper that TypeScript's decorators call.
class ItemsController {
  item() {
    return 'item';
  }
}
const { prototype } = ItemsController;
Get(':id')(prototype, 'item', Object.getOwnPropertyDescriptor(prototype, 'item'));
Controller('items')(ItemsController);

class AppModule {}
Module({ imports: [CoalmineModule.forRoot()], controllers: [ItemsController] })(AppModule);

serve();

async function serve() {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${app.getHttpServer().address().port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  app.getHttpServer().closeAllConnections();
  await app.close();
}
