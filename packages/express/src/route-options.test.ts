import type { RouteOptions } from '@coalmine/node';
import { describe, expect, it } from 'vitest';
import { expressOf, VERSIONS } from './fixtures/express-of.js';
import {
  excludes,
  isCovered,
  routeOptions,
  routeOptionsOf,
  saidByRoute,
  saidOf,
  saysByMethod,
} from './route-options.js';

const SLOW = { objective: { latency: 2 } };
const FAST = { objective: { latency: 0.1 } };
const respond = (): void => {};

describe('a scope', () => {
  it.each<[scope: string, by: string, covered: boolean]>([
    ['', '', true],
    ['/a', '', true],
    ['', '/a', false],
    ['/a', '/a', true],
    ['/a/b', '/a', true],
    ['/ab', '/a', false],
    ['/a', '/a/b', false],
    ['/A/b', '/a', false],
  ])('%j is covered by %j: %s', (scope, by, covered) => {
    expect(isCovered(scope, by)).toBe(covered);
  });
});

describe('options that a middleware carries', () => {
  it.each<RouteOptions>([false, {}, SLOW, { exclude: true, objective: { latency: 1, patience: 1e21 } }])(
    'are read back from the middleware, and from a function with its name: %j',
    (options) => {
      const middleware = routeOptions(options);
      expect(routeOptionsOf(middleware)).toBe(options);
      const traced = Object.defineProperty(() => {}, 'name', { value: middleware.name });
      expect(routeOptionsOf(traced)).toEqual(options);
    },
  );

  it('are none on any other function', () => {
    for (const name of ['', 'route', 'my coalmine.route(false)', 'coalmine.route(false) wrapped']) {
      expect(routeOptionsOf(Object.defineProperty(() => {}, 'name', { value: name }))).toBeUndefined();
    }
  });

  it('are refused if no service could keep them', () => {
    expect(() => routeOptions({ objective: { latency: 2, patience: 1 } })).toThrow(/^objective\.patience must be/);
  });

  it.each<[options: RouteOptions, excluded: boolean]>([
    [false, true],
    [{}, false],
    [{ exclude: false }, false],
    [{ exclude: true }, true],
  ])('%j exclude a request: %s', (options, excluded) => {
    expect(excludes(options)).toBe(excluded);
  });
});

describe('marks on mounts', () => {
  const marks = [
    { scope: '/api', options: SLOW },
    { scope: '/api/internal', options: false },
    { scope: '', options: FAST },
    { scope: '/api/internal/open', options: { exclude: false } },
  ] as const;

  it.each<[scopes: string[], said: unknown]>([
    [['/other'], { exclude: false, ...FAST }],
    [['/api'], { exclude: false, ...FAST }],
    [['/api/internal/a'], { exclude: true, ...FAST }],
    [['/api/internal/open'], { exclude: false, ...FAST }],
    [['/api/internal/a', '/api/internal/b'], { exclude: true, ...FAST }],
    [['/api/internal/a', '/api/b'], { exclude: false, ...FAST }],
  ])('give to %j, in their order, %j', (scopes, said) => {
    expect(saidOf(scopes, marks)).toEqual(said);
  });

  it('give nothing to what they do not cover', () => {
    expect(saidOf(['/apis'], marks.slice(0, 2))).toBeUndefined();
    expect(saidOf(['/api', '/b'], marks.slice(0, 1))).toBeUndefined();
    expect(saidOf(['/api'], [])).toBeUndefined();
  });
});

describe.each(VERSIONS)('options on a route of %s', (version) => {
  const { Router } = expressOf(version);

  it('that differ by method refine the options of the place for this method only', () => {
    const route = Router().route('/a');
    route.get(routeOptions(SLOW), respond);
    route.post(routeOptions(FAST), routeOptions(false), respond);
    const place = { exclude: true, objective: undefined };
    expect(saidByRoute(place, route, 'get')).toEqual({ exclude: true, ...SLOW });
    expect(saidByRoute(undefined, route, 'post')).toEqual({ exclude: true, ...FAST });
    expect(saidByRoute(undefined, route, undefined)).toBeUndefined();
    expect(saidByRoute(place, route, 'head')).toBe(place);
    expect(saysByMethod(route)).toBe(true);
  });

  it('that are for every method do not differ by method', () => {
    const route = Router().route('/a');
    route.get(respond);
    route.all(routeOptions(SLOW));
    expect(saysByMethod(route)).toBe(false);
    expect(saidByRoute(undefined, route, 'get')).toEqual({ exclude: false, ...SLOW });
    expect(saidByRoute(undefined, route, undefined)).toEqual({ exclude: false, ...SLOW });
  });
});
