import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coalmine } from '@coalmine/express';
import type { NextFunction, Request, Response } from 'express';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaw, send } from '../support/client.js';
import { scrape, scrapeUntil } from '../support/exposition.js';
import { type Build, countedOf, createApp, pass, respond, zerosOf } from './express-app.js';
import { EXPRESS_VERSIONS, expressOf, serveExpress } from './frameworks.js';

// router 2.0 to 2.2 does not tell where a handler is mounted before its first request.
const isToldAtOnce = (version: string): boolean => version !== 'express50' && version !== 'express51';

let files: string;
beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), 'coalmine-files-'));
  writeFileSync(join(files, 'app.js'), 'the app');
});
afterAll(() => rmSync(files, { recursive: true }));

describe.each(EXPRESS_VERSIONS)('%s', (version) => {
  it('names a handler that is `use`d by its mount: GraphQL, RPC, files, a proxy and a single page', async () => {
    const app = createApp(version, (built, express) => {
      built.use(pass, pass);
      built.use('/graphql', pass, express.json(), respond(200));
      built.use('/trpc', (request, response) => void response.status(request.url === '/none' ? 404 : 200).end());
      built.use('/assets', express.static(files));
      built.use('/tenants/:tenant/proxy', respond(502));
      built.get('/healthy', respond(200));
      built.use(express.static(files));
      built.use((request, response, next) => (request.path.startsWith('/app') ? response.send('page') : next()));
    });
    const { requests } = await countedOf(app, [
      'POST /graphql',
      '/graphql?query=x',
      '/GraphQL/',
      '/trpc/items.list',
      '/trpc/none',
      '/assets/app.js',
      '/assets/none.js',
      '/tenants/1/proxy/a/b',
      '/tenants/2/proxy',
      '/healthy',
      '/app.js',
      '/app/settings',
      '/wp-login.php',
      '/.env',
    ]);
    expect(requests).toEqual({
      'POST /graphql 200': 1,
      'GET /graphql 200': 2,
      'GET /trpc 200': 1,
      'GET /trpc 404': 1,
      'GET /assets/* 200': 1,
      'GET /tenants/:tenant/proxy 502': 2,
      'GET /healthy 200': 1,
      'GET /* 200': 2,
      // Files that do not exist, and the paths of scanners.
      'GET (unmatched) 404': 3,
    });
  });

  it.each(['/api/missing', '/mounted/x', '/api/passed'])(
    'names the first request like all others: %s',
    async (path) => {
      const missing = Object.assign(new Error('missing'), { status: 404 });
      const app = createApp(version, (built, express) => {
        const api = express.Router();
        api.get('/missing', (_request, _response, next) => next(missing));
        api.get('/passed', pass);
        built.use('/api', api);
        built.use('/mounted', (_request, _response, next) => next(missing));
      });
      const route = path === '/api/passed' ? '(unmatched)' : path.replace('/x', '');
      expect((await countedOf(app, [path, path])).requests).toEqual({ [`GET ${route} 404`]: 2 });
    },
  );

  it('names files whose function an agent has replaced', async () => {
    const app = createApp(version, (built, express) => {
      built.use('/assets', express.static(files));
      const { stack } = built._router ?? built.router;
      const layer = stack.at(-1);
      const { handle } = layer;
      layer.handle = (request: Request, response: Response, next: NextFunction) => handle(request, response, next);
    });
    const { requests } = await countedOf(app, ['/assets/app.js']);
    expect(requests).toEqual({ 'GET /assets/* 200': 1 });
  });

  it('names the middleware that responds by its mount as well, and none that passes a request on', async () => {
    const authenticate = ({ query }: Request, response: Response, next: NextFunction): void => {
      if (query.key === undefined) response.status(401).end();
      else next();
    };
    const app = createApp(version, (built, express) => {
      const api = express.Router();
      api.use('/admin', authenticate);
      api.get('/admin/users', respond(200));
      built.use('/api', authenticate, api);
      built.use('/other', authenticate);
    });
    const { requests } = await countedOf(app, [
      '/api/admin/users?key=1',
      '/api/admin/users',
      '/api/nope?key=1',
      '/other',
      '/other?key=1',
    ]);
    expect(requests).toEqual({
      'GET /api/admin/users 200': 1,
      'GET /api 401': 1,
      'GET /other 401': 1,
      'GET (unmatched) 404': 2,
    });
  });

  it('shows zeros for GET and POST of mounts that respond, and of no others', async () => {
    const app = createApp(version, (built, express) => {
      built.use(pass);
      built.use('/api', pass, pass);
      built.use('/api/v1', pass);
      built.get('/api/v1/users/:id', respond(200));
      built.use('/graphql', pass, express.json(), respond(200));
      built.use('/files', express.static(files));
      built.use('/routed', pass, express.Router().get('/page', respond(200)));
      built.use('/mounted', pass, express().get('/page', respond(200)));
      built.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => response.end());
      built.use(respond(404));
    });
    const { exposition } = await countedOf(app, []);
    const atOnce = ['GET /api/v1/users/:id', 'GET /routed/page', 'GET /graphql', 'POST /graphql', 'GET /files/*'];
    expect(zerosOf(exposition)).toEqual(isToldAtOnce(version) ? atOnce : ['GET /api/v1/users/:id']);
    const later = await countedOf(app, ['/graphql', '/files/app.js', '/routed/page', '/mounted/page', '/api/x']);
    expect(new Set(zerosOf(later.exposition))).toEqual(new Set([...atOnce, 'GET /mounted/page']));
  });

  it('shows the first failure of a mount as an increase', async () => {
    const app = createApp(version, (built) => built.use('/graphql', respond(503)));
    const service = await serveExpress(app);
    const url = `http://127.0.0.1:${service.port}/metrics`;
    const failures = async (): Promise<number | undefined> =>
      (await scrape(url)).value('http_errors_total', { method: 'POST', route: '/graphql', status_code: 503 });
    expect(await failures()).toBe(isToldAtOnce(version) ? 0 : undefined);
    await send(service.port, '/graphql', { method: 'POST' });
    await scrapeUntil(url, (each) => each.sum('http_errors_total', { route: '/graphql' }) > 0);
    expect(await failures()).toBe(1);
    await service.close();
  });

  it('accepts options in `use`: for a handler, and for all routes of a router', async () => {
    const hang = (): void => {};
    const app = createApp(
      version,
      (built, express) => {
        const patient = coalmine.route({ objective: { latency: 10, patience: 600 } });
        const router = express.Router();
        router.get('/report', hang);
        router.get('/hasty', coalmine.route({ objective: { latency: 0.005, patience: 0.006 } }), hang);
        built.use('/graphql', pass, patient, pass, hang);
        built.use('/reports', patient, router);
        built.use('/hasty', hang);
      },
      { objective: { latency: 0.005, patience: 0.006 } },
    );
    const service = await serveExpress(app);
    const url = `http://127.0.0.1:${service.port}/metrics`;
    const paths = ['/graphql', '/reports/report', '/reports/hasty', '/hasty'];
    const clients = await Promise.all(
      paths.map((path) => openRaw(service.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    );
    const waiting = await scrapeUntil(url, (each) => each.value('http_requests_overdue') === 2);
    expect([waiting.value('http_requests_overdue'), waiting.value('http_requests_in_flight')]).toEqual([2, 4]);
    for (const { socket } of clients) socket.destroy();
    const left = await scrapeUntil(url, (each) => each.value('http_requests_in_flight') === 0);
    expect(left.requests()).toEqual({
      'GET /graphql 499': 1,
      'GET /reports/report 499': 1,
      'GET /reports/hasty 504': 1,
      'GET /hasty 504': 1,
    });
    await service.close();
  });

  it('excludes a mount by the label that it shows', async () => {
    const build: Build = (app) => {
      app.use('/monitor', respond(500));
      app.use('/graphql', respond(200));
    };
    const options = { traffic: { exclude: { routes: ['/monitor'] } } };
    const { requests, excluded } = await countedOf(createApp(version, build, options), ['/monitor/x', '/graphql']);
    expect([requests, excluded]).toEqual([{ 'GET /graphql 200': 1 }, { 'route 5xx': 1 }]);
  });

  it('counts an event stream on its mount while it is open', async () => {
    const app = createApp(version, (built) => {
      built.use('/events', (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
      });
    });
    const service = await serveExpress(app);
    const { socket } = await openRaw(service.port, 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    const exposition = await scrapeUntil(
      `http://127.0.0.1:${service.port}/metrics`,
      (each) => each.sum('http_requests_total') > 0,
    );
    expect([exposition.requests(), exposition.value('http_requests_in_flight')]).toEqual([{ 'GET /events 200': 1 }, 0]);
    socket.destroy();
    await service.close();
  });

  it('names the mount if a client leaves or a handler fails', async () => {
    const app = createApp(version, (built) => {
      built.use('/hangs', () => {});
      built.use('/throws', () => {
        throw new Error('thrown');
      });
      built.use('/passes-on', (_request, _response, next) => next(new Error('passed on')));
      built.use('/cuts', (_request, response) => void response.destroy());
    });
    const service = await serveExpress(app);
    await send(service.port, '/hangs', { leaveAfter: 50 });
    for (const path of ['/throws', '/passes-on', '/cuts']) await send(service.port, path);
    const url = `http://127.0.0.1:${service.port}/metrics`;
    const exposition = await scrapeUntil(url, (each) => each.sum('http_requests_total') >= 4);
    expect(
      Object.keys(exposition.requests())
        .map((key) => key.replace(/499|504/, 'left'))
        .sort(),
    ).toEqual(['GET /cuts 500', 'GET /hangs left', 'GET /passes-on 500', 'GET /throws 500']);
    await service.close();
  });

  it('names no mount if the router itself responds to OPTIONS, or if a URL cannot be decoded', async () => {
    const app = createApp(version, (built) => {
      built.use(pass);
      built.get('/items/:id', respond(200));
      built.use('/t/:tenant', respond(200));
    });
    const { statuses, requests } = await countedOf(app, [
      'OPTIONS /items/1',
      '/items/%ff',
      '/t/%ff',
      'PUT /items/1',
      '/items/1',
    ]);
    expect(statuses).toEqual([200, 400, 400, 404, 200]);
    expect(requests).toEqual({
      'OPTIONS (unmatched) 200': 1,
      'GET (unmatched) 400': 2,
      'PUT (unmatched) 404': 1,
      'GET /items/:id 200': 1,
    });
  });

  it('keeps the route of the handler that wrote the head, even if it calls others after that', async () => {
    const app = createApp(version, (built) => {
      built.use('/log', (_request, response, next) => {
        response.send('logged');
        next();
      });
      built.get('/log/later', pass);
      built.use(pass);
    });
    expect((await countedOf(app, ['/log/later'])).requests).toEqual({ 'GET /log 200': 1 });
  });

  it('keeps a name that the app gives a request of a mount', async () => {
    const app = expressOf(version)();
    const middleware = coalmine({ registry: new Registry(), warmup: false });
    app.use(middleware);
    app.use('/graphql', (_request, response) => {
      middleware.instrument.route(response, '/graphql Query.items');
      response.send('{}');
    });
    expect((await countedOf(app, ['/graphql'])).requests).toEqual({ 'GET /graphql Query.items 200': 1 });
  });

  it('tells the mounts of one handler apart, arrays and expressions among them', async () => {
    const app = createApp(version, (built) => {
      const handler = respond(200);
      built.use(['/a', '/b/:c'], handler);
      built.use('/d', handler);
      built.use(/^\/m\d+/, handler);
    });
    const { requests } = await countedOf(app, ['/a/1', '/b/2', '/B/3', '/d', '/m1', '/m2/x']);
    expect(requests).toEqual({
      'GET /a 200': 1,
      'GET /b/:c 200': 2,
      'GET /d 200': 1,
      'GET (mounted) 200': 2,
    });
  });

  it('names the routes of an app that a function calls, and its mount for other paths', async () => {
    const app = createApp(version, (built, express) => {
      const [shop, blog, closed] = [express(), express(), express()];
      const router = express.Router();
      router.get('/leaf/:id', respond(200));
      shop.get('/items/:id', respond(200));
      shop.use('/nested', router);
      shop.use('/graphql', respond(200));
      blog.get('/posts/:id', respond(200));
      closed.get('/page', respond(200));
      closed.param('id', (_request, _response, next) => next(new Error('no such id')));
      closed.get('/loaded/:id', respond(200));
      built.use('/shop/:country', (request, response, next) => shop(request, response, next));
      // Does what `vhost` does.
      built.use((request, response, next) =>
        request.hostname === '127.0.0.1' ? blog(request, response, next) : next(),
      );
      built.use('/closed', (request, response) => void closed(request, response));
    });
    const { statuses, requests } = await countedOf(app, [
      '/shop/de/items/1',
      '/shop/fr/items/2',
      '/shop/fr/nested/leaf/3',
      '/shop/fr/graphql',
      '/shop/fr/none',
      '/posts/1',
      '/closed/page',
      '/closed/none',
      '/closed/loaded/1',
    ]);
    expect(statuses).toEqual([200, 200, 200, 200, 404, 200, 200, 404, 500]);
    expect(requests).toEqual({
      'GET /shop/:country/items/:id 200': 2,
      'GET /shop/:country/nested/leaf/:id 200': 1,
      'GET /shop/:country/graphql 200': 1,
      'GET /posts/:id 200': 1,
      'GET /closed/page 200': 1,
      'GET /closed 404': 1,
      'GET /closed/loaded/:id 500': 1,
      'GET (unmatched) 404': 1,
    });
  });

  it('does not grow if a function makes a router for each request', async () => {
    const app = createApp(version, (built, express) => {
      built.use('/made/:by', (request, response, next) => {
        express.Router().get('/page/:id', respond(200))(request, response, next);
      });
    });
    const { requests, exposition } = await countedOf(
      app,
      Array.from({ length: 20 }, (_, i) => `/made/${i}/page/${i}`),
    );
    expect(requests).toEqual({ 'GET /made/:by/page/:id 200': 20 });
    const routes = exposition.samples('http_requests_total').map(({ labels }) => labels.route);
    expect(new Set(routes)).toEqual(new Set(['(unmatched)', '/made/:by', '/made/:by/page/:id']));
  });

  it('names a router that is mounted below itself, however deep the path goes', async () => {
    const app = createApp(version, (built, express) => {
      const router = express.Router();
      router.get('/leaf', respond(200));
      router.use('/deeper', router);
      built.use('/tree', router);
    });
    const paths = Array.from({ length: 6 }, (_, i) => `/tree${'/deeper'.repeat(i)}/leaf`);
    expect((await countedOf(app, paths)).requests).toEqual({ 'GET /tree/leaf 200': 6 });
  });

  it('names routes alike whichever request comes first', async () => {
    const build: Build = (app, express) => {
      const [shared, inner, sub] = [express.Router(), express.Router(), express()];
      shared.get('/:id', respond(200));
      shared.use('/used', respond(200));
      inner.use('/r', shared);
      sub.use('/in/x', shared);
      sub.use(respond(404));
      app.use('/x', shared);
      app.use('/sub', sub);
      app.use(['/one/:a', '/two'], inner);
      app.use('/called', (request, response, next) => sub(request, response, next));
      app.use(respond(404));
    };
    const requests = [
      '/sub/in/x/1',
      '/X/2',
      '/x/used/3',
      '/sub/in/x/used/8',
      '/SUB/nope',
      '/two/r/4',
      '/ONE/5/r/6',
      '/one/5/r/used/9',
      '/called/in/x/7',
      '/elsewhere',
    ];
    const expected = {
      'GET /sub/in/x/:id 200': 1,
      'GET /x/:id 200': 1,
      'GET /x/used 200': 1,
      'GET /sub/in/x/used 200': 1,
      'GET /sub 404': 1,
      'GET /two/r/:id 200': 1,
      'GET /one/:a/r/:id 200': 1,
      'GET /one/:a/r/used 200': 1,
      'GET /called/in/x/:id 200': 1,
      'GET (unmatched) 404': 1,
    };
    for (let i = 0; i < requests.length; i++) {
      const rotated = [...requests.slice(i), ...requests.slice(0, i)];
      expect((await countedOf(createApp(version, build), rotated)).requests).toEqual(expected);
    }
    expect((await countedOf(createApp(version, build), requests.toReversed())).requests).toEqual(expected);
  });

  it('names routes that were added while it serves, in routers that it knew before', async () => {
    const app = createApp(version, (built, express) => {
      const router = express.Router();
      const sub = express();
      router.get('/early', respond(200));
      sub.get('/early', respond(200));
      built.use('/api', router);
      built.use('/sub', sub);
      built.post('/add', (_request, response) => {
        router.get('/late/:id', respond(200));
        router.use('/used-late', respond(200));
        sub.get('/late/:id', respond(200));
        response.end();
      });
    });
    const { requests } = await countedOf(app, [
      '/api/early',
      '/sub/early',
      'POST /add',
      '/api/late/1',
      '/api/used-late',
      '/sub/late/2',
    ]);
    expect(requests).toEqual({
      'GET /api/early 200': 1,
      'GET /sub/early 200': 1,
      'POST /add 200': 1,
      'GET /api/late/:id 200': 1,
      'GET /api/used-late 200': 1,
      'GET /sub/late/:id 200': 1,
    });
  });
});
