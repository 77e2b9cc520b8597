import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { HonoRoute } from './hono.js';
import { covers, routeOptions, routeOptionsOf } from './route-options.js';

/** Returns the functions that an app has registered after a callback has registered some. */
function registered(register: (app: Hono) => void): readonly HonoRoute[] {
  const app = new Hono();
  register(app);
  return app.routes;
}

describe('a function in use() of a Hono app', () => {
  it.each([
    ['*', '/', '/', true],
    ['*', '/a/:b', '/a/1', true],
    ['/admin/*', '/admin/jobs/:job', '/admin/jobs/1', true],
    ['/admin/*', '/admin', '/admin', true],
    ['/admin/*', '/administrators', '/administrators', false],
    ['/admin/*', '/other/admin/jobs', '/other/admin/jobs', false],
    ['/admin', '/admin', '/admin', true],
    ['/admin', '/admin/jobs', '/admin/jobs', false],
    ['/admin/jobs/*', '/admin', '/admin', false],
    ['/teams/:team/*', '/teams/:id/jobs', '/teams/1/jobs', true],
    ['/teams/:team', '/teams/new', '/teams/new', true],
    ['/teams/:team/jobs', '/teams/:id/members', '/teams/1/members', false],
  ] as const)('at %s gets the requests of %s, as of %s: %s', async (used, route, path, isCovered) => {
    const app = new Hono();
    let hasRun = false;
    app.use(used, async (_context, next) => {
      hasRun = true;
      await next();
    });
    app.get(route, (context) => context.text('ok'));
    const [mark, at] = app.routes as unknown as readonly [HonoRoute, HonoRoute];
    expect(covers(mark, at)).toBe(isCovered);
    expect((await app.request(path)).status).toBe(200);
    expect(hasRun).toBe(isCovered);
  });

  it('is not taken to get the requests of a wildcard because its parameter could match some of them', () => {
    const [mark, route] = registered((app) => {
      app.use('/files/:name', async (_context, next) => next());
      app.get('/files/*', (context) => context.text('ok'));
    });
    expect(covers(mark as HonoRoute, route as HonoRoute)).toBe(false);
  });
});

describe('a function on a route of a Hono app', () => {
  it('applies to this route, and not to another method or path', () => {
    const [mark, own, otherMethod, otherPath] = registered((app) => {
      app.get('/report', routeOptions(false), (context) => context.text('ok'));
      app.post('/report', (context) => context.text('ok'));
      app.get('/reports', (context) => context.text('ok'));
    });
    const isCovered = [own, otherMethod, otherPath].map((route) => covers(mark as HonoRoute, route as HonoRoute));
    expect(isCovered).toEqual([true, false, false]);
  });

  it('carries its options also in a sub-app with an error handler, whose functions Hono wraps', () => {
    const [mark, route] = registered((app) => {
      const api = new Hono().onError((_error, context) => context.text('sorry', 500));
      api.get('/report', routeOptions({ exclude: true }), (context) => context.text('ok'));
      app.route('/api', api);
    });
    expect(routeOptionsOf(mark as HonoRoute)).toEqual({ exclude: true });
    expect(routeOptionsOf(route as HonoRoute)).toBeUndefined();
  });
});
