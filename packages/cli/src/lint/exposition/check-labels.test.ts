import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import { checkLabels } from './check-labels.js';
import { parseExposition } from './parse-exposition.js';
import { trafficIn } from './traffic.js';

function found(text: string): readonly Finding[] {
  const exposition = parseExposition(text, 'text');
  return checkLabels(exposition, trafficIn(exposition, parseNames(undefined)));
}
/** Returns an exposition with a request of each route, and a status. */
const requestsOf = (routes: readonly string[], status = 200): string =>
  `# TYPE http_requests_total counter\n${routes.map((route) => `http_requests_total{route="${route.replaceAll('\\', '\\\\')}",status_code="${status}"} 1\n`).join('')}`;
const rulesOf = (routes: readonly string[], status?: number) =>
  found(requestsOf(routes, status)).map(({ rule }) => rule);
/** Returns an exposition with a gauge for each value of a label. */
const gaugeOf = (values: readonly string[], label = 'user'): string =>
  `# TYPE depth gauge\n${values.map((value) => `depth{${label}="${value}"} 1\n`).join('')}`;
const times = (count: number, value: (i: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, i) => value(i));

describe('a route', () => {
  it.each([
    '/items/:id',
    '/items/{id}',
    '/files/*',
    '/a(b)?',
    '/^\\/a\\/\\d+$/',
    '/reports/2026',
    '/status/404',
    '/v1/items',
    '/getUserById',
    'listItems',
    '/a/deadbeefdeadbeef',
    '/items?page',
  ])('%s is a pattern', (route) => {
    expect(rulesOf([route])).toEqual([]);
  });

  it.each([
    '/items/12345',
    '/items/0f8fad5b-d9cb-469f-a165-70867728950e',
    '/items/0f8fad5bd9cb469fa16570867728950e',
    '/items/5f8fad5bd9cb469f',
    '/t/a1b2c3d4e5f6g7h8i9j0',
    '/items?page=2',
    '/items?a.b=',
  ])('%s is a path', (route) => {
    expect(rulesOf([route])).toEqual(['path-as-label']);
  });

  it('is a path beside others that differ only in their numbers', () => {
    expect(rulesOf(['/items/1', '/items/2'])).toEqual(['path-as-label']);
    expect(rulesOf(['/items/1', '/carts/2'])).toEqual([]);
    expect(rulesOf(['/items/1', '/items/1/a'])).toEqual([]);
    expect(rulesOf(['/items/:a/1', '/items/:a/2'])).toEqual([]);
  });

  it('that is a path is told, with the number of all', () => {
    const [finding] = found(requestsOf(['/ok', '/items/1', '/items/2']));
    expect(finding).toMatchObject({ line: 3 });
    expect(finding?.message).toMatch(
      /^2 of 3 values of route in http_requests_total are paths, not patterns: \/items\/1, \/items\/2\./,
    );
  });

  it.each<[string, readonly string[], number, boolean]>([
    ['three that were not found', ['/a', '/b', '/wp-login'], 404, true],
    ['two that were not found', ['/a', '/b'], 404, false],
    ['three that were refused', ['/a', '/b', '/c'], 403, false],
    ['three that were found', ['/a', '/b', '/c'], 200, false],
    ['patterns', ['/:a', '/b/*', '/{c}'], 404, false],
    ['names', ['a', 'b', 'c'], 404, false],
  ])('is one of a scanner: %s', (_, routes, status, isScanned) => {
    expect(rulesOf(routes, status).includes('unmatched-paths')).toBe(isScanned);
  });

  it('is none of a scanner once it was found', () => {
    const text = `${requestsOf(['/a', '/b', '/c'], 404)}http_requests_total{route="/a",status_code="200"} 1\n`;
    expect(found(text)).toEqual([]);
  });
});

describe('a label', () => {
  it.each<[string, (i: number) => string]>([
    ['UUIDs', (i) => `0f8fad5b-d9cb-469f-a165-7086772895${i}`],
    ['numbers', (i) => `10${i}`],
    ['addresses of people', (i) => `a${i}@example.org`],
    ['addresses of machines', (i) => `10.0.${i}.1`],
    ['ports of machines', (i) => `10.0.0.${i}:80`],
    ['addresses of version 6', (i) => `fe80::${i}`],
    ['times', (i) => `2026-01-${i}T10:00`],
    ['tokens', (i) => `a1b2c3d4e5f6g7h8i9j0${i}`],
    ['tokens with few digits', (i) => `abcdefghijklmnop1q${i}x`],
  ])('with many %s has no bound', (_, value) => {
    expect(found(gaugeOf(times(20, (i) => value(i + 10)))).map(({ rule }) => rule)).toEqual(['unbounded-label']);
    expect(found(gaugeOf(times(19, (i) => value(i + 10))))).toEqual([]);
  });

  it.each<[string, (i: number) => string]>([
    ['names', (i) => `queue-${i}`],
    ['small numbers', (i) => String(i)],
    ['long words', (i) => `a-very-long-name-of-a-queue-${i % 10}${'x'.repeat(i)}`],
  ])('with many %s has one', (_, value) => {
    expect(found(gaugeOf(times(30, (i) => value(i + 10))))).toEqual([]);
  });

  it('has no bound if half of its values have none', () => {
    const mixed = (ids: number) => gaugeOf([...times(ids, (i) => `1${i + 10}000`), ...times(20 - ids, (i) => `q${i}`)]);
    expect(found(mixed(10))[0]?.message).toMatch(/^The label user of depth has 20 values, 10 of them ids/);
    expect(found(mixed(9))).toEqual([]);
  });

  it('with the route has a rule of its own', () => {
    const routes = times(20, (i) => `1${i + 10}000`);
    expect(found(requestsOf(routes)).map(({ rule }) => rule)).toEqual(['path-as-label']);
    expect(found(gaugeOf(routes, 'route')).map(({ rule }) => rule)).toEqual(['unbounded-label']);
  });

  it('with more values than a service has routes is slow to scrape', () => {
    expect(found(gaugeOf(times(1002, (i) => `q${i}`)))).toEqual([]);
    const [finding] = found(gaugeOf(times(1003, (i) => `q${i}`)));
    expect(finding).toMatchObject({ rule: 'many-series', line: 1 });
    expect(finding?.message).toMatch(/^depth has 1,003 series; its label user has 1,003 values\./);
  });

  it('with few values is slow to scrape if there are many series', () => {
    const rules = (count: number) => {
      const samples = Array.from({ length: count }, (_, i) => ({
        name: 'depth',
        labels: new Map([
          ['a', String(i % 101)],
          ['b', String(Math.floor(i / 101))],
        ]),
        value: 1,
        line: i + 2,
      }));
      const families = [{ name: 'depth', type: 'gauge' as const, line: 1, samples }];
      const exposition = { format: 'text' as const, families, idle: [] };
      return checkLabels(exposition, trafficIn(exposition, parseNames(undefined))).map(({ rule }) => rule);
    };
    expect(rules(10_000)).toEqual([]);
    expect(rules(10_001)).toEqual(['many-series']);
  });
});
