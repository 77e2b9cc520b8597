import { describe, expect, it } from 'vitest';
import type { Counts, RouteCounts } from '../result.js';
import {
  answersOf,
  failedOf,
  isOfMiddleware,
  isUnmatched,
  leftOf,
  ofRoutes,
  parts,
  servesNothing,
  totalsOf,
  unreachedOf,
} from './route-words.js';

const counts = (requests: number, more: Partial<Counts> = {}): Counts => ({
  requests,
  failed: 0,
  timed: requests,
  slow: 0,
  answers: {},
  ...more,
});
const route = (canary: Counts, stable?: Counts, pattern = '/items'): RouteCounts => ({
  method: 'GET',
  route: pattern,
  canary,
  ...(stable === undefined ? {} : { stable }),
});

describe('what happened to requests more often than on stable', () => {
  it('is told with both sides', () => {
    expect(failedOf(route(counts(1200, { failed: 60 }), counts(10_000, { failed: 100 })))).toEqual({
      excess: 0.05 - 0.01,
      text: '60 of 1,200 requests failed (5 %), stable: 100 of 10,000',
    });
  });

  it.each<[what: string, bad: number, all: number, badOfStable: number, allOfStable: number]>([
    ['happened as often on stable', 5, 100, 50, 1000],
    ['happened less often', 1, 100, 5, 100],
    ['was less than one request, as Prometheus extrapolates', 0.4, 1, 0, 100],
  ])('is not told if it %s', (_, ...numbers) => {
    expect(parts('failed', ...numbers)).toBeUndefined();
  });

  it('is told of each kind of responses, but not of clients that left', () => {
    const answers = { '404': 10, '499': 50, '3xx': 0 };
    expect(answersOf(route(counts(100, { answers }), counts(100)))).toEqual([
      { excess: 0.1, text: '10 of 100 requests got 404 (10 %), stable: 0 of 100' },
      undefined,
    ]);
  });

  it('is told as a share of all requests, if the route is one for all paths', () => {
    const lost = route(counts(10, { answers: { '404': 10 } }), counts(10, { answers: { '404': 10 } }));
    const totals = totalsOf([lost, route(counts(90), counts(990)), { ...route(counts(9)), method: 'POST' }], lost);
    expect(totals).toEqual({ canary: 100, stable: 1000 });
    expect(answersOf(lost, totals)[0]?.text).toBe('10 of 100 requests got 404 (10 %), stable: 10 of 1,000');
    expect(answersOf(lost)[0]).toBeUndefined();
  });

  it('is told of clients that left only if they are many', () => {
    const left = (share: number) => leftOf(route(counts(1000, { answers: { '499': 1000 * share } }), counts(1000)));
    expect(left(0.01)).toBeUndefined();
    expect(left(0.9)?.text).toBe(
      '900 of 1,000 requests lost their client before the response (499) (90 %), stable: 0 of 1,000',
    );
  });

  it('is told of a route that nobody reached', () => {
    expect(unreachedOf(route(counts(0.2), counts(1234)))).toEqual({
      excess: 0,
      text: 'no request reached it (stable: 1,234)',
    });
    expect(unreachedOf(route(counts(1), counts(1234)))).toBeUndefined();
    expect(unreachedOf(route(counts(0)))).toBeUndefined();
  });
});

describe('the routes that differ most', () => {
  const routes = ['/a', '/b', '/c', '/d'].map((pattern, i) =>
    route(counts(100, { failed: 10 * (i + 1) }), counts(100), pattern),
  );
  const told = (value: number, some = routes): string | undefined =>
    ofRoutes(some, value, 'failed', (each) => [failedOf(each)]);

  it('come first, as many as the query has counted', () => {
    expect(told(2)).toBe(
      'GET /d: 40 of 100 requests failed (40 %), stable: 0 of 100; GET /c: 30 of 100 requests failed (30 %), stable: 0 of 100',
    );
    expect(told(0)).toBeUndefined();
  });

  it('are three at most', () => {
    expect(told(4)).toMatch(/^GET \/d: .*; GET \/c: .*; GET \/b: [^;]*, and 1 more$/);
    expect(told(3)).not.toContain('more');
  });

  it('are only counted if none of them is known any more', () => {
    expect(told(1, [])).toBe('1 route failed beside stable');
    expect(told(2, [])).toBe('2 routes failed beside stable');
  });
});

describe('a route', () => {
  it.each<[what: string, canary: Counts, stable: Counts | undefined, isOne: boolean]>([
    ['refuses everything', counts(10, { answers: { '401': 6, '4xx': 4 } }), undefined, true],
    [
      'refuses everything on both sides',
      counts(1, { answers: { '404': 1 } }),
      counts(9, { answers: { '403': 9 } }),
      true,
    ],
    ['refuses everything on the canary alone', counts(1, { answers: { '404': 1 } }), counts(9), false],
    ['redirects', counts(5, { answers: { '3xx': 5 } }), undefined, false],
  ])('that %s serves nothing, or it does', (_, canary, stable, isOne) => {
    expect(servesNothing(route(canary, stable))).toBe(isOne);
  });

  it('is one of middleware if it is for all paths, or redirects, refuses and fails', () => {
    const answered = counts(10, { failed: 1, answers: { '3xx': 6, '401': 3 } });
    expect(isOfMiddleware(route(answered, counts(9, { answers: { '3xx': 9 } })))).toBe(true);
    expect(isOfMiddleware(route(answered, counts(9, { answers: { '3xx': 8 } })))).toBe(false);
    expect(isOfMiddleware({ ...route(counts(9), counts(9)), route: '(unmatched)' })).toBe(true);
  });

  it('that stable does not know, or that is for all paths, is one of unmatched requests', () => {
    expect(isUnmatched(route(counts(5), counts(0)))).toBe(true);
    expect(isUnmatched(route(counts(5), counts(5)))).toBe(false);
    expect(isUnmatched(route(counts(5), counts(5), '/*'))).toBe(true);
  });
});
