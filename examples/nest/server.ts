import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { CoalmineModule, Route } from '@coalmine/nest';
import {
  Body,
  Controller,
  Get,
  type MessageEvent,
  Module,
  Param,
  Post,
  Sse,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { interval, map, type Observable, startWith } from 'rxjs';

const loggedIn = {
  canActivate() {
    throw new UnauthorizedException();
  },
};

@Controller('items')
class ItemsController {
  @Get(':id')
  item(@Param('id') id: string): object {
    return { id, name: `Item ${id}` };
  }

  @Post()
  add(@Body() created: object): object {
    return { created };
  }
}

@Controller()
class ShopController {
  // Slower than the objective of 0.5 s.
  @Get('slow')
  async slow(): Promise<object> {
    await delay(700);
    return { waited: 'too long' };
  }

  // Just as slow, but within the route's own objective.
  @Get('report')
  @Route({ objective: { latency: 2.5 } })
  async report(): Promise<object> {
    await delay(700);
    return { rows: [] };
  }

  @Get('boom')
  boom(): never {
    throw new Error('boom');
  }

  @Get('account')
  @UseGuards(loggedIn)
  account(): object {
    return {};
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(1_000).pipe(
      startWith(0),
      map((tick) => ({ data: String(tick) })),
    );
  }
}

@Module({
  imports: [CoalmineModule.forRoot()],
  controllers: [ItemsController, ShopController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.setGlobalPrefix('api');
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);
