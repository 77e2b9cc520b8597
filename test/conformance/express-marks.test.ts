import { setTimeout as delay } from 'node:timers/promises';
import { coalmine } from '@coalmine/express';
import type { NextFunction, Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { openRaw, send } from '../support/client.js';
import { type Exposition, scrape, scrapeUntil } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { type Build, countedOf, createApp, pass, respond, zerosOf } from './express-app.js';
import { EXPRESS_VERSIONS, serveExpress } from './frameworks.js';

interface Case {
  readonly name: string;
  readonly build: Build;
  readonly requests: readonly string[];
  readonly counted: Record<string, number>;
  readonly excluded?: Record<string, number>;
}

const fail = (): void => {
  throw new Error('a fault of the app');
};
const sorry = (_error: unknown, _request: Request, response: Response, _next: NextFunction): void =>
  void response.status(500).send('sorry');

// Requests below the mark are excluded. All other failures count, however the request was written.
const CASES: readonly Case[] = [
  {
    name: 'a catch-all behind the part that is left out',
    build(app, express) {
      app.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)));
      app.use(respond(503));
    },
    requests: [
      '/internal/jobs',
      '/internal/../checkout',
      '/INTERNAL/%2e%2e/checkout',
      '/Internal//checkout',
      '/internal',
      '/internal/nope',
      'POST /internal/jobs',
    ],
    counted: { 'GET /* 503': 5, 'POST /* 503': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'an error that the part has left to others, which recover from it',
    build(app) {
      app.use('/internal', coalmine.route(false), (_request, _response, next) => next(new Error('not mine')));
      app.use((_error: unknown, _request: Request, _response: Response, next: NextFunction) => next());
      app.use(respond(502));
    },
    requests: ['/internal/x'],
    counted: { 'GET /* 502': 1 },
  },
  {
    name: 'an error that is raised outside, after the part has passed the request on',
    build(app) {
      app.use('/internal', coalmine.route(false), pass);
      app.param('tenant', (_request, _response, next) => next(new Error('the database is down')));
      app.use('/:tenant', respond(200));
      app.use(sorry);
    },
    requests: ['/internal/x'],
    counted: { 'GET (unmatched) 500': 1 },
  },
  {
    name: 'an error of the part itself, whichever error handler responds',
    build(app, express) {
      const router = express.Router();
      router.get('/boom', fail);
      router.get('/handled', fail);
      router.use('/handled', sorry);
      app.use('/internal', coalmine.route(false), router);
      app.use(sorry);
    },
    requests: ['/internal/boom', '/internal/handled'],
    counted: {},
    excluded: { 'route 5xx': 2 },
  },
  {
    name: 'a 404 of the app below a mark',
    build(app, express) {
      app.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)));
    },
    requests: ['/internal/nope'],
    counted: { 'GET (unmatched) 404': 1 },
  },
  {
    name: 'a route elsewhere that matches the same path',
    build(app) {
      app.use('/internal', coalmine.route(false));
      app.get('/:any/jobs', respond(500));
      app.get('/internal/status', respond(200));
    },
    requests: ['/internal/jobs', '/internal/status'],
    counted: { 'GET /:any/jobs 500': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mount whose path only begins like that of the mark',
    build(app) {
      app.use('/internal', coalmine.route(false));
      app.use('/internal-but-public', respond(500));
      app.use('/internal/deep', respond(200));
    },
    requests: ['/internal-but-public', '/internal/deep/x'],
    counted: { 'GET /internal-but-public 500': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'what was registered before the mark',
    build(app) {
      app.get('/internal/public', respond(500));
      app.use('/internal', coalmine.route(false));
      app.get('/internal/jobs', respond(200));
    },
    requests: ['/internal/public', '/internal/jobs'],
    counted: { 'GET /internal/public 500': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'everything after a mark at the root of the app, and nothing where nothing responds',
    build(app) {
      app.get('/before', respond(200));
      app.use(coalmine.route(false));
      app.get('/after', respond(200));
    },
    requests: ['/before', '/after', '/nowhere'],
    counted: { 'GET /before 200': 1, 'GET (unmatched) 404': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark at the root of a router that is mounted at the root: the other routers of the app',
    build(app, express) {
      const internal = express.Router();
      internal.use(coalmine.route(false));
      internal.get('/jobs', respond(200));
      app.use(internal);
      app.use(express.Router().get('/checkout', respond(503)));
      app.use(respond(500));
    },
    requests: ['/jobs', '/checkout', '/elsewhere'],
    counted: { 'GET /checkout 503': 1, 'GET /* 500': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark in a nested router',
    build(app, express) {
      const [outer, inner] = [express.Router(), express.Router()];
      inner.get('/job/:id', respond(200));
      outer.use('/ops', coalmine.route(false), inner);
      outer.get('/open', respond(200));
      outer.use('/ops-like', respond(500));
      app.use('/api/:version', outer);
      app.use('/api', respond(502));
    },
    requests: ['/api/1/ops/job/2', '/api/1/open', '/api/1/ops/nope', '/api/1/ops-like'],
    counted: { 'GET /api/:version/open 200': 1, 'GET /api 502': 1, 'GET /api/:version/ops-like 500': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark above a part of a router that is mounted higher up',
    build(app, express) {
      const router = express.Router();
      router.get('/ops/jobs', respond(200));
      router.get('/checkout', respond(503));
      app.use('/api/ops', coalmine.route(false));
      app.use('/api', router);
    },
    requests: ['/api/ops/jobs', '/api/checkout'],
    counted: { 'GET /api/checkout 503': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark before a mounted app',
    build(app, express) {
      const internal = express();
      internal.get('/jobs/:id', respond(200));
      app.use('/internal', coalmine.route(false), internal);
      app.use(respond(503));
    },
    requests: ['/internal/jobs/1', '/internal/nope'],
    counted: { 'GET /* 503': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark inside a mounted app',
    build(app, express) {
      const sub = express();
      sub.use('/ops', coalmine.route(false), express.Router().get('/jobs', respond(200)));
      sub.get('/checkout', respond(503));
      app.use('/sub', sub);
      app.use(respond(502));
    },
    requests: ['/sub/ops/jobs', '/sub/checkout', '/sub/ops/nope'],
    counted: { 'GET /sub/checkout 503': 1, 'GET /* 502': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a route that is left out and passes some requests on',
    build(app) {
      app.get('/page/:id', coalmine.route(false), (request, response, next) => {
        if (request.params.id === 'next') next();
        else if (request.params.id === 'route') next('route');
        else if (request.params.id === 'router') next('router');
        else response.send('ok');
      });
      app.get('/page/:any', respond(503));
    },
    requests: ['/page/1', '/page/next', '/page/route', '/page/router'],
    counted: { 'GET /page/:any 503': 2, 'GET (unmatched) 404': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a router that is left with next("router")',
    build(app, express) {
      const internal = express.Router();
      internal.use(coalmine.route(false));
      internal.get('/jobs', (_request, _response, next) => next('router'));
      app.use('/internal', internal);
      app.use('/internal', respond(504));
    },
    requests: ['/internal/jobs'],
    counted: { 'GET /internal 504': 1 },
  },
  {
    name: 'another method of the same route',
    build(app) {
      app.route('/things').get(coalmine.route(false), respond(200)).post(respond(500));
      app.route('/all').all(coalmine.route(false)).get(respond(200)).post(respond(500));
    },
    requests: ['/things', 'HEAD /things', 'POST /things', '/all', 'POST /all'],
    counted: { 'POST /things 500': 1 },
    excluded: { 'route 2xx': 3, 'route 5xx': 1 },
  },
  {
    name: 'a request that a handler below the mark sends back to the app',
    build(app) {
      app.get('/checkout', respond(503));
      app.use('/internal', coalmine.route(false), (request, response, next) => {
        request.url = '/checkout';
        (app as unknown as { handle: typeof app }).handle(request, response, next);
      });
    },
    requests: ['/internal/x'],
    counted: { 'GET /checkout 503': 1 },
  },
  {
    name: 'what a function below the mark calls, its 404s among it, and nothing that the function passes on',
    build(app, express) {
      const [called, passing] = [express(), express.Router()];
      called.use('/files', pass);
      called.get('/jobs', respond(200));
      passing.use('/jobs', pass);
      app.use('/internal', coalmine.route(false), (request, response) => called(request, response));
      app.use('/ops', coalmine.route(false), (request, response, next) => passing(request, response, next));
      app.use(respond(503));
    },
    requests: ['/internal/jobs', '/internal/none', '/internal/files/none', '/ops/jobs', '/ops/none'],
    counted: { 'GET /* 503': 2 },
    excluded: { 'route 2xx': 1, 'route 4xx': 2 },
  },
  {
    name: 'several marks, the nearer of which takes a part back in',
    build(app, express) {
      const router = express.Router();
      router.get('/jobs', respond(200));
      router.get('/orders', coalmine.route({ exclude: false }), respond(503));
      router.use('/carts', coalmine.route({ exclude: false }), respond(502));
      app.use('/internal', coalmine.route({ exclude: true }), router);
    },
    requests: ['/internal/jobs', '/internal/orders', '/internal/carts/1'],
    counted: { 'GET /internal/orders 503': 1, 'GET /internal/carts 502': 1 },
    excluded: { 'route 2xx': 1 },
  },
  {
    name: 'a mark that a function calls for some requests, however far it reaches',
    build(app, express) {
      app.use('/internal', (request, response, next) => {
        if (request.query.monitor === undefined) next();
        else coalmine.route(false)(request, response, next);
      });
      app.use('/internal', express.Router().get('/jobs', respond(200)));
      app.use(respond(503));
    },
    requests: ['/internal/jobs', '/internal/jobs?monitor=1', '/internal/../checkout?monitor=1'],
    counted: { 'GET /internal/jobs 200': 1, 'GET /* 503': 1 },
    excluded: { 'route 2xx': 1 },
  },
];

describe.each(EXPRESS_VERSIONS)('%s leaves out what lies below a mark, and nothing else', (version) => {
  it.each(CASES)('$name', async ({ build, requests, counted, excluded = {} }) => {
    const result = await countedOf(createApp(version, build), requests);
    expect([result.requests, result.excluded]).toEqual([counted, excluded]);
  });

  it('whichever request comes first', async () => {
    const build: Build = (app, express) => {
      app.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)));
      app.use('/api/ops', coalmine.route(false));
      app.use('/api', express.Router().get('/ops/jobs', respond(200)).get('/checkout', respond(503)));
      app.use(respond(502));
    };
    const requests = ['/internal/jobs', '/internal/nope', '/api/ops/jobs', '/api/checkout', '/elsewhere'];
    for (let i = 0; i < requests.length; i++) {
      const rotated = [...requests.slice(i), ...requests.slice(0, i)];
      const result = await countedOf(createApp(version, build), rotated);
      expect(result.requests).toEqual({ 'GET /api/checkout 503': 1, 'GET /* 502': 2 });
      expect(result.excluded).toEqual({ 'route 2xx': 2 });
    }
  });

  it('through functions that an agent has replaced, of which only the name and the length are left', async () => {
    const traced = (handler: ReturnType<typeof coalmine.route>): typeof handler =>
      Object.defineProperties(((...args) => handler(...args)) as typeof handler, {
        name: { value: handler.name },
        length: { value: handler.length },
      });
    const warnings = coalmineWarnings();
    const build: Build = (app) => {
      app.use('/internal', traced(coalmine.route(false)), respond(200));
      app.get('/report', traced(coalmine.route({ objective: { latency: 60 } })), async (_request, response) => {
        await delay(60);
        response.end();
      });
    };
    const app = createApp(version, build, { objective: { latency: 0.02 } });
    const { requests, excluded, exposition } = await countedOf(app, ['/internal', '/report']);
    expect([requests, excluded]).toEqual([{ 'GET /report 200': 1 }, { 'route 2xx': 1 }]);
    expect(zerosOf(exposition)).toEqual(['GET /report']);
    expect(exposition.value('http_requests_slow_total', { route: '/report' })).toBe(0);
    expect(await warnings.taken()).toEqual([]);
  });

  it('on a route whose path a middleware has as well, registered before it', async () => {
    const build: Build = (app) => {
      app.get('/report', (_request, _response, next) => next());
      app.get('/report', coalmine.route({ objective: { latency: 60 } }), async (_request, response) => {
        await delay(60);
        response.end();
      });
    };
    const options = { objective: { latency: 0.02 }, warmup: false } as const;
    const service = await serveExpress(createApp(version, build, options));
    await send(service.port, '/report');
    const at = { method: 'GET', route: '/report' };
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${service.port}/metrics`,
      (each) => each.sum('http_requests_timed_total', at) === 1,
    );
    expect(exposition.value('http_requests_slow_total', at)).toBe(0);
    await service.close();
  });

  it('while requests are under way, too: in flight is a user’s once it has left the part', async () => {
    const [entered, isThere] = deferred();
    const [release, held] = deferred();
    const build: Build = (app, express) => {
      const internal = express.Router().get('/poll', async (_request, _response, next) => {
        entered();
        await held;
        next();
      });
      app.use('/internal', coalmine.route(false), internal);
      app.use(() => {});
    };
    // Long enough that the client that leaves has never waited past the patience.
    const service = await serveExpress(createApp(version, build, { objective: { latency: 10, patience: 600 } }));
    const url = `http://127.0.0.1:${service.port}/metrics`;
    const inFlight = (exposition: Exposition): number | undefined => exposition.value('http_requests_in_flight');
    const { socket } = await openRaw(service.port, 'GET /internal/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    await isThere;
    expect(inFlight(await scrape(url))).toBe(0);
    release();
    expect(inFlight(await scrapeUntil(url, (each) => inFlight(each) === 1))).toBe(1);
    socket.destroy();
    const exposition = await scrapeUntil(url, (each) => Object.keys(each.requests()).length > 0);
    expect([exposition.requests(), inFlight(exposition)]).toEqual([{ 'GET /* 499': 1 }, 0]);
    expect(exposition.excluded()).toEqual({ 'metrics 2xx': expect.any(Number) });
    await service.close();
  });

  it('if a timer of a middleware responds, by the handler that had the request', async () => {
    const timer = (_request: Request, response: Response, next: NextFunction): void => {
      setTimeout(() => !response.headersSent && response.status(503).end(), 20);
      next();
    };
    const app = createApp(version, (built, express) => {
      built.use(
        '/internal',
        coalmine.route(false),
        timer,
        express.Router().get('/hangs', () => {}),
      );
      built.use('/public', timer, () => {});
      built.use('/', () => {});
    });
    const { requests, excluded } = await countedOf(app, ['/internal/hangs', '/internal/../checkout', '/public/hangs']);
    expect(requests).toEqual({ 'GET /* 503': 1, 'GET /public 503': 1 });
    expect(excluded).toEqual({ 'route 5xx': 1 });
  });

  it('without series for the part, and with zeros for the rest', async () => {
    const app = createApp(version, (built, express) => {
      built.use('/internal', coalmine.route(false), express.Router().get('/jobs', respond(200)), respond(404));
      built.get('/items/:id', respond(200));
    });
    const { exposition } = await countedOf(app, ['/internal/jobs', '/internal/nope']);
    expect(zerosOf(exposition)).toEqual(['GET /items/:id']);
    expect(
      exposition.samples('http_requests_total').filter(({ labels }) => /internal/.test(labels.route ?? '')),
    ).toEqual([]);
  });
});

function deferred(): [() => void, Promise<void>] {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return [resolve, promise];
}
