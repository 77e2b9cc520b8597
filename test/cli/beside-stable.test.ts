import { parseRelease, questionsOf, type ReleaseOptions, type Sides } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing, promtoolTestQueries, type RuleSeries } from '../support/prometheus.js';

const SIDES: Sides = { canary: 'hash="canary"', stable: 'hash="stable"', weight: 'vector(20)' };

/** The responses of a route in 15 s, by status, and how many of them are slow. */
interface Served {
  readonly [status: string]: number;
}

interface Side {
  /** By pattern: of `GET`, unless a method is in front of it. */
  readonly routes: Readonly<Record<string, Served>>;
  readonly slow?: Readonly<Record<string, number>>;
  /** The share of the time for which the event loop is busy. */
  readonly busy?: number;
  readonly objective?: number;
}

/** Returns the series of a side that serves for twelve minutes, with a scrape every 15 s, as Coalmine counts. */
function served(hash: string, { routes, slow = {}, busy = 0.2, objective = 0.5 }: Side): readonly RuleSeries[] {
  const pod = `hash="${hash}",pod="${hash}-a"`;
  const steadily = (perScrape: number): string => `0+${perScrape}x48`;
  const sum = (of: Served, counts: (status: string) => boolean): number =>
    Object.entries(of).reduce((total, [status, count]) => total + (counts(status) ? count : 0), 0);
  return [
    ...Object.entries(routes).flatMap(([route, of]) => {
      const [, method = 'GET', pattern] = /^(?:([A-Z]+) )?(.*)$/.exec(route) ?? [];
      const labels = `${pod},method="${method}",route="${pattern}"`;
      return [
        ...Object.entries({ 200: 0, 500: 0, 503: 0, 504: 0, ...of }).map(([status, count]) => ({
          series: `http_requests_total{${labels},status_code="${status}"}`,
          values: steadily(count),
        })),
        { series: `http_requests_failed_total{${labels}}`, values: steadily(sum(of, (status) => status >= '500')) },
        { series: `http_requests_timed_total{${labels}}`, values: steadily(sum(of, () => true)) },
        { series: `http_requests_slow_total{${labels}}`, values: steadily(slow[route] ?? 0) },
      ];
    }),
    { series: `http_requests_overdue{${pod}}`, values: '0x48' },
    { series: `coalmine_pod_ready_timestamp_seconds{${pod}}`, values: '100x48' },
    { series: `coalmine_objective_latency_seconds{${pod}}`, values: `${objective}x48` },
    {
      series: `nodejs_eventloop_time_seconds_total{${pod},nodejs_eventloop_state="active"}`,
      values: steadily(15 * busy),
    },
    {
      series: `nodejs_eventloop_time_seconds_total{${pod},nodejs_eventloop_state="idle"}`,
      values: steadily(15 * (1 - busy)),
    },
  ];
}

const ITEMS = { '/items/:id': { 200: 75 } };
const WELL: Side = { routes: { ...ITEMS, '/login': { 200: 20 }, '/old': { 200: 20 }, '/rare': { 200: 5 } } };

/** Replaces a text in the series that match a pattern. */
function renamedIn(series: readonly RuleSeries[], pattern: RegExp, from: string, to: string): readonly RuleSeries[] {
  return series.map((each) => (pattern.test(each.series) ? { ...each, series: each.series.replace(from, to) } : each));
}

/** Routes without requests. */
function none(routes: Side['routes']): Side['routes'] {
  return Object.fromEntries(Object.keys(routes).map((route) => [route, { 200: 0 }]));
}

function withRoutes(routes: Side['routes'], side: Omit<Side, 'routes'> = {}): Side {
  return { ...side, routes: { ...WELL.routes, ...routes } };
}

/** Returns the results of the questions that differ from the results of a healthy release. `none` is no result. */
async function told(
  series: readonly RuleSeries[],
  options: Partial<ReleaseOptions> = {},
  sides: Sides = SIDES,
  at = '11m',
): Promise<Readonly<Record<string, number | 'none'>>> {
  const questions = questionsOf(parseRelease({ name: 'shop', ...options }), sides);
  // promtool prints what it got if it expected something else.
  const queries = questions.map(({ query }) => ({ query: `round(${query}, 0.001)`, at, answers: [-1] }));
  const { said } = await promtoolTestQueries([{ name: 'beside stable', series, queries }]);
  const got = [...said.matchAll(/got: (?:nil|\{\} (\S+))/g)].map(([, value]) =>
    value === undefined ? 'none' : Number(value),
  );
  expect(got).toHaveLength(questions.length);
  return Object.fromEntries(
    questions.flatMap(({ name, good }, i) => {
      const value = got[i] as number | 'none';
      const isGood = value !== 'none' && ('most' in good ? value <= good.most : value >= good.least);
      return isGood ? [] : [[name, value]];
    }),
  );
}

