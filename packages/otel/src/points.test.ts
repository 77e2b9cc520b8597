import { Exchange, protocolOf, type Route, UNMATCHED } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { metricsOf } from './fixtures/installed.js';
import { countsOf, pointsOf, selectVarying, withheldPointsOf } from './points.js';

/** Returns an exchange over a protocol, with the status that was sent if another status counts. */
function exchangeOver(route: Route, version: string, isEncrypted: boolean, sentStatus?: number): Exchange {
  const exchange = new Exchange(route, 0);
  exchange.protocol = protocolOf(version, isEncrypted);
  exchange.sentStatus = sentStatus;
  return exchange;
}

describe('the points of a route', () => {
  it('are the zeros of a route without requests, and its real statuses later', () => {
    const metrics = metricsOf();
    const route = metrics.route('GET', '/items/:id');
    metrics.record(route, 404, 0.1);
    const points = [...pointsOf(metrics)].filter(({ attributes }) => attributes['http.route'] === '/items/:id');
    expect(points.map(({ status, requests }) => [status, requests])).toEqual([
      [200, 0],
      [500, 0],
      [503, 0],
      [504, 0],
      [404, 1],
    ]);
    expect(points.map(({ timings }) => timings !== undefined)).toEqual([false, false, false, false, true]);
    expect(points[0]).toMatchObject({ from: route.knownFrom, timedFrom: 0 });
    expect(points[1]?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/items/:id',
      'http.response.status_code': 500,
      'error.type': '500',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
    });
    // A 4xx is no error of a server.
    expect(points[4]?.attributes).not.toHaveProperty('error.type');
  });

  it('name no route if none is known', () => {
    const metrics = metricsOf();
    const [point] = pointsOf(metrics);
    expect(metrics.route('GET', UNMATCHED).pattern).toBe(UNMATCHED);
    expect(point?.attributes).not.toHaveProperty('http.route');
  });

  it('are apart by protocol and by the status that was sent, and together they are all requests', () => {
    const metrics = metricsOf();
    const route = metrics.route('POST', '/graphql');
    metrics.record(route, 500, 1);
    metrics.record(route, 500, 2, exchangeOver(route, '2.0', true, 200));
    metrics.record(route, 500, undefined, exchangeOver(route, '1.1', false, 200));
    metrics.record(route, 500, 4);
    const points = [...pointsOf(metrics)].filter(
      ({ attributes, status }) => attributes['http.route'] === '/graphql' && status === 500,
    );
    const told = points.map(({ attributes, requests, timings }) => [
      attributes['url.scheme'],
      attributes['network.protocol.version'],
      attributes['http.response.status_code'],
      attributes['error.type'],
      requests,
      timings?.[timings.length - 1],
    ]);
    expect(told).toEqual([
      ['http', '1.1', 500, '500', 2, 5],
      ['https', '2', 200, '500', 1, 2],
      ['http', '1.1', 200, '500', 1, undefined],
    ]);
  });

  it('have the same attributes at every reading, also once a protocol is counted apart', () => {
    const metrics = metricsOf();
    const route = metrics.route('GET', '/a');
    const read = () =>
      [...pointsOf(metrics)].filter(({ attributes, status }) => attributes['http.route'] === '/a' && status === 200);
    const [before] = read();
    metrics.record(route, 200, 1);
    expect(read()[0]?.attributes).toBe(before?.attributes);
    metrics.record(route, 200, 1, exchangeOver(route, '2.0', false));
    const [plain, apart] = read();
    expect(plain?.attributes).toBe(before?.attributes);
    expect(read()[1]?.attributes).toBe(apart?.attributes);
    expect(apart?.attributes).not.toBe(plain?.attributes);
  });
});

describe('the counts of a route without a status', () => {
  it('are of one counter each, with the same attributes at every reading', () => {
    const metrics = metricsOf({ objective: { latency: 1 } });
    const route = metrics.route('PROPFIND', '/a');
    metrics.record(route, 200, 1);
    metrics.record(route, 200, 1.1);
    metrics.record(route, 503);
    const last = (which: 'timed' | 'slow' | 'failed') => [...countsOf(metrics, which)].at(-1);
    expect(['timed', 'slow', 'failed'].map((which) => last(which as 'timed')?.requests)).toEqual([2, 1, 1]);
    expect(last('slow')).toMatchObject({
      attributes: { 'http.request.method': '_OTHER', 'http.route': '/a' },
      from: route.knownFrom,
    });
    expect(last('slow')?.attributes).toBe(last('slow')?.attributes);
  });
});

describe('durations that were kept out', () => {
  it('have their reason, without the labels of the process', () => {
    const metrics = metricsOf({ labels: { shard: 'a' } });
    metrics.withhold('stream', 3);
    const [point, ...others] = withheldPointsOf(metrics);
    expect(others).toEqual([]);
    expect(point?.attributes).toEqual({ reason: 'stream' });
    expect(point?.timings?.[point.timings.length - 1]).toBe(3);
    expect([...withheldPointsOf(metrics)][0]?.attributes).toBe(point?.attributes);
  });
});

describe('labels that vary', () => {
  it.each<[labels: Record<string, string | number>, constant: object, attributes: object]>([
    [{}, {}, {}],
    [{ a: 1, b: '' }, {}, { a: 1, b: '' }],
    [{ a: 1, shard: 'x' }, { shard: 'y' }, { a: 1 }],
    [{ nodejs_eventloop_state: 'idle' }, {}, { 'nodejs.eventloop.state': 'idle' }],
  ])('%j beside %j are %j', (labels, constant, attributes) => {
    expect(selectVarying(labels, constant)).toEqual(attributes);
  });
});
