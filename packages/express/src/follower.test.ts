import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExpressRequest, ExpressRoute } from './express.js';
import { expressOf, VERSIONS } from './fixtures/express-of.js';
import { type Follower, follow, followersOf, forget, prepareApp } from './follower.js';

/** A follower that notes what it is told. */
class Diary implements Follower {
  readonly following: Follower | undefined;
  readonly exchange = {};
  readonly entries: string[] = [];
  route: ExpressRoute | undefined;

  constructor(following?: Follower) {
    this.following = following;
  }

  enterRouter: Follower['enterRouter'] = (_, done) => {
    this.entries.push('router');
    return (error) => {
      this.entries.push('router is done');
      return done(error);
    };
  };
  enterRoute: Follower['enterRoute'] = (route) => {
    this.entries.push(`route ${route.path}`);
  };
  enterLayer: Follower['enterLayer'] = ({ route, name }, _, next) => {
    this.entries.push(route === undefined ? `function ${name}` : `layer of ${route.path}`);
    return next;
  };
  giveUp = (): void => {
    this.entries.push('gives up');
  };
  mark = (): void => {};
  setFinalRoute = (): void => {};
}

/** Serves an app, and returns the text of its response to a path. */
async function responseOf(app: RequestListener, path: string): Promise<string> {
  const server = createServer(app).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`);
  return response.text();
}

describe.each(VERSIONS)('a follower of a request of %s', (version) => {
  const express = expressOf(version);

  /** Serves an app, every request of which is followed from its first function on. */
  function appWith(...diaries: readonly Diary[]) {
    const app = express();
    const [first] = diaries;
    app.use(function start(request: ExpressRequest, _: unknown, next: () => void) {
      if (first !== undefined) follow(request, first);
      next();
    });
    prepareApp(app);
    return app;
  }

  it('is told of each function, router and route that gets the request, in order', async () => {
    const diary = new Diary();
    const app = appWith(diary);
    const router = express.Router();
    router.use(function login(_: unknown, __: unknown, next: () => void) {
      next();
    });
    router.get('/items/:id', (_: unknown, response: { end(text: string): void }) => response.end('an item'));
    app.use('/api', router);
    expect(await responseOf(app as unknown as RequestListener, '/api/items/1')).toBe('an item');
    expect(diary.entries).toEqual([
      'function router',
      'router',
      'function login',
      'route /items/:id',
      'layer of /items/:id',
      // The route assigns itself once more.
      'route /items/:id',
    ]);
    expect(diary.route?.path).toBe('/items/:id');
  });

  it('is told when a router passes the request on, and when the app gives up because of an error', async () => {
    const diary = new Diary();
    const app = appWith(diary);
    app.use('/api', express.Router());
    expect(await responseOf(app as unknown as RequestListener, '/api/gone')).toContain('Cannot GET /api/gone');
    expect(diary.entries).toEqual(['function router', 'router', 'router is done']);

    const other = new Diary();
    const failing = appWith(other);
    failing.use(function broken(_: unknown, __: unknown, next: (error: Error) => void) {
      next(Object.assign(new Error('broken'), { status: 500, stack: '' }));
    });
    await responseOf(failing as unknown as RequestListener, '/');
    expect(other.entries).toEqual(['function broken', 'gives up']);
  });

  it('is told together with the follower behind it', async () => {
    const second = new Diary();
    const first = new Diary(second);
    const app = appWith(first);
    app.get('/a', (_: unknown, response: { end(): void }) => response.end());
    await responseOf(app as unknown as RequestListener, '/a');
    expect(first.entries).toEqual(['route /a', 'layer of /a', 'route /a']);
    expect(second.entries).toEqual(first.entries);
  });

  it('is not told of a value that is no route', async () => {
    const diary = new Diary();
    const app = appWith(diary);
    app.use(function naming(request: { route: unknown }, response: { end(text: string): void }) {
      request.route = { path: '/mine' };
      response.end(JSON.stringify(request.route));
    });
    expect(await responseOf(app as unknown as RequestListener, '/a')).toBe('{"path":"/mine"}');
    expect(diary.entries).toEqual(['function naming']);
  });

  it('changes neither a request without followers nor the names of the methods', async () => {
    const app = appWith();
    app.get('/a', (request: ExpressRequest & { route: ExpressRoute }, response: { end(text: string): void }) =>
      response.end(`${request.route.path} ${Object.keys(request).includes('route')}`),
    );
    expect(await responseOf(app as unknown as RequestListener, '/a')).toBe('/a true');
    const { handle } = Object.getPrototypeOf(express.Router()) as { handle?: { name: string } };
    expect(['handle', 'router', '']).toContain(handle?.name);
  });
});

it('the followers of a request are found until it is over, also after those of another request', () => {
  const [one, other] = [{}, {}];
  const [first, second] = [new Diary(), new Diary()];
  expect(followersOf(one)).toBeUndefined();
  follow(one, first);
  follow(other, second);
  expect([followersOf(one), followersOf(other), followersOf({})]).toEqual([first, second, undefined]);
  forget(one);
  forget(other);
  expect([followersOf(one), followersOf(other)]).toEqual([first, second]);
});