describe.skipIf(isPrometheusMissing)('a canary beside stable', () => {
  const beside = (canary: Side, stable: Side = WELL): readonly RuleSeries[] => [
    ...served('canary', canary),
    ...served('stable', { ...stable, routes: scaled(stable.routes, 4) }),
  ];
  const scaled = (routes: Side['routes'], by: number): Side['routes'] =>
    Object.fromEntries(
      Object.entries(routes).map(([route, of]) => [
        route,
        Object.fromEntries(Object.entries(of).map(([status, count]) => [status, by * count])),
      ]),
    );

  it.each<[string, Side, Readonly<Record<string, number | 'none'>>]>([
    ['is well', WELL, {}],
    [
      'turns half of the users of a login away',
      withRoutes({ '/login': { 200: 10, 401: 10 } }),
      { 'routes-turning-away': 1, 'routes-differing': 1 },
    ],
    ['finds nothing', withRoutes({ '/old': { 404: 20 } }), { 'routes-turning-away': 1, 'routes-differing': 1 }],
    ['redirects', withRoutes({ '/old': { 302: 20 } }), { 'routes-turning-away': 1, 'routes-differing': 1 }],
    [
      'limits the rate',
      withRoutes({ '/old': { 200: 10, 429: 10 } }),
      { 'routes-turning-away': 1, 'routes-differing': 1 },
    ],
    [
      'refuses in several ways',
      withRoutes({ '/old': { 200: 8, 400: 6, 422: 6 } }),
      { 'routes-turning-away': 1, 'routes-differing': 1 },
    ],
    ['does not find a little more', withRoutes({ '/items/:id': { 200: 68, 404: 7 } }), { 'routes-differing': 1 }],
    [
      'fails on a rare route',
      withRoutes({ '/rare': { 500: 5 } }),
      { 'routes-failing': 1, 'error-ratio': 3, 'error-ratio-since-start': 3 },
    ],
    ['is slow on a rare route', withRoutes({}, { slow: { '/rare': 5 } }), { 'routes-slow': 1 }],
    [
      'has lost a route',
      { routes: { ...ITEMS, '/login': { 200: 20 }, '/rare': { 200: 5 }, '(unmatched)': { 404: 20 } } },
      { 'routes-lost': 1 },
    ],
    [
      'has renamed a parameter',
      { routes: { '/items/:itemId': { 200: 75 }, '/login': { 200: 20 }, '/old': { 200: 20 }, '/rare': { 200: 5 } } },
      {},
    ],
    ['meets a scanner', withRoutes({ '(unmatched)': { 404: 40 } }), {}],
    [
      'meets a scanner, and fails more than it may',
      withRoutes({ '/items/:id': { 200: 71, 500: 4 }, '(unmatched)': { 404: 480 } }),
      { 'error-ratio': 2, 'error-ratio-since-start': 2, 'routes-failing': 1 },
    ],
    [
      'meets a scanner behind a handler for all paths, and fails more than it may',
      withRoutes({ '/items/:id': { 200: 71, 500: 4 }, '/*': { 404: 480 } }),
      { 'error-ratio': 2, 'error-ratio-since-start': 2, 'routes-failing': 1 },
    ],
    [
      'meets a scanner and no users',
      { routes: { ...none(WELL.routes), '(unmatched)': { 404: 40 } } },
      { arrival: 0, traffic: 0 },
    ],
    [
      'has renamed a parameter, and meets a scanner',
      {
        routes: {
          '/items/:itemId': { 200: 75 },
          '/login': { 200: 20 },
          '/old': { 200: 20 },
          '/rare': { 200: 5 },
          '(unmatched)': { 404: 400 },
        },
      },
      {},
    ],
    [
      'has renamed a parameter, and turns half of these users away',
      {
        routes: {
          '/items/:itemId': { 200: 40, 401: 35 },
          '/login': { 200: 20 },
          '/old': { 200: 20 },
          '/rare': { 200: 5 },
        },
      },
      { 'unmatched-differing': 1 },
    ],
    [
      'turns half of the users away in a middleware',
      withRoutes({ '/items/:id': { 200: 37 }, '/*': { 401: 40 } }),
      { 'users-refused': 1, 'unmatched-differing': 1 },
    ],
    [
      'has lost a route, and responds with 405',
      { routes: { ...ITEMS, '/login': { 200: 20 }, '/rare': { 200: 5 }, '(unmatched)': { 405: 20 } } },
      { 'routes-lost': 1, 'unmatched-differing': 1 },
    ],
    [
      'passes the requests of a route on, and nobody responds',
      withRoutes({ '/old': { 200: 0 }, '(unmatched)': { 404: 20 } }),
      { 'unmatched-differing': 1 },
    ],
    ['has no client of a route, and no 404s', withRoutes({ '/old': { 200: 0 } }), {}],
    ['responds with nothing', withRoutes({ '/old': { 204: 20 } }), { 'routes-differing': 1 }],
    ['takes orders that nobody completes', withRoutes({ '/old': { 202: 20 } }), { 'routes-differing': 1 }],
    ['has a route that stable has not, and it refuses some', withRoutes({ '/new': { 200: 20, 400: 3 } }), {}],
    ['answers with what the client has, and loses clients', withRoutes({ '/old': { 200: 5, 304: 10, 499: 5 } }), {}],
    ['hangs, and the clients of a route leave soon', withRoutes({ '/old': { 499: 20 } }), { 'routes-differing': 1 }],
    ['cannot keep up', { ...WELL, busy: 0.98 }, { saturation: 1 }],
    [
      'gets a tenth of what it should',
      { routes: Object.fromEntries(Object.entries(WELL.routes).map(([route]) => [route, { 200: 2 }])) },
      { arrival: 0 },
    ],
  ])('%s', async (_what, canary, answers) => {
    const said = await told(beside(canary));
    expect(Object.keys(said)).toEqual(
      Object.keys(answers).sort((a, b) => Object.keys(said).indexOf(a) - Object.keys(said).indexOf(b)),
    );
    for (const [name, value] of Object.entries(answers)) if (!name.startsWith('error')) expect(said[name]).toBe(value);
  });

  it('passes if a busy client asks for a path that redirects on both sides', async () => {
    const redirects = (times: number): Side => withRoutes({ '/old': { 302: 20 * times } });
    expect(await told(beside(redirects(20), redirects(1)))).toEqual({});
  });

  it('passes if a load tester asks for little else than a page that redirects on both sides', async () => {
    const loaded = (users: number, times: number): Side => ({
      routes: { '/': { 302: times }, '/items/:id': { 200: users } },
    });
    expect(await told(beside(loaded(25, 475), loaded(25, 1)))).toEqual({});
    // No user of stable asks for the page.
    expect(await told(beside(loaded(25, 475), { routes: { '/items/:id': { 200: 25 } } }))).toEqual({});
  });

  it.each<[string, Side, Readonly<Record<string, number>>]>([
    ['fails', withRoutes({ '(mounted)/page': { 500: 1 } }), { 'routes-failing': 1 }],
    ['is slow', withRoutes({ '(mounted)/page': { 200: 5 } }, { slow: { '(mounted)/page': 5 } }), { 'routes-slow': 1 }],
    [
      'refuses',
      withRoutes({ '(mounted)/page': { 200: 2, 401: 3 } }),
      { 'routes-turning-away': 1, 'routes-differing': 1 },
    ],
    [
      'has nobody who responds',
      withRoutes({ '(mounted)/page': { 200: 0 }, '(unmatched)': { 404: 5 } }),
      { 'unmatched-differing': 1 },
    ],
  ])('has a route below a mount whose path nobody knows, and it %s', async (_what, canary, answers) => {
    expect(await told(beside(canary, withRoutes({ '(mounted)/page': { 200: 5 } })))).toEqual(answers);
  });

  it('passes if a scanner comes, and only stable has seen a method until now', async () => {
    const stable = withRoutes({ '/all': { 200: 0.2 } });
    expect(await told(beside(withRoutes({ '(unmatched)': { 404: 40 } }), stable))).toEqual({});
  });

  it('is found if it has lost the files of a directory', async () => {
    const canary = withRoutes({ '/assets/*': { 200: 0 }, '(unmatched)': { 404: 20 } });
    expect(await told(beside(canary, withRoutes({ '/assets/*': { 200: 20 } })))).toEqual({ 'routes-lost': 1 });
  });

  it.each<[string, Side['routes'], Side['routes'], Readonly<Record<string, number>>]>([
    [
      'CORS: Express responds to preflights by itself',
      { 'OPTIONS (unmatched)': { 200: 10 } },
      { 'OPTIONS /*': { 204: 10 } },
      { 'routes-lost': 1 },
    ],
    [
      'a field of GraphQL: the server refuses the operation',
      { 'POST /graphql': { 400: 10 } },
      { 'POST /graphql': { 400: 0.1 }, 'POST /graphql Query.old': { 200: 10 } },
      { 'routes-lost': 1, 'users-refused': 1, 'unmatched-differing': 1 },
    ],
  ])('is found if it has lost %s', async (_what, canary, stable, answers) => {
    expect(await told(beside(withRoutes(canary), withRoutes(stable)))).toEqual(answers);
  });

  it.each<[string, Served, Side['routes']]>([
    ['which stable never does', { 401: 30 }, {}],
    ['which stable does as well, but less', { 401: 30 }, { '/api': { 401: 2 } }],
    ['a body that cannot be read', { 400: 10 }, { '/api': { 400: 1 } }],
  ])('refuses in a middleware of a part of the app, %s', async (_what, refused, stable) => {
    const canary = withRoutes({ '/items/:id': { 200: 45 }, '/api': refused });
    expect(await told(beside(canary, withRoutes(stable)))).toMatchObject({ 'unmatched-differing': 1 });
    expect(await told(beside(canary, canary))).toEqual({});
  });

  it('rolls back if a middleware refuses a fifth of the users, and the router says how many there are', async () => {
    const refusing = (share: number): Side => ({
      routes: { '/items/:id': { 200: 100 - share }, '(unmatched)': { 401: share } },
    });
    const stable: Side = { routes: { '/items/:id': { 200: 100 }, '(unmatched)': { 401: 1 } } };
    const doubted = { 'unmatched-differing': 1 };
    const series = beside(refusing(30), stable);
    expect(await told(series)).toEqual({ 'users-refused': 1, ...doubted });
    expect(await told(beside(refusing(15), stable))).toEqual(doubted);
    expect(await told(series, {}, { ...SIDES, weight: 'vector(0)' })).toEqual(doubted);
    const { weight: _, ...unknown } = SIDES;
    expect(await told(series, {}, unknown)).toEqual(doubted);
    // A scanner on the canary takes away nothing of what is served.
    const scanned: Side = { routes: { '/items/:id': { 200: 100 }, '(unmatched)': { 401: 50 } } };
    expect(await told(beside(scanned, stable))).toEqual(doubted);
  });

  it.each<[string, Side['routes'], Side['routes']]>([
    ['redirects', { '/account': { 302: 30 } }, { '/account': { 302: 1 } }],
    ['redirects and refuses', { '/account': { 302: 15, 401: 15 } }, { '/account': { 302: 2 } }],
    ['finds nothing', { '(unmatched)': { 404: 30 } }, { '(unmatched)': { 404: 1 } }],
    ['refuses in three ways', { '(unmatched)': { 401: 10, 403: 10, 429: 10 } }, {}],
    ['fails as well', { '/api': { 401: 30, 500: 0.1 } }, { '/api': { 500: 0.1 } }],
  ])('rolls back if a middleware turns users away: it %s', async (_what, refused, stable) => {
    const canary: Side = { routes: { '/items/:id': { 200: 70 }, ...refused } };
    const series = beside(canary, { routes: { '/items/:id': { 200: 100 }, ...stable } });
    expect(await told(series)).toMatchObject({ 'users-refused': 1 });
  });

  it('rolls back if a middleware refuses the few requests that write', async () => {
    const app = (served: number, refused: number): Side => ({
      routes: { '/items/:id': { 200: 90 }, 'POST /orders': { 200: served }, 'POST /*': { 403: refused } },
    });
    const doubted = { 'unmatched-differing': 1 };
    expect(await told(beside(app(0, 8), app(8, 0)))).toEqual({ 'users-refused': 1, ...doubted });
    // A scanner, and a parser that finds one body in eight too large.
    expect(await told(beside(app(8, 20), app(8, 0)))).toEqual(doubted);
    expect(await told(beside(app(7, 1), app(8, 0)))).toEqual(doubted);
  });

  it('loses a busy route, and accepts that', async () => {
    const stable: Side = { routes: { '/items/:id': { 200: 60 }, '/old': { 200: 40 } } };
    const canary: Side = { routes: { '/items/:id': { 200: 60 }, '(unmatched)': { 404: 40 } } };
    expect(await told(beside(canary, stable), { accept: ['GET /old 404'] })).toEqual({});
  });

  it.each<[string, Side['routes'], Side['routes']]>([
    [
      'it refuses what fails on stable',
      { '/items/:id': { 200: 75 }, '/*': { 401: 25 } },
      { '/items/:id': { 200: 75 }, '/*': { 500: 25 } },
    ],
    [
      'stable has users who do not come through the router',
      { '/items/:id': { 200: 5 }, '(unmatched)': { 401: 5 } },
      { '/items/:id': { 200: 14 }, '(unmatched)': { 401: 5 } },
    ],
    [
      'what its routes refused is refused in a middleware, and clients have the response already',
      { '/items/:id': { 200: 50, 304: 25 }, '(unmatched)': { 401: 25 } },
      { '/items/:id': { 200: 75, 401: 25 } },
    ],
  ])('does not roll back if %s', async (_what, canary, stable) => {
    expect(await told(beside({ routes: canary }, { routes: stable }))).not.toHaveProperty('users-refused');
  });

  it('does not take a weight that has just risen for users who are refused', async () => {
    const scanned: Side = { routes: { '/items/:id': { 200: 100 }, '(unmatched)': { 401: 50 } } };
    const series = [
      ...beside(scanned, { routes: { '/items/:id': { 200: 100 }, '(unmatched)': { 401: 1 } } }),
      // Higher at the end of each span than before.
      { series: 'weight', values: Array.from({ length: 49 }, (_, i) => (i % 4 === 0 ? 28 : 20)).join(' ') },
    ];
    expect(await told(series, {}, { ...SIDES, weight: 'max(weight)' })).toEqual({ 'unmatched-differing': 1 });
  });

  it.each<[string, Side['routes'], Side['routes']]>([
    ['a middleware responds to preflights', { 'OPTIONS /*': { 204: 10 } }, { 'OPTIONS (unmatched)': { 200: 10 } }],
    ['preflights have no body any more', { 'OPTIONS /*': { 204: 10 } }, { 'OPTIONS /*': { 200: 10 } }],
    ['those of a route have none', { 'OPTIONS /old': { 204: 10 } }, { 'OPTIONS /old': { 200: 10 } }],
  ])('passes if %s', async (_what, canary, stable) => {
    expect(await told(beside(withRoutes(canary), withRoutes(stable)))).toEqual({});
  });

  it('has a new route that fails, however rare it is', async () => {
    expect(await told(beside(withRoutes({ '/new': { 500: 1 } })))).toEqual({ 'unmatched-differing': 1 });
    expect(await told(beside(withRoutes({ '/new': { 200: 1 } })))).toEqual({});
    // Stable fails on the route that has been renamed.
    const stable = withRoutes({ '/pay/:id': { 500: 1 } });
    expect(await told(beside(withRoutes({ '/pay/:orderId': { 500: 1 } }), stable))).toEqual({});
  });

  it('passes if a scanner comes only to stable', async () => {
    expect(await told(beside(WELL, withRoutes({ '(unmatched)': { 404: 200 } })))).toEqual({});
  });

  it('passes if a file is rare, and a scanner comes', async () => {
    const files = (served: Served): Side => withRoutes({ '/*': served });
    expect(await told(beside(files({ 200: 0, 404: 8 }), files({ 200: 0.3 })))).toEqual({});
  });

  it.each([
    ['a parameter that has become a wildcard', '/items/*', '/items/:id'],
    ['a wildcard that has become a parameter', '/items/:id', '/items/*'],
  ])('passes if a pattern has changed: %s', async (_what, ofCanary, ofStable) => {
    const routes = (pattern: string): Side => ({ routes: { '/login': { 200: 20 }, [pattern]: { 200: 75 } } });
    expect(await told(beside(routes(ofCanary), routes(ofStable)))).toEqual({});
  });

  it('passes if a canary with too many routes serves one of them without its name, and a scanner comes', async () => {
    const { '/old': _, ...others } = WELL.routes;
    const canary = { routes: { ...others, '(overflow)': { 200: 20 }, '(unmatched)': { 404: 40 } } };
    expect(await told(beside(canary))).toEqual({});
  });

  it.each<[string, Served, number]>([
    ['fails', { 500: 1 }, 0],
    ['is slow', { 200: 4 }, 4],
  ])('has renamed a parameter of a rare route, which %s', async (_what, canary, slow) => {
    const pay = '/pay/:orderId';
    const series = beside(
      withRoutes({ [pay]: canary }, { slow: { [pay]: slow } }),
      withRoutes({ '/pay/:id': { 200: 2 } }),
    );
    expect(await told(series)).toEqual({ 'unmatched-differing': 1 });
  });

  describe('behind a router that splits the requests', () => {
    it('does not find paths that stable serves on the same route', async () => {
      const series = beside(withRoutes({ '/items/:id': { 200: 55 }, '(unmatched)': { 404: 20 } }));
      expect(await told(series, { router: 'nginx' })).toEqual({ 'unmatched-differing': 1 });
      // Without such a router, a scanner on one connection would look the same.
      expect(await told(series)).toEqual({});
      expect(await told(series, { router: 'nginx', accept: ['GET /gone 404'] })).toEqual({});
    });

    it('passes if a scanner comes to both sides', async () => {
      const scanned = withRoutes({ '(unmatched)': { 404: 20 } });
      expect(await told(beside(scanned, scanned), { router: 'nginx' })).toEqual({});
      expect(await told(beside(scanned, withRoutes({ '(unmatched)': { 404: 15 } })), { router: 'nginx' })).toEqual({});
    });

    it('does not respond to HEAD any more', async () => {
      const head = (side: string, route: string, status: number, perScrape: number): RuleSeries => ({
        series: `http_requests_total{hash="${side}",pod="${side}-a",method="HEAD",route="${route}",status_code="${status}"}`,
        values: `0+${perScrape}x48`,
      });
      const series = [...beside(WELL), head('canary', '(unmatched)', 404, 5), head('stable', '/old', 200, 20)];
      expect(await told(series, { router: 'nginx' })).toEqual({ 'users-refused': 1, 'unmatched-differing': 1 });
    });
  });

  it('hangs up on the sockets of stable, which have no route', async () => {
    const stable = withRoutes({ '(unmatched)': { 101: 10, 404: 1 } });
    expect(await told(beside(withRoutes({ '(unmatched)': { 404: 11 } }), stable))).toEqual({ 'routes-lost': 1 });
    expect(await told(beside(withRoutes({ '(unmatched)': { 101: 10, 404: 40 } }), stable))).toEqual({});
  });

  describe('with a handler for all paths that no other route knows', () => {
    const app = (all: Served, routes: Side['routes'] = WELL.routes): Side => ({ routes: { ...routes, '/*': all } });
    const stable = app({ 200: 20, 404: 1 });
    const { '/old': _, ...withoutOld } = WELL.routes;

    it.each<[string, Side, Readonly<Record<string, number>>]>([
      ['a scanner', app({ 200: 20, 404: 40 }), {}],
      ['a scanner that is refused', app({ 200: 20, 401: 40 }), { 'unmatched-differing': 1 }],
      [
        'half of the users turned away',
        app({ 200: 9, 401: 11 }),
        { 'routes-turning-away': 1, 'routes-differing': 1, 'unmatched-differing': 1 },
      ],
      ['all files gone', app({ 404: 21 }), { 'routes-turning-away': 1, 'routes-lost': 1, 'routes-differing': 1 }],
      ['a third of the files gone', app({ 200: 13, 404: 8 }), { 'routes-differing': 1 }],
      [
        'a route lost, whose users get the page of all paths',
        app({ 200: 40, 404: 1 }, withoutOld),
        { 'routes-lost': 1 },
      ],
    ])('%s', async (_what, canary, answers) => {
      expect(await told(beside(canary, stable))).toEqual(answers);
    });
  });

  it.each([0, 1, 2])(
    'is found if it is slow for one minute in three, %d minutes before the last measurement',
    async (minutes) => {
      // Slow for one minute of three.
      const isSlow = (scrape: number): boolean => Math.floor(scrape / 4 + minutes) % 3 === 0;
      let slow = 0;
      const counted = Array.from({ length: 49 }, (_, i) => (slow += isSlow(i) ? 70 : 0)).join(' ');
      const series = beside(WELL).map((each) =>
        /slow_total.*canary.*items/.test(each.series) ? { ...each, values: counted } : each,
      );
      expect((await told(series))['slow-ratio-since-start']).toBeGreaterThan(1);
    },
  );

  describe('with pods that join later', () => {
    // A pod that starts with a scrape, and is slow for some scrapes.
    const joining = (pod: string, from: number, perScrape: number, slow: number): readonly RuleSeries[] => {
      const labels = `hash="canary",pod="${pod}",method="GET",route="/items/:id"`;
      const rest = 48 - from;
      const steadily = `_x${from} 0+${perScrape}x${rest}`;
      return [
        { series: `http_requests_total{${labels},status_code="200"}`, values: steadily },
        { series: `http_requests_failed_total{${labels}}`, values: `_x${from} 0x${rest}` },
        { series: `http_requests_timed_total{${labels}}`, values: steadily },
        {
          series: `http_requests_slow_total{${labels}}`,
          values: `_x${from} 0+${perScrape}x${slow} ${perScrape * slow}x${rest - slow}`,
        },
      ];
    };

    it('passes if each pod is slow for its first 90 s', async () => {
      // The first pod is slow at its start as well.
      const first = beside(WELL).map((each) =>
        /slow_total.*canary.*items/.test(each.series) ? { ...each, values: '0+70x6 420x42' } : each,
      );
      const others = [13, 25].flatMap((from) => joining(`joined-at-${from}`, from, 30, 6));
      expect(await told([...first, ...others])).toEqual({});
    });

    it('passes if a step starts many pods that are slow for more than two minutes', async () => {
      expect(await told([...beside(WELL), ...joining('joined', 34, 80, 10)])).toEqual({});
    });

    it('passes if an autoscaler starts a pod every 45 s, and each is slow for its first 90 s', async () => {
      const others = Array.from({ length: 8 }, (_, i) => joining(`joined-${i}`, 20 + 3 * i, 30, 6)).flat();
      expect(await told([...beside(WELL), ...others])).toEqual({});
    });

    // The first pod ends after a scrape, and another pod replaces it at the next one.
    const replaced = (after: number, slow: number): readonly RuleSeries[] => [
      ...beside(WELL).map((each) =>
        each.series.includes('canary-a') ? { ...each, values: each.values.replace('x48', `x${after} stale`) } : each,
      ),
      ...joining('replaces', after + 1, 80, slow),
      { series: 'coalmine_pod_ready_timestamp_seconds{hash="canary",pod="replaces"}', values: ready(after + 1) },
      { series: 'http_requests_overdue{hash="canary",pod="replaces"}', values: `_x${after + 1} 0x${48 - after}` },
      { series: 'coalmine_objective_latency_seconds{hash="canary",pod="replaces"}', values: '0.5x48' },
      ...['active', 'idle'].map((state) => ({
        series: `nodejs_eventloop_time_seconds_total{hash="canary",pod="replaces",nodejs_eventloop_state="${state}"}`,
        values: `_x${after + 1} 0+${state === 'idle' ? 12 : 3}x${48 - after}`,
      })),
    ];
    const ready = (from: number): string => `_x${from} ${15 * from}x${48 - from}`;

    it('passes if the only pod was replaced by a pod that is slow for two minutes', async () => {
      expect(await told(replaced(33, 10))).toEqual({});
    });

    it('is slow if the pod that replaced the only pod is still slow after six minutes', async () => {
      expect(await told(replaced(18, 25))).toMatchObject({
        'slow-ratio': expect.any(Number),
        'slow-ratio-since-start': expect.any(Number),
      });
    });

    it('passes if the only pod was restarted, and is slow for two minutes', async () => {
      const restarted = beside(WELL).map((each) => {
        if (each.series.includes('ready_timestamp') && each.series.includes('canary-a'))
          return { ...each, values: `100x33 ${15 * 34}x14` };
        if (!/items.*$/.test(each.series) || !each.series.includes('canary-a')) return each;
        const perScrape = each.series.includes('slow') ? 75 : Number(/\+(\d+)x/.exec(each.values)?.[1]);
        const before = each.series.includes('slow') ? '0x33' : `0+${perScrape}x33`;
        return { ...each, values: `${before} 0+${perScrape}x14` };
      });
      expect(await told(restarted)).toEqual({});
    });

    it('is slow if nothing says how old the pods are', async () => {
      const slow = beside(withRoutes({}, { slow: { '/items/:id': 20 } }));
      const said = await told(slow.filter(({ series }) => !series.includes('ready_timestamp')));
      expect(said).toMatchObject({ 'slow-ratio': expect.any(Number), 'slow-ratio-since-start': expect.any(Number) });
    });

    it('is slow if the older pods are slow as well', async () => {
      const first = beside(withRoutes({}, { slow: { '/items/:id': 20 } }));
      const said = await told([...first, ...joining('joined', 34, 80, 10)]);
      expect(Object.keys(said)).toEqual(['slow-ratio', 'slow-ratio-since-start', 'routes-slow']);
    });
  });

  it('turns all users away, on routes of which none has enough of them to prove that', async () => {
    const routes = (served: Served): Side['routes'] =>
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`/page/${i}`, served]));
    const [well, away] = [routes({ 200: 0.25 }), routes({ 302: 0.25 })];
    const onRoutes = async (canary: Side['routes'], stable: Side['routes'], accept: readonly string[] = []) => {
      const { traffic: _, ...others } = await told(beside({ routes: canary }, { routes: stable }), { accept });
      return others;
    };
    expect(await onRoutes(away, well)).toEqual({ 'routes-turning-away': 1 });
    // A client that every route turns away, beside as many users.
    expect(await onRoutes(routes({ 200: 0.25, 401: 0.25 }), well)).toEqual({});
    const busy = routes({ 200: 1.25 });
    expect(await onRoutes(routes({ 200: 0.9375, 302: 0.3125 }), busy)).toEqual({ 'routes-differing': 1 });
    expect(await onRoutes(routes({ 200: 1.125, 302: 0.125 }), busy)).toEqual({});
    expect(await onRoutes(away, away)).toEqual({});
    const meant = Object.keys(well).map((route) => `GET ${route} 302`);
    expect(await onRoutes(away, well, meant)).toEqual({});
    // Stable has no users, so nothing can be compared with it.
    expect(await onRoutes(away, routes({ 200: 0 }))).toEqual({});
  });

  it('passes if stable does the same', async () => {
    const both = withRoutes({ '/login': { 200: 10, 401: 10 }, '/old': { 302: 20 } });
    expect(await told(beside(both, both))).toEqual({});
  });

  it('passes if the release accepts the difference', async () => {
    const canary = withRoutes({ '/login': { 200: 10, 401: 10 }, '/old': { 302: 20 } });
    expect(await told(beside(canary), { accept: ['GET /login 401'] })).toEqual({
      'routes-turning-away': 1,
      'routes-differing': 1,
    });
    expect(await told(beside(canary), { accept: ['GET /login 401', 'GET /old 3xx'] })).toEqual({});
  });

  it('passes if the release accepts a redirect, and clients ask for its head', async () => {
    const head = (status: string): RuleSeries => ({
      series: `http_requests_total{hash="canary",pod="canary-a",method="HEAD",route="/old",status_code="${status}"}`,
      values: '0+20x48',
    });
    const ofStable = { ...head('200'), series: head('200').series.replaceAll('canary', 'stable') };
    const series = [...beside(withRoutes({ '/old': { 301: 20 } })), head('301'), ofStable];
    expect(await told(series, { accept: ['GET /old 301'] })).toEqual({});
  });

  it('cannot keep up, while one pod of many on stable is busy', async () => {
    const loop = (pod: string, busy: number): readonly RuleSeries[] =>
      (['active', 'idle'] as const).map((state) => ({
        series: `nodejs_eventloop_time_seconds_total{hash="stable",pod="${pod}",nodejs_eventloop_state="${state}"}`,
        values: `0+${15 * (state === 'active' ? busy : 1 - busy)}x48`,
      }));
    const others = [...loop('b', 0.2), ...loop('c', 0.2), ...loop('leader', 0.85)];
    expect(await told([...beside({ ...WELL, busy: 0.98 }), ...others])).toEqual({ saturation: 1 });
  });

  it('cannot keep up if a worker of a cluster hangs, and the others are idle', async () => {
    const silent = (side: string, workers: string): RuleSeries => ({
      series: `coalmine_cluster_workers{hash="${side}",pod="${side}-a",state="silent"}`,
      values: workers,
    });
    const hangs = [...beside(WELL), silent('canary', '0x10 1x38')];
    expect(await told([...hangs, silent('stable', '0x48')])).toEqual({ saturation: 1 });
    expect(await told([...hangs, silent('stable', '1x48')])).toEqual({});
    // A worker that is late for a scrape now and then.
    const late = Array.from({ length: 49 }, (_, i) => (i % 3 === 0 ? 0 : 1)).join(' ');
    expect(await told([...beside(WELL), silent('canary', late)])).toEqual({});
  });

  it('has no traffic if all clients leave before the response', async () => {
    const left = Object.fromEntries(Object.keys(WELL.routes).map((route) => [route, { 200: 0, 499: 40 }]));
    expect(await told(beside({ routes: left }))).toEqual({ 'routes-differing': 4, traffic: 0 });
  });

  it('rolls back if a handler for all paths is the whole app, and finds less', async () => {
    const app = (served: Served): Side => ({ routes: { '/*': served } });
    const said = await told(beside(app({ 200: 40, 404: 60 }), app({ 200: 97, 404: 3 })));
    expect(said).toEqual({ 'users-refused': 1, 'routes-differing': 1, arrival: 0 });
  });

  it('turns all users away, behind a handler for all paths', async () => {
    const app = (served: Served): Side => ({ routes: { '/*': served } });
    const said = await told(beside(app({ 302: 60 }), app({ 200: 60 })));
    expect(said).toMatchObject({ 'routes-turning-away': 1 });
  });

  it('fails, beside a counter of the same name that a sidecar has', async () => {
    const sidecar = {
      series: 'http_requests_total{hash="canary",pod="canary-a",status_code="200"}',
      values: '0+2000x48',
    };
    const said = await told([...beside(withRoutes({ '/items/:id': { 200: 60, 500: 15 } })), sidecar]);
    expect(said['error-ratio']).toBeGreaterThan(1);
  });

  it('passes long after an outage that both had', async () => {
    const both = withRoutes({ '/items/:id': { 200: 75, 500: 75 } });
    // The failures of the first two of eleven minutes.
    const series = beside(both, both).map(({ series, values }) => {
      const [, step = ''] = /^0\+(\d+)/.exec(values) ?? [];
      const isFailure = /items/.test(series) && /failed_total|"500"/.test(series);
      return { series, values: isFailure ? `0+${step}x8 ${8 * Number(step)}x40` : values };
    });
    expect(await told(series, { analysis: { lookbackSeconds: 300 } })).toEqual({});
  });

  it.each([
    ['failures', /items.*"500"|failed_total.*items/, 75, 4, { 'shared-errors': 1 }],
    ['slowness', /slow_total.*items/, 150, 15, {}],
  ])(
    'passes long after an outage that both had, while both have a smaller one: %s',
    async (_what, isBad, first, then, answers) => {
      const both = withRoutes({ '/items/:id': { 200: 75, 500: 75 } }, { slow: { '/items/:id': 75 } });
      // All bad requests are in the first two of eleven minutes, except a small part later.
      const series = beside(both, both).map(({ series, values }) => {
        if (!isBad.test(series))
          return { series, values: /"500"|failed_total|slow_total/.test(series) ? '0x48' : values };
        const times = series.includes('stable') ? 4 : 1;
        return { series, values: `0+${times * first}x8 ${times * first * 8}+${times * then}x40` };
      });
      expect(await told(series, { analysis: { lookbackSeconds: 300 } })).toEqual(answers);
    },
  );

  it.each<[string, Served, Served]>([
    ['with another status than stable', { 200: 10, 403: 10 }, { 200: 10, 401: 10 }],
    ['what is gone, and stable did not find it', { 200: 5, 410: 15 }, { 200: 5, 404: 15 }],
    ['what fails on stable', { 200: 10, 422: 10 }, { 200: 10, 500: 10 }],
  ])('pauses if it refuses %s', async (_what, canary, stable) => {
    const login = (served: Served): Side => withRoutes({ '/login': served });
    expect(await told(beside(login(canary), login(stable)))).toEqual({ 'routes-differing': 1 });
  });

  it('pauses if its routes refuse what a middleware of stable refuses', async () => {
    const canary = { '/login': { 200: 10, 401: 10 } };
    const ofStable = (refused: number): Side => withRoutes({ '/login': { 200: 10 }, '/*': { 401: refused } });
    const turnedAway = { 'routes-turning-away': 1, 'routes-differing': 1 };
    expect(await told(beside(withRoutes(canary), ofStable(10)))).toEqual({ 'routes-differing': 1 });
    // That of a part of the app, while a route refuses everybody on both sides.
    const admin = { '/admin': { 401: 2 } };
    const ofPart = withRoutes({ '/login': { 200: 10 }, '/api': { 401: 10 }, ...admin });
    expect(await told(beside(withRoutes({ ...canary, ...admin }), ofPart))).toEqual({ 'routes-differing': 1 });
    // Stable has too few requests, or the canary has the middleware as well.
    expect(await told(beside(withRoutes(canary), ofStable(3)))).toEqual(turnedAway);
    expect(await told(beside(withRoutes({ ...canary, '/*': { 401: 3 } }), ofStable(10)))).toEqual(turnedAway);
  });

  it.each<[string, Served]>([
    ['refuses', { 200: 10, 401: 10 }],
    ['does not find', { 200: 10, 404: 10 }],
    ['redirects', { 200: 5, 302: 20 }],
  ])('pauses if a route %s what a route of stable did that is gone', async (_what, served) => {
    const moved: Served = { 200: 10, ...served };
    const canary = withRoutes({ '/users/:id': moved });
    const ofStable = withRoutes({ '/users/:id': { 200: 10 }, '/users/me': served });
    expect(await told(beside(canary, ofStable))).toEqual({ 'routes-differing': 1 });
    // The canary has both routes, or stable did it with far fewer requests.
    const turnedAway = { 'routes-turning-away': 1, 'routes-differing': 1 };
    const both = withRoutes({ '/users/:id': moved, '/users/me': { 200: 0 } });
    expect(await told(beside(both, ofStable))).toMatchObject(turnedAway);
    const [status = ''] = Object.keys(served).filter((status) => status !== '200');
    const little = withRoutes({ '/users/:id': { 200: 10 }, '/users/me': { 200: 17, [status]: 3 } });
    expect(await told(beside(canary, little))).toMatchObject(turnedAway);
  });

  it.each<[string, Side['routes'], Side['routes'], number]>([
    [
      'has renamed a route that refuses',
      { '/users/:uid': { 200: 5, 401: 10 }, '/a': { 401: 10 }, '/b': { 401: 10 } },
      { '/users/:id': { 200: 5, 401: 10 }, '/a': { 200: 10 }, '/b': { 200: 10 } },
      2,
    ],
    [
      'has lost a middleware that refuses',
      { '/a': { 401: 10 }, '/b': { 401: 10 }, '/c': { 401: 10 } },
      { '/*': { 401: 10 }, '/a': { 200: 10 }, '/b': { 200: 10 }, '/c': { 200: 10 } },
      3,
    ],
    [
      'has more routes than names',
      { '(overflow)': { 200: 3, 404: 12 }, '/a': { 404: 20 } },
      { '/rare': { 200: 3, 404: 12 }, '/a': { 200: 20 } },
      1,
    ],
    [
      'has not seen a field that stable refuses',
      { '/a': { 400: 20 } },
      { 'POST /graphql Query.x': { 400: 20 }, '/a': { 200: 20 } },
      1,
    ],
    ['has not seen a HEAD', { '/a': { 404: 20 } }, { 'HEAD /items/:id': { 200: 5, 404: 20 }, '/a': { 200: 20 } }, 1],
  ])('turns users away although it %s', async (_what, canary, ofStable, routes) => {
    const verdict = await told(beside(withRoutes(canary), withRoutes(ofStable)));
    expect(verdict).toMatchObject({ 'routes-turning-away': routes });
  });

  it('passes if a handler for all paths does not find a path that fails on stable', async () => {
    const all = (served: Served): Side => withRoutes({ '/*': served });
    expect(await told(beside(all({ 200: 5, 404: 15 }), all({ 200: 5, 502: 15 })))).toEqual({});
  });

  it('pauses if it refuses everything, and stable fails completely', async () => {
    const routes = (served: Served): Side => ({ routes: { '/a': served, '/b': served } });
    expect(await told(beside(routes({ 401: 60 }), routes({ 500: 60 })))).toEqual({
      'routes-differing': 2,
      'unmatched-differing': 1,
    });
  });

  it('turns away users that stable serves, and others that stable refuses in another way', async () => {
    const login = (served: Served): Side => withRoutes({ '/login': served });
    expect(await told(beside(login({ 200: 8, 403: 12 }), login({ 200: 16, 401: 4 })))).toEqual({
      'routes-turning-away': 1,
      'routes-differing': 1,
    });
  });

  it('has a route that is slower by a factor, if the options ask for it', async () => {
    const timed = (hash: string, seconds: number): readonly RuleSeries[] => [
      {
        series: `http_request_duration_seconds_sum{hash="${hash}",method="GET",route="/old",status_code="200"}`,
        values: `0+${20 * seconds}x48`,
      },
      {
        series: `http_request_duration_seconds_count{hash="${hash}",method="GET",route="/old",status_code="200"}`,
        values: '0+20x48',
      },
    ];
    const series = [...beside(WELL), ...timed('canary', 0.2), ...timed('stable', 0.1)];
    expect(await told(series)).toEqual({});
    const asked = { analysis: { slowerThanStable: 1.5 } };
    expect(await told(series, asked)).toEqual({ 'routes-slower': 1 });
    // Without the durations of one side, nothing shows that no route is slower.
    const none = { 'routes-slower': 'none' };
    const unused = ({ series, values }: RuleSeries): RuleSeries => ({
      series,
      values: /timed_total/.test(series) ? '0x48' : values,
    });
    for (const side of ['canary', 'stable']) {
      const missing = new RegExp(`duration_seconds_(?:sum|count).*"${side}"`);
      expect(
        await told(
          series.filter((each) => !missing.test(each.series)),
          asked,
        ),
      ).toEqual(none);
      expect(await told(renamedIn(series, missing, 'route=', 'path='), asked)).toEqual(none);
      // Nothing has been timed yet.
      const cold = series.filter((each) => !missing.test(each.series)).map(unused);
      expect(await told(cold, asked)).toEqual({});
    }
    // Stable has no Coalmine yet.
    expect(
      await told(
        series.filter((each) => !each.series.includes('hash="stable"')),
        asked,
      ),
    ).toEqual({});
    expect(await told(series, { analysis: { slowerThanStable: 2.5 } })).toEqual({});
  });

  it('is judged only by the objectives if stable has no Coalmine yet', async () => {
    const canary = withRoutes({ '/login': { 401: 20 } });
    expect(await told(served('canary', canary), {}, { canary: 'hash="canary"', stable: 'hash="stable"' })).toEqual({});
    const failing = await told(served('canary', withRoutes({ '/items/:id': { 500: 75 } })));
    expect(Object.keys(failing)).toEqual(['error-ratio', 'error-ratio-since-start']);
  });

  it('is judged only by the objectives if stable counts with a snippet, under the same name', async () => {
    // The snippet counts probes, knows no status of a scanner, and has another pattern for a route.
    const snippet = { ...WELL.routes, '/healthz': { 200: 400 }, '/login': { 200: 20 }, '/me': { 200: 20 } };
    const stable = served('stable', { routes: snippet }).filter(({ series }) =>
      /^http_requests_total\{.*"200"/.test(series),
    );
    const canary = withRoutes({ '/login': { 200: 10, 401: 10 }, '(unmatched)': { 404: 400 } });
    expect(await told([...served('canary', canary), ...stable])).toEqual({});
  });

  it('is compared with stable before the switch of a blue-green release', async () => {
    // All users move to the canary after twelve minutes.
    const switched = (canary: Side): readonly RuleSeries[] =>
      [...served('canary', canary), ...served('stable', WELL)].map(({ series, values }) => {
        const [, first, perScrape] = /^([\d.]+)(?:\+([\d.]+))?x48$/.exec(values) ?? [];
        if (perScrape === undefined) return { series, values: `${first}x84` };
        if (series.includes('eventloop')) return { series, values: `0+${perScrape}x84` };
        const before = series.includes('canary') ? '0x48' : `0+${perScrape}x48`;
        const after = series.includes('canary') ? `${perScrape}+${perScrape}x35` : `${48 * Number(perScrape)}x35`;
        return { series, values: `${before} ${after}` };
      });
    const afterSwitch = async (canary: Side, isSwitched = true) =>
      told(
        switched(canary),
        { strategy: 'blue-green' },
        { canary: SIDES.canary, stable: 'hash="stable"', isSwitched },
        '19m',
      );
    const away = withRoutes({ '/login': { 401: 20 } });
    expect(await afterSwitch(away)).toEqual({ 'routes-turning-away': 1, 'routes-differing': 1 });
    expect(await afterSwitch(away, false)).toEqual({});
    expect(await afterSwitch(WELL)).toEqual({});
    expect(await afterSwitch(withRoutes({}, { slow: { '/rare': 5 } }))).toEqual({ 'routes-slow': 1 });
    const { '/old': _, ...withoutOld } = WELL.routes;
    expect(await afterSwitch({ routes: { ...withoutOld, '(unmatched)': { 404: 20 } } })).toEqual({ 'routes-lost': 1 });
  });
});

