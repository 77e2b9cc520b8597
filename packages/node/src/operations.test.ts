import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { instrumentFor, linesOf, meet, meetExchange } from './fixtures/meeting.js';
import { collectWarnings } from './fixtures/warnings.js';
import type { Instrument } from './instrument.js';
import { createOperations, type OperationsOptions } from './operations.js';

const post = (name: string) => ({ name, methods: ['POST'] });

/** Returns the routes that have series, in order. */
async function routesOf(instrument: Instrument): Promise<readonly string[]> {
  const lines = await linesOf(instrument, 'http_requests_timed_total{');
  return lines.map((line) => /method="(\w+)",route="([^"]*)"/.exec(line)?.slice(1).join(' ') ?? '');
}

describe('the options of operations', () => {
  it.each<[options: unknown, message: string]>([
    [undefined, "path must be a path that starts with '/', got undefined"],
    [{ path: '' }, 'path must be a path that starts with \'/\', got ""'],
    [{ path: 'graphql' }, 'path must be a path that starts with \'/\', got "graphql"'],
    [{ path: '/a b' }, 'path must be a path that starts with \'/\', got "/a b"'],
    [{ path: '/', routes: [] }, 'routes must be an object with options by the names of operations, got []'],
    [{ path: '/', routes: null }, 'routes must be an object with options by the names of operations, got null'],
    [{ path: '/', maxOperations: 0 }, 'maxOperations must be an integer of at least 1, got 0'],
    [
      { path: '/', route: {} },
      'options.route must be left out: options takes path, objective, routes, maxOperations, got an object',
    ],
    [{ path: '/', objective: { latency: 0 } }, 'objective.latency must be a finite number of seconds above 0, got 0'],
    [
      { path: '/', routes: { buy: { objective: { latency: 2, patience: 1 } } } },
      'routes.buy.objective.patience must be at least the latency of 2 seconds, got 1',
    ],
  ])('are refused if they are %j', (options, message) => {
    expect(() => createOperations(instrumentFor(), options as OperationsOptions)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  it.each([undefined, {}, () => {}])('are refused without an instrument: %s', (instrument) => {
    expect(() => createOperations(instrument as never, { path: '/' })).toThrow(
      /^instrument must be the instrument of the service: /,
    );
  });
});

describe('operations', () => {
  it('have a route each, with zeros, up to the limit', async () => {
    const instrument = instrumentFor();
    const operations = createOperations(instrument, { path: '/rpc', maxOperations: 2 });
    operations.declare([post('a'), { name: 'b', methods: ['GET', 'POST'] }]);
    expect(await routesOf(instrument)).toEqual(expect.arrayContaining(['POST /rpc a', 'GET /rpc b', 'POST /rpc b']));
    expect(operations.find('b')).toBeDefined();
    expect(operations.find('c')).toBeUndefined();
  });

  it('beyond the limit share a route by group, except for those with options or a route already', async () => {
    const warnings = collectWarnings();
    const instrument = instrumentFor();
    const operations = createOperations(instrument, { path: '/rpc', maxOperations: 2, routes: { c: {}, none: {} } });
    operations.declare([post('a')]);
    const many = [
      post('a'),
      post('b'),
      post('c'),
      { ...post('d'), group: 'query ' },
      { ...post('e'), group: 'query ' },
    ];
    operations.declare(many);
    operations.declare(many);
    const routes = await routesOf(instrument);
    expect(routes.filter((route) => route.includes('/rpc'))).toEqual([
      'POST /rpc a',
      'POST /rpc (other)',
      'POST /rpc c',
      'POST /rpc query (other)',
    ]);
    expect(operations.find('d')).toBe(operations.find('e'));
    expect(operations.find('b')).not.toBe(operations.find('d'));
    expect(operations.find('a')).not.toBe(operations.find('b'));
    operations.checkRoutes();
    expect(warnings).toEqual([
      'COALMINE_MANY_OPERATIONS /rpc has 5 operations, and maxOperations is 2: operations that `routes` does not name share a route',
      'COALMINE_INVALID_OPTION routes names "none", which /rpc does not have',
    ]);
  });

  it('have the objective of all of them, or their own', async () => {
    const instrument = instrumentFor();
    const operations = createOperations(instrument, {
      path: '/rpc',
      objective: { latency: 1 },
      routes: { export: { objective: { latency: 9 } }, ping: false, poll: { exclude: true } },
    });
    operations.declare(['export', 'ping', 'poll', 'buy'].map(post));
    const objectiveOf = async (name: string | undefined) => {
      const { exchange, response } = await meetExchange(instrument);
      operations.assign(response, name === undefined ? undefined : operations.find(name));
      return exchange.route.objective.latency;
    };
    expect([await objectiveOf('export'), await objectiveOf('buy'), await objectiveOf(undefined)]).toEqual([9, 1, 1]);
    expect(['export', 'ping', 'poll'].map((name) => operations.find(name)?.isExcluded)).toEqual([false, true, true]);
  });
});

describe('a request for operations', () => {
  it('counts on the path if its operation is unknown and nobody has named it', async () => {
    const instrument = instrumentFor();
    const operations = createOperations(instrument, { path: '/rpc' });
    const { exchange, response } = await meetExchange(instrument);
    operations.assign({ raw: response }, undefined);
    expect(exchange.route.pattern).toBe('/rpc');
    const named = await meetExchange(instrument);
    instrument.route(named.response, '/own');
    operations.assign(named.response, undefined);
    expect(named.exchange.route.pattern).toBe('/own');
  });

  it('that is a batch counts on its first operation of a user, in whichever order they are executed', async () => {
    const instrument = instrumentFor();
    const operations = createOperations(instrument, { path: '/rpc', routes: { ping: false } });
    operations.declare(['a', 'b', 'c', 'ping'].map(post));
    const { exchange, response } = await meetExchange(instrument);
    const names: string[] = [];
    for (const [name, position] of [
      ['c', 3],
      ['ping', 0],
      ['a', 1],
      ['b', 2],
      ['b', 1],
    ] as const) {
      operations.assign(response, operations.find(name), position);
      names.push(exchange.route.pattern);
    }
    expect(names).toEqual(['/rpc c', '/rpc c', '/rpc a', '/rpc a', '/rpc a']);
    expect(exchange.exclusion).toBeUndefined();
    // An operation without a position is the only one.
    operations.assign(response, operations.find('ping'));
    expect(exchange.exclusion?.authority).toBe('/rpc ping');
  });

  it('is not named before it has begun, or once it is over', async () => {
    const instrument = instrumentFor();
    const operations = createOperations(instrument, { path: '/rpc' });
    operations.declare([post('a')]);
    const { messages } = await meet();
    for (const [request] of messages) expect(() => operations.assign(request, operations.find('a'))).not.toThrow();
    const { exchange, response, client } = await meetExchange(instrument);
    client.resume();
    response.end();
    operations.assign(response, operations.find('a'));
    expect(exchange.route.pattern).toBe('(unmatched)');
    await once(response, 'close');
    operations.assign(response, undefined);
    expect(exchange.route.pattern).toBe('(unmatched)');
  });
});
