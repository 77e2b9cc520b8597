import { METHODS } from 'node:http';
import { describe, expect, it } from 'vitest';
import { instrumentFor, meetExchange } from './fixtures/meeting.js';
import { collectWarnings } from './fixtures/warnings.js';
import { foundPattern, methodsWithZeros, warnOfTakenPath, warnOfUnreadRoutes } from './found-route.js';

describe('the pattern of a route that is found while the app runs', () => {
  it('has the objective and the exclusion of its options', async () => {
    const instrument = instrumentFor();
    const slow = foundPattern(instrument, '/slow', { exclude: false, objective: { latency: 3 } });
    const internal = foundPattern(instrument, '/internal', { exclude: true, objective: { latency: 3 } });
    const plain = foundPattern(instrument, '/plain');
    expect([slow, internal, plain].map(({ isExcluded }) => isExcluded)).toEqual([false, true, false]);
    const { exchange } = await meetExchange(instrument);
    slow.assign(exchange);
    expect(exchange.route.objective).toEqual({ latency: 3, patience: 12 });
    plain.assign(exchange);
    expect(exchange.route.objective).toEqual({ latency: 0.5, patience: 2 });
  });

  it('has the objective of the service if its own cannot be used, and keeps its exclusion', async () => {
    const warnings = collectWarnings();
    const instrument = instrumentFor({ objective: { latency: 1 } });
    const objective = { patience: 0.5 };
    const first = foundPattern(instrument, '/a', { exclude: false, objective });
    foundPattern(instrument, '/a', { exclude: false, objective });
    expect(warnings).toEqual([
      'COALMINE_INVALID_OPTION coalmine.route() on /a has no effect on the objective: CoalmineError: objective.patience must be at least the latency of 1 seconds, got 0.5',
    ]);
    const { exchange } = await meetExchange(instrument);
    first.assign(exchange);
    expect(exchange.route.objective).toEqual({ latency: 1, patience: 4 });
    expect(foundPattern(instrument, '/b', { exclude: true, objective: { latency: -1 } }).isExcluded).toBe(true);
  });
});

describe('methods that have zeros before their first request', () => {
  const ten = METHODS.filter((method) => method !== 'HEAD').slice(0, 10);
  const common = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

  it.each<[methods: readonly string[] | 'all', withZeros: readonly string[]]>([
    [[], []],
    [['HEAD'], []],
    [['GET', 'HEAD'], ['GET']],
    [['PROPFIND'], ['PROPFIND']],
    ['all', common],
    [METHODS, common],
    [ten, ten],
    [[...ten, 'HEAD'], common],
  ])('of %j are %j', (methods, withZeros) => {
    expect(methodsWithZeros(methods)).toEqual(withZeros);
  });
});

describe('a route with the path of an endpoint', () => {
  it('is warned of once, if GET reaches it', () => {
    const warnings = collectWarnings();
    const instrument = instrumentFor({ health: {} });
    const route = {};
    warnOfTakenPath(instrument, '/metrics', ['POST'], route);
    warnOfTakenPath(instrument, '/metrics/', ['GET'], route);
    warnOfTakenPath(instrument, '/Metrics', ['GET'], route);
    expect(warnings).toEqual([]);
    warnOfTakenPath(instrument, '/metrics', ['POST', 'GET'], route);
    warnOfTakenPath(instrument, '/metrics', ['GET'], route);
    warnOfTakenPath(instrument, '/livez', ['GET'], {});
    expect(warnings).toEqual([
      "COALMINE_PATH_TAKEN /metrics is a path of the app and of Coalmine: give Coalmine another path with metrics.path, or none. The app's route is never reached.",
      "COALMINE_PATH_TAKEN /livez is a path of the app and of Coalmine: give Coalmine another path with health.paths and health.aliases, or none. The app's route is never reached.",
    ]);
  });

  it('is reached if the endpoints have a listener of their own', () => {
    const warnings = collectWarnings();
    warnOfTakenPath(instrumentFor({ admin: { port: 0 } }), '/metrics', ['GET'], {});
    expect(warnings).toEqual([]);
  });
});

describe('routes that cannot be read', () => {
  it('are warned of once for each service', () => {
    const warnings = collectWarnings();
    const instrument = instrumentFor();
    for (const error of [new TypeError('no stack'), new Error('again')]) {
      warnOfUnreadRoutes(instrument, 'Express', error);
    }
    warnOfUnreadRoutes(instrumentFor(), 'Koa', 'a text');
    expect(warnings).toEqual([
      'COALMINE_ROUTES_UNREAD The routes of Express could not be read: TypeError: no stack',
      'COALMINE_ROUTES_UNREAD The routes of Koa could not be read: a text',
    ]);
  });
});