describe.skipIf(isPrometheusMissing)('a series that is absent or differs', () => {
  const canary = served('canary', WELL);
  const stable = served('stable', WELL);
  const missing = (pattern: RegExp): readonly RuleSeries[] => canary.filter(({ series }) => !pattern.test(series));
  const renamed = (from: RegExp, to: string): readonly RuleSeries[] =>
    canary.map(({ series, values }) => ({ series: series.replace(from, to), values }));

  it.each<[string, readonly RuleSeries[], number]>([
    ['the requests', missing(/^http_requests_total/), 1],
    ['the failed ones', missing(/^http_requests_failed_total/), 2],
    ['the timed ones', missing(/^http_requests_timed_total/), 4],
    ['the slow ones', missing(/^http_requests_slow_total/), 8],
    ['all of them by another name', renamed(/^http_requests_/, 'web_requests_'), 15],
    ['the label of the route', renamed(/route=/, 'path='), 15],
    ['the label of the method', renamed(/method=/, 'verb='), 15],
    ['the label of the status', renamed(/status_code=/, 'status='), 1],
    ['the names: they are those of OpenTelemetry', renamed(/^http_requests_total/, 'http_server_requests_total'), 65],
  ])('%s', async (_what, series, code) => {
    const said = await told([...series, ...stable]);
    const { instrumentation, ...others } = said;
    expect(instrumentation).toBe(code);
    // Nothing decides for or against a canary that counts differently.
    expect(new Set(Object.values(others))).toEqual(new Set(['none']));
  });

  it.each([
    ['the gauge of those that hang', /^http_requests_overdue/, 'hangs'],
    ['the time at which a pod became ready', /^coalmine_pod_ready/, 'restarts'],
    ['the objective, and with it the pod', /^coalmine_objective/, 'instrumentation'],
  ])('%s', async (_what, pattern, name) => {
    expect(await told([...missing(pattern), ...stable])).toEqual({ [name]: 'none' });
  });

  it.each([
    ['every 30 s', 2, {}],
    ['every minute, where the queries assume every 15 s', 4, { instrumentation: 256 }],
  ])('scrapes: %s', async (_how, every, answers) => {
    const thinned = [...canary, ...stable].map(({ series, values }) => {
      const [, first, step = '0', count] = /^([\d.]+)(?:\+([\d.]+))?x(\d+)$/.exec(values) ?? [];
      const samples = Array.from({ length: Number(count) + 1 }, (_, i) =>
        i % every === 0 ? Number(first) + i * Number(step) : '_',
      );
      return { series, values: samples.join(' ') };
    });
    expect(await told(thinned)).toEqual(answers);
  });

  const one = { unscraped: 1 };
  it.each<[string, readonly (readonly [pod: string, up: string, job?: string])[], object]>([
    ['from the start', [['canary-b', '0x48']], one],
    ['for the last five minutes', [['canary-b', '1x20 0x27']], one],
    ['for four minutes', [['canary-b', '1x32 0x15']], {}],
    ['now and then', [['canary-b', '0x10 1 0x10 1 0x10 1 0x15']], {}],
    ['since the pod started, four minutes ago', [['canary-b', '_x27 0x20']], {}],
    ['but the pod is gone', [['canary-b', '0x40 stale']], {}],
    [
      'by a job that reaches no pod',
      [
        ['canary-b', '0x48', 'envoy'],
        ['canary-a', '0x48', 'envoy'],
      ],
      {},
    ],
    [
      'at one of its ports',
      [
        ['canary-b', '0x48'],
        ['canary-b', '1x48'],
      ],
      {},
    ],
    ['on stable', [['stable-b', '0x48']], {}],
  ])('a pod that Prometheus does not reach %s', async (_when, targets, answers) => {
    const reached: typeof targets = [['canary-a', '1x48'], ['stable-a', '1x48'], ...targets];
    const up = reached.map(([pod, values, job = 'pods'], port) => ({
      series: `up{hash="${pod.split('-')[0]}",pod="${pod}",job="${job}",instance="10.0.0.1:${port}"}`,
      values,
    }));
    const series = [...canary, ...stable].map((each) => ({
      ...each,
      series: each.series.replace('{', '{job="pods",'),
    }));
    expect(await told([...series, ...up])).toEqual(answers);
  });

  it('no series of the canary, so that no query returns anything', async () => {
    const said = await told(stable);
    expect(new Set(Object.values(said))).toEqual(new Set(['none']));
  });

  it('the objective that the templates were told of', async () => {
    const series = [...canary, ...stable];
    expect(await told(series, { objective: { latency: 0.5 } })).toEqual({});
    const { instrumentation, ...others } = await told(series, { objective: { latency: 0.3 } });
    expect(instrumentation).toBe(16);
    expect(new Set(Object.values(others))).toEqual(new Set(['none']));
  });

  it('the state of the schema, if the templates have the option or stable has the series', async () => {
    const state = (hash: string): RuleSeries => ({
      series: `coalmine_schema_state{hash="${hash}",source="prisma",state="compatible"}`,
      values: '1x48',
    });
    const series = [...canary, ...stable];
    const absent = { instrumentation: 32, 'schema-state': 'none' };
    expect(await told([...series, state('canary'), state('stable')])).toEqual({});
    expect(await told([...series, state('stable')])).toEqual(absent);
    expect(await told(series, { schema: true })).toEqual(absent);
    expect(await told([...series, state('canary')], { schema: true })).toEqual({});
  });

  it('series of stable, which has Coalmine', async () => {
    const old = stable.filter(({ series }) => !/failed_total/.test(series));
    expect(await told([...canary, ...old])).toEqual({ instrumentation: 128 });
  });
});
