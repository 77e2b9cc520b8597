import { CoalmineModule } from '@coalmine/nest';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

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

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const url = `http://127.0.0.1:${app.getHttpServer().address().port}`;
await (await fetch(`${url}/items/1`)).text();
process.stdout.write(await (await fetch(`${url}/metrics`)).text());
app.getHttpServer().closeAllConnections();
await app.close();
