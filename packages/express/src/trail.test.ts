import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { ExpressRequest, Next } from './express.js';
import { type Express, expressOf, VERSIONS } from './fixtures/express-of.js';
import { createMiddleware } from './middleware.js';
import { routeOptions } from './route-options.js';

type App = ReturnType<Express>;
type Handler = (request: ExpressRequest, response: ServerResponse, next: Next) => void;

const respond: Handler = (_, response) => void response.end('ok');
const pass: Handler = (_, __, next) => next();
const respondWith =
  (status: number): Handler =>
  (_, response) => {
    response.statusCode = status;
    response.end();
  };
const raise: Handler = (_, __, next) => next(new Error('broken'));
const handleError = (_: unknown, __: ExpressRequest, response: ServerResponse, ___: Next): void => {
  response.statusCode = 500;
  response.end();
};

describe.each(VERSIONS)('a request to %s is counted', (version) => {
  const express = expressOf(version);
  const opened: { close(): unknown }[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  /** Sends requests to an app, and returns where each of them is counted, or why it is excluded. */
  async function countsOf(prepare: (app: App) => void, ...paths: readonly string[]): Promise<readonly string[]> {
    const ends: string[] = [];
    const coalmine = createMiddleware({
      registry: new Registry(),
      health: false,
      telemetry: {
        start: () => ({
          begin: () => ({ context: undefined }),
          end: (_, { route, status, exclusion }) =>
            void ends.push(route === undefined ? `${exclusion?.reason} ${status}` : `${route.pattern} ${status}`),
          stop: () => {},
        }),
      },
    });
    const app = express();
    app.use(coalmine);
    prepare(app);
    const server = createServer(app as unknown as RequestListener).listen(0);
    opened.push(server, coalmine.instrument);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const [i, each] of paths.entries()) {
      const [path, method = 'GET'] = each.split(' ').reverse();
      const [response] = await once(httpRequest({ port, path, method, agent: false }).end(), 'response');
      response.resume();
      await vi.waitUntil(() => ends.length > i, { interval: 1 });
    }
    return ends;
  }

  it('on its route, from the first request on', async () => {
    const ends = await countsOf(
      (app) => {
        app.use(pass);
        app.get('/items/:id', respond);
        app.get('/items/:id/more', pass, respondWith(201));
      },
      '/items/1',
      '/items/2',
      '/items/2/more',
      'HEAD /items/1',
    );
    expect(ends).toEqual(['/items/:id 200', '/items/:id 200', '/items/:id/more 201', '/items/:id 200']);
  });

  it('on the route of a router, at each of its mounts', async () => {
    const ends = await countsOf(
      (app) => {
        const router = express.Router();
        router.get('/b', respond);
        app.use(['/a', '/c/:id'], router);
      },
      '/a/b',
      '/c/1/b',
    );
    expect(ends).toEqual(['/a/b 200', '/c/:id/b 200']);
  });

  it('on the route that responded, not on one that passed it on', async () => {
    const ends = await countsOf(
      (app) => {
        app.get('/items/:id', pass);
        app.get('/items/one', respond);
      },
      '/items/one',
      '/items/one',
      '/items/two',
    );
    expect(ends).toEqual(['/items/one 200', '/items/one 200', '(unmatched) 404']);
  });

  it('on the function that responded', async () => {
    const ends = await countsOf(
      (app) => {
        app.use('/login', respondWith(401));
        app.use('/files', express.static('/nowhere'));
        app.get('/files/:name', respond);
      },
      '/login/a',
      '/files/b',
    );
    expect(ends).toEqual(['/login 401', '/files/:name 200']);
  });

  it('on what raised its error, whichever handler responds', async () => {
    const ends = await countsOf(
      (app) => {
        app.get('/route', raise);
        app.use('/use', raise);
        app.use(handleError);
      },
      '/route',
      '/use',
      '/route',
    );
    expect(ends).toEqual(['/route 500', '/use 500', '/route 500']);
  });

  it('on what raised its error, if no handler responds', async () => {
    const silent = vi.spyOn(console, 'error').mockReturnValue();
    const ends = await countsOf((app) => app.get('/route', raise), '/route');
    silent.mockRestore();
    expect(ends).toEqual(['/route 500']);
  });

  it('on no route if nothing has responded, or the last function', async () => {
    expect(await countsOf((app) => app.get('/a', respond), '/b', '/b', 'POST /a')).toEqual(
      new Array(3).fill('(unmatched) 404'),
    );
    expect(await countsOf((app) => app.use(respondWith(404)), '/b')).toEqual(['(unmatched) 404']);
    expect(await countsOf((app) => app.use(respond), '/b')).toEqual(['/* 200']);
    expect(await countsOf((app) => app.use('/a', respondWith(404)), '/a/b')).toEqual(['/a 404']);
  });

  it('on what refuses it as a bad request, if its path can be decoded', async () => {
    const ends = await countsOf(
      (app) => {
        app.use('/login', respondWith(400));
        app.get('/route', respondWith(400));
      },
      '/login',
      '/route',
      '/login/%41',
    );
    expect(ends).toEqual(['/login 400', '/route 400', '/login 400']);
  });

  it('on no route if everything has passed it on, from the first request on', async () => {
    const prepare = (app: App): void => {
      const router = express.Router();
      router.get('/a', ((_, __, next) => next('router')) as Handler);
      router.get('/a', respond);
      app.use('/api', pass, router);
    };
    expect(await countsOf(prepare, '/api/b', '/api/b', '/api/a', 'OPTIONS /api/b')).toEqual(
      new Array(4).fill('(unmatched) 404'),
    );
    expect(await countsOf(prepare, '/api/a')).toEqual(['(unmatched) 404']);
    expect(await countsOf(prepare, 'OPTIONS /api/b')).toEqual(['(unmatched) 404']);
  });

  it('on the function that has called a router, once the router has given up', async () => {
    const ends = await countsOf(
      (app) => {
        const router = express.Router();
        router.get('/a', respond);
        app.use('/api', ((request, response, next) =>
          (router as unknown as Handler)(request, response, (error) =>
            error === undefined ? respondWith(202)(request, response, next) : next(error),
          )) as Handler);
      },
      '/api/b',
      '/api/a',
      '/api/b',
    );
    expect(ends).toEqual(['/api 202', '/api/a 200', '/api 202']);
  });

  it('on a route of a router of another copy of Express', async () => {
    const other = expressOf(version === 'express4' ? 'express50' : 'express4');
    const ends = await countsOf(
      (app) => {
        const router = other.Router();
        router.get('/b', respond);
        app.use('/other', router);
      },
      '/other/b',
      '/other/b',
    );
    expect(ends).toEqual(['/other/b 200', '/other/b 200']);
  });

  it('on the route behind an excluded one that has passed it on', async () => {
    const ends = await countsOf(
      (app) => {
        app.get('/items/:id', routeOptions(false), pass);
        app.get('/items/one', respond);
        app.use('/items/two', respond);
      },
      '/items/one',
      '/items/two',
      '/items/three',
      '/items/one',
    );
    expect(ends).toEqual(['/items/one 200', '/items/two 200', '(unmatched) 404', '/items/one 200']);
  });

  it('on no route if its path cannot be decoded', async () => {
    const silent = vi.spyOn(console, 'error').mockReturnValue();
    const ends = await countsOf(
      (app) => {
        app.use(pass);
        app.get('/items/:id', respond);
      },
      '/items/%E0%A4%A',
      '/items/%E0%A4%A',
    );
    silent.mockRestore();
    expect(ends).toEqual(['(unmatched) 400', '(unmatched) 400']);
  });

  it('on no route if a router has told its methods', async () => {
    const ends = await countsOf((app) => app.get('/a', respond), 'OPTIONS /a');
    expect(ends).toEqual(['(unmatched) 200']);
  });

  it('nowhere below options that exclude it, and outside of them as ever', async () => {
    const ends = await countsOf(
      (app) => {
        app.get('/own', routeOptions(false), respond);
        app.use('/in', routeOptions(false));
        app.get('/in/a', respond);
        app.get('/out', respond);
      },
      '/own',
      '/in/a',
      '/out',
    );
    expect(ends).toEqual(['route 200', 'route 200', '/out 200']);
  });

  it('nowhere if a function of the app has called the options', async () => {
    const exclude = routeOptions(false);
    const ends = await countsOf(
      (app) => {
        app.use('/in', ((request, response, next) => exclude(request, response, next)) as Handler);
        app.get('/in/a', respond);
        app.get('/out', respond);
      },
      '/in/a',
      '/out',
      '/in/b',
    );
    expect(ends).toEqual(['route 200', '/out 200', '(unmatched) 404']);
  });

  it('by its method if the options of a route differ by method', async () => {
    const ends = await countsOf(
      (app) => {
        app.route('/a').get(routeOptions(false), respond);
        const both = app.route('/b');
        both.get(routeOptions(false), respond);
        both.post(respond);
      },
      '/a',
      '/b',
      'HEAD /b',
      'POST /b',
    );
    expect(ends).toEqual(['route 200', 'route 200', 'route 200', '/b 200']);
  });
});
