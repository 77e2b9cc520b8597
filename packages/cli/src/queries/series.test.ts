import { describe, expect, it } from 'vitest';
import { letsThrough } from '../promql/matcher.js';
import { isPromqlError, parsePromql } from '../promql/parser.js';
import { selectorsIn } from '../promql/promql.js';
import { parseRelease } from '../release/release.js';
import { CATCH_ALL, matchBucket, OF_THE_APP, rangeOf, seconds, seriesOf, spanOf, switchedSecondsOf } from './series.js';

describe('a duration of Prometheus', () => {
  it.each<[value: number, duration: string]>([
    [1, '1s'],
    [59, '59s'],
    [60, '1m'],
    [90, '90s'],
    [3600, '60m'],
    [0.5, '500ms'],
    [7.5, '7500ms'],
    [0.0004, '0ms'],
    [60.0004, '60000ms'],
  ])('of %d seconds is %s', (value, duration) => {
    expect(seconds(value)).toBe(duration);
  });
});

describe('the spans of a release', () => {
  it.each<[analysis: object, span: number, range: number, switched: number]>([
    // Half a window, and at least four scrapes.
    [{}, 60, 75, 420],
    [{ windowSeconds: 300 }, 150, 165, 1050],
    [{ windowSeconds: 60, scrapeSeconds: 10 }, 40, 50, 280],
    [{ scrapeSeconds: 60 }, 240, 300, 1680],
  ])('of %j are %d s long, read %d s, and begin %d s before a switch', (analysis, span, range, switched) => {
    const { analysis: parsed } = parseRelease({ name: 'shop', analysis });
    expect([spanOf(parsed), rangeOf(parsed), switchedSecondsOf(parsed)]).toEqual([span, range, switched]);
  });
});

describe('the matchers of routes', () => {
  /** Whether a matcher, written as in a query, accepts a value. */
  function accepts(matcher: string, value: string): boolean | undefined {
    const tree = parsePromql(`x{${matcher}}`);
    if (isPromqlError(tree)) throw new Error(tree.error);
    const [found] = selectorsIn(tree)[0]?.matchers ?? [];
    if (found === undefined) throw new Error('no matcher');
    return letsThrough(found, value);
  }

  it.each<[route: string, isCatchAll: boolean, isOfTheApp: boolean]>([
    ['/items/:id', false, true],
    ['/', false, true],
    ['(unmatched)', true, false],
    ['(overflow)', false, false],
    ['/files/*', true, true],
    ['*', true, true],
    ['/(mounted)/a', false, true],
    ['x(unmatched)', false, true],
  ])('take %s for a catch-all: %s, and for a route of the app: %s', (route, isCatchAll, isOfTheApp) => {
    expect(accepts(`route=~"${CATCH_ALL}"`, route)).toBe(isCatchAll);
    expect(accepts(`route${OF_THE_APP}`, route)).toBe(isOfTheApp);
  });

  it.each<[bound: number, buckets: Record<string, boolean>]>([
    [1, { '1': true, '1.0': true, '10': false, '1x0': false, '11': false }],
    [0.25, { '0.25': true, '0.250': false, '1': false }],
    [10, { '10': true, '10.0': true, '1': false }],
  ])('of the bucket of %d accept it in each of its forms', (bound, buckets) => {
    const accepted = Object.keys(buckets).map((le) => [le, accepts(matchBucket(bound), le)]);
    expect(Object.fromEntries(accepted)).toEqual(buckets);
  });
});

it('every query of the series is PromQL that reads the names of the release on the pods alone', () => {
  const release = parseRelease({ name: 'shop', names: { requests: 'my_requests_total' } });
  const { isOld, answered, ...tallies } = seriesOf(release, 'pod="a"');
  const queries = [isOld, answered, ...Object.values(tallies).flatMap(({ bad, all, seen }) => [bad, all, seen])];
  const metrics = new Set<string>();
  for (const query of queries) {
    const tree = parsePromql(query);
    if (isPromqlError(tree)) throw new Error(`${tree.error}: ${query}`);
    for (const { metric, matchers } of selectorsIn(tree)) {
      metrics.add(metric);
      expect(matchers[0]).toMatchObject({ label: 'pod', operator: '=', value: 'a' });
    }
  }
  expect(metrics).toContain('my_requests_total');
  expect(metrics).not.toContain('http_requests_total');
});
