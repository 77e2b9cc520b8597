import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import { checkRequests } from './check-requests.js';
import { parseExposition } from './parse-exposition.js';
import { trafficIn } from './traffic.js';

type Row = readonly [method: string, route: string, status: string | number, count: number];

/** Returns what is found in the counts of some requests, which start in line 2. */
function found(rows: readonly Row[]): readonly Finding[] {
  const lines = rows.map(
    ([method, route, status, count]) =>
      `http_requests_total{method="${method}",route="${route}",status_code="${status}"} ${count}\n`,
  );
  const text = `# TYPE http_requests_total counter\n${lines.join('')}`;
  return checkRequests(trafficIn(parseExposition(text, 'text'), parseNames(undefined)));
}
/** Returns the counts of a route that has a series for its failures. */
const served = (method: string, route: string, count = 1): readonly Row[] => [
  [method, route, 200, count],
  [method, route, 500, 0],
];

describe('a route', () => {
  it.each<[string, readonly Row[], boolean]>([
    ['with a series for its failures', served('GET', '/'), false],
    [
      'with a class of failures',
      [
        ['GET', '/', 200, 1],
        ['GET', '/', '5xx', 0],
      ],
      false,
    ],
    ['without one', [['GET', '/', 200, 1]], true],
    ['that redirects, without one', [['GET', '/', '3xx', 1]], true],
    ['that only refuses', [['GET', '/', 404, 1]], false],
    [
      'with one of another method',
      [
        ['GET', '/', 200, 1],
        ['POST', '/', 500, 0],
      ],
      true,
    ],
  ])('%s', (_, rows, isBlind) => {
    expect(found(rows).map(({ rule }) => rule)).toEqual(isBlind ? ['no-zero-series'] : []);
  });

  it('without a series for its failures is told', () => {
    const [one] = found([...served('GET', '/'), ['PUT', '/a', 200, 1]]);
    expect(one).toMatchObject({ line: 4 });
    expect(one?.message).toMatch(/^1 of 2 routes with requests has no series for a 5xx, PUT \/a for one\./);
    const [both] = found([
      ['GET', '/', 200, 1],
      ['PUT', '/a', 200, 1],
    ]);
    expect(both?.message).toMatch(/^2 of 2 routes with requests have no series/);
    expect(found([['', '', 200, 1]])[0]?.message).toMatch(/^1 of 1 route with requests has no series for a 5xx\./);
  });

  it('cannot be blind without a label for the status', () => {
    const text = '# TYPE http_requests_total counter\nhttp_requests_total{route="/"} 1\n';
    expect(checkRequests(trafficIn(parseExposition(text, 'text'), parseNames(undefined)))).toEqual([]);
    expect(checkRequests(trafficIn(parseExposition('', 'text'), parseNames(undefined)))).toEqual([]);
  });
});

describe('a probe', () => {
  it.each([
    '/health',
    '/healthz',
    '/livez',
    '/readyz/',
    'metrics',
    '/-/ready',
    '/actuator/health/liveness',
    '/PING',
    '/_health',
  ])('%s is counted', (route) => {
    expect(found(served('GET', route)).map(({ rule }) => rule)).toEqual(['probes-counted']);
  });

  it.each(['/healthy', '/status/:id', '/ready-made', '/my/health', '/items'])('%s is none', (route) => {
    expect(found(served('GET', route))).toEqual([]);
  });

  it('without requests is not counted', () => {
    expect(found(served('GET', '/health', 0))).toEqual([]);
  });

  it('is told with its share of all requests', () => {
    const [finding] = found([...served('GET', '/', 5), ...served('GET', '/livez', 2), ...served('GET', '/readyz', 3)]);
    expect(finding).toMatchObject({ line: 4 });
    expect(finding?.message).toMatch(/^5 of 10 requests go to \/livez, \/readyz\./);
  });
});

describe('a method', () => {
  it.each([
    ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY'],
    ...['get', '_OTHER', 'other', 'unknown', ''],
  ])('%j is known', (method) => {
    expect(found(served(method, '/'))).toEqual([]);
  });

  it('that a scanner has invented is told once', () => {
    const [one] = found(served('FOO', '/'));
    expect(one).toMatchObject({ rule: 'unknown-method', line: 2 });
    expect(one?.message).toMatch(/^FOO is not a method of HTTP\./);
    expect(found([...served('FOO', '/'), ...served('BAR', '/')])[0]?.message).toMatch(/^FOO, BAR are not methods of/);
  });
});
