import { createRequire } from 'node:module';
import { coalmine } from '@coalmine/express';
import type { Request, Response, Router } from 'express';
import { beforeEach, describe, expect, it } from 'vitest';
import { countedOf, createApp, respond } from './express-app.js';
import { EXPRESS_VERSIONS, expressOf } from './frameworks.js';

const { cache } = createRequire(import.meta.url);

type Handle = (...args: unknown[]) => unknown;

/** Gives a router a method of its own, as New Relic and dd-trace do. */
function trace(router: Router, handle: Handle): void {
  Object.assign(router, {
    handle(...args: unknown[]) {
      return handle.apply(this, args);
    },
  });
}

function handleOf(router: Router): Handle {
  return (router as unknown as { readonly handle: Handle }).handle;
}

describe.each(EXPRESS_VERSIONS)('an agent that replaces the methods of routers, on %s', (version) => {
  // Agents find methods that Coalmine has not prepared yet, so each test has a copy of Express of its own.
  beforeEach(() => {
    for (const file of Object.keys(cache))
      if (/[\\/]node_modules[\\/](express|router)[\\/]/.test(file)) delete cache[file];
  });

  const routerOf = (): Router => {
    const router = expressOf(version).Router();
    router.get('/items/:id', respond(200));
    return router;
  };

  it('changes no route, and no mark', async () => {
    const app = createApp(version, (built) => {
      const api = routerOf();
      trace(api, handleOf(api));
      built.use('/called', (request: Request, response: Response, next) => api(request, response, next));
      built.use('/internal', coalmine.route(false), api);
      built.use('/shop', api);
    });
    const { requests, excluded } = await countedOf(app, ['/called/items/1', '/internal/items/1', '/shop/items/1']);
    expect(requests).toEqual({ 'GET /called/items/:id 200': 1, 'GET /shop/items/:id 200': 1 });
    expect(excluded).toEqual({ 'route 2xx': 1 });
  });

  it('after the first request, hides the mount of a router that a function calls, and no other mount', async () => {
    const app = createApp(version, (built) => {
      const api = routerOf();
      const handle = handleOf(api);
      built.use('/first', (_request, response) => {
        trace(api, handle);
        response.end();
      });
      built.use('/called', (request: Request, response: Response, next) => api(request, response, next));
      built.use('/shop', api);
    });
    const { requests } = await countedOf(app, ['/first', '/called/items/1', '/shop/items/1']);
    // Router 2.0 to 2.2 is read again when a mount becomes known, and then tells.
    const hidden = /express5[01]/.test(version) ? '/called' : '(mounted)';
    expect(requests).toEqual({
      'GET /first 200': 1,
      [`GET ${hidden}/items/:id 200`]: 1,
      'GET /shop/items/:id 200': 1,
    });
  });
});
