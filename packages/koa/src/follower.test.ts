import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp, createRouter, ROUTERS } from './fixtures/routers.js';
import { type Follower, follow, followersOf } from './follower.js';
import type { KoaContext, RoutedContext } from './koa.js';

/** A follower that notes the path of each layer that gets the request, and how many layers match by then. */
class Diary implements Follower {
  readonly following: Follower | undefined;
  readonly entries: string[] = [];

  constructor(following?: Follower) {
    this.following = following;
  }

  routed(context: RoutedContext, path: string | RegExp): void {
    this.entries.push(`${path} of ${context.matched?.length}`);
  }
}

type Context = KoaContext & { body: unknown; _matchedRoute?: unknown };

describe.each(ROUTERS)('a follower of a request to %s', (version) => {
  /** Returns the text of a response to `/items/1`. Each context is prepared first. */
  async function responseTo(prepare: (context: Context) => void): Promise<string> {
    const app = createApp();
    app.use(async (context, next) => {
      prepare(context as Context);
      await next();
    });
    const router = createRouter(version);
    router.use('/items', async (_: Context, next: () => Promise<unknown>) => next());
    router.get('/items/:id', (context: Context) => {
      context.body = String(context._matchedRoute);
    });
    app.use(router.routes());
    const server = createServer((app as unknown as { callback(): RequestListener }).callback()).listen(0);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}/items/1`);
    return response.text();
  }

  it('is told of each layer that gets the request, with the follower behind it', async () => {
    const second = new Diary();
    const first = new Diary(second);
    expect(await responseTo((context) => follow(context, first))).toBe('/items/:id');
    expect(first.entries.at(-1)).toBe('/items/:id of 2');
    expect(first.entries).toContain('/items of 2');
    expect(second.entries).toEqual(first.entries);
  });

  it('is told the same if other code has given the context a property of its own', async () => {
    const [plain, hidden] = [new Diary(), new Diary()];
    await responseTo((context) => follow(context, plain));
    await responseTo((context) => {
      Object.defineProperty(context, '_matchedRoute', { value: undefined, writable: true, configurable: true });
      follow(context, hidden);
    });
    expect(new Set(hidden.entries)).toEqual(new Set(plain.entries));
  });

  it('does not change a request without followers', async () => {
    const diary = new Diary();
    let count = 0;
    const prepare = (context: Context): void => {
      count += 1;
      if (count === 1) follow(context, diary);
      else expect(followersOf(context)).toBeUndefined();
    };
    await responseTo(prepare);
    const { length } = diary.entries;
    expect(await responseTo(prepare)).toBe('/items/:id');
    expect(diary.entries).toHaveLength(length);
  });
});
