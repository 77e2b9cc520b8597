import { expect, it } from 'vitest';
import { activeByMethod } from './active.js';
import { metricsOf } from './fixtures/installed.js';
import { sameAttributes } from './same-attributes.js';

it('equal attributes of the same metrics are one object, and no others', () => {
  const [metrics, others] = [metricsOf(), metricsOf()];
  const first = sameAttributes(metrics, { a: 1, b: 'x' });
  expect(sameAttributes(metrics, { a: 1, b: 'x' })).toBe(first);
  expect(sameAttributes(others, { a: 1, b: 'x' })).not.toBe(first);
  for (const other of [{}, { a: '1', b: 'x' }, { a: 1 }, { a: 1, b: 'x', c: [] }]) {
    expect(sameAttributes(metrics, other)).toBe(other);
  }
});

it('requests in flight are counted by method and scheme, and a combination without any is 0', () => {
  const metrics = metricsOf();
  const read = activeByMethod(metrics);
  expect(read()).toEqual([]);
  const begin = (method: string, scheme?: 'https') => {
    const exchange = { route: metrics.route(method, '/a'), arrivedAt: 0, secondsUntil: () => 0 } as never;
    if (scheme !== undefined) Object.assign(exchange, { protocol: { scheme, version: '2' } });
    return metrics.begin(exchange);
  };
  const get = begin('GET');
  begin('GET');
  begin('GET', 'https');
  const counted = () =>
    read().map(({ attributes, value }) => [attributes['http.request.method'], attributes['url.scheme'], value]);
  expect(counted()).toEqual([
    ['GET', 'http', 2],
    ['GET', 'https', 1],
  ]);
  metrics.drop(get);
  const [first] = read();
  expect(counted()).toEqual([
    ['GET', 'http', 1],
    ['GET', 'https', 1],
  ]);
  for (const exchange of [...metrics.inFlight()]) metrics.drop(exchange);
  expect(read()).toEqual([
    { attributes: first?.attributes, value: 0 },
    { attributes: expect.anything(), value: 0 },
  ]);
});
