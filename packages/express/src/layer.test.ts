import { describe, expect, it } from 'vitest';
import type { Layer } from './express.js';
import { expressOf, layerOf, VERSIONS } from './fixtures/express-of.js';
import { isWatched, leadsToRouter, routerAt, servesFiles, watch } from './layer.js';

/** Has some words of a mounted app and of `express.static()`, and not all. */
const proxy = (request: { app: unknown; pipe(to: unknown): void }, response: { request: unknown }): void => {
  response.request = request.app;
  request.pipe(response);
};
const pass = (_request: unknown, _response: unknown, next: () => void): void => next();

describe.each(VERSIONS)('a layer of %s', (version) => {
  const express = expressOf(version);
  const layer = (handle: object): Layer => layerOf(version, '/a', handle);

  it('has the router that is used there, also while the router is empty', () => {
    const router = express.Router();
    expect(routerAt(layer(router))).toBe(router);
    router.get('/b', pass);
    expect(routerAt(layer(router))).toBe(router);
    expect(leadsToRouter(layer(router))).toBe(true);
  });

  it('leads to the router of an app, which it does not have', () => {
    const app = express();
    app.get('/b', pass);
    const outer = express();
    outer.use('/a', app);
    const stack = outer._router?.stack ?? outer.router.stack;
    const mounted = stack.at(-1) as Layer;
    expect(mounted.handle).not.toBe(app);
    expect([routerAt(mounted), leadsToRouter(mounted)]).toEqual([undefined, true]);
    // A bundler may rename the function, and an agent may wrap it.
    const renamed = Object.defineProperty({ ...mounted, name: 'r' }, 'handle', { value: mounted.handle });
    expect(leadsToRouter(renamed)).toBe(true);
    const wrapped = { name: 'r', handle: Object.assign(() => {}, { __original: mounted.handle }) };
    expect(leadsToRouter(wrapped)).toBe(true);
  });

  it('has the router of an app that a router uses', () => {
    const app = express();
    expect(routerAt(layer(app))).toBe(app._router ?? (version === 'express4' ? undefined : app.router));
    app.get('/b', pass);
    expect(routerAt(layer(app))?.stack.at(-1)?.route?.path).toBe('/b');
  });

  it('leads to no router if it has another function', () => {
    const connect = Object.assign(pass.bind(undefined), { stack: [{ route: '/', handle: pass }] });
    const texts = Object.assign(pass.bind(undefined), { stack: 'a text' });
    for (const handle of [pass, proxy, connect, texts, express.static('.')]) {
      expect([routerAt(layer(handle)), leadsToRouter(layer(handle))]).toEqual([undefined, false]);
    }
  });

  it('serves files if it has express.static(), whatever the function is called now', () => {
    const files = layer(express.static('.'));
    expect(servesFiles(files)).toBe(true);
    expect(servesFiles({ name: 'a', handle: files.handle })).toBe(true);
    expect(servesFiles({ name: 'serveStatic', handle: pass })).toBe(true);
    expect(servesFiles({ name: 'a', handle: Object.assign(pass.bind(undefined), { __original: files.handle }) })).toBe(
      true,
    );
    for (const handle of [pass, proxy, express.Router(), pass.bind(undefined)])
      expect(servesFiles(layer(handle))).toBe(false);
  });

  it('is watched by itself, which other code does not see', () => {
    const [one, other] = [layer(pass), layer(pass)];
    watch(one);
    watch(one);
    expect([isWatched(one), isWatched(other)]).toEqual([true, false]);
    expect(Object.getOwnPropertySymbols({ ...one })).toEqual([]);
  });
});
