import type { Metrics } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { metricsOf } from './fixtures/installed.js';
import { type Instrument, instrumentsOf, type Scalar } from './instruments.js';

const named = (metrics: Metrics, name: string): Instrument | undefined =>
  instrumentsOf(metrics).find((instrument) => instrument.name === name);
/** Returns the values of an instrument, with the route and the status of each. */
const valuesOf = (metrics: Metrics, name: string): readonly unknown[] =>
  [...((named(metrics, name) as Scalar | undefined)?.read() ?? [])].map(({ value, attributes }) => [
    attributes['http.route'],
    attributes['http.response.status_code'],
    value,
  ]);

describe('the instruments of a service', () => {
  it('have names, units and kinds of the conventions', () => {
    const told = instrumentsOf(metricsOf()).map(({ kind, name, unit }) => `${kind} ${name} ${unit}`);
    expect(told.slice(0, 9)).toEqual([
      'histogram http.server.request.duration s',
      'counter http.server.requests {request}',
      'counter http.server.errors {request}',
      'counter http.server.timed_requests {request}',
      'counter http.server.slow_requests {request}',
      'counter http.server.failed_requests {request}',
      'up-down-counter http.server.active_requests {request}',
      'up-down-counter http.server.overdue_requests {request}',
      'histogram coalmine.excluded_request_duration s',
    ]);
    expect(told).toContain('gauge coalmine.objective_latency s');
    expect(told).toContain('counter coalmine.excluded_requests ');
    expect(new Set(told).size).toBe(told.length);
  });

  it('have the names of other metrics with dots, their units and their labels', () => {
    const metrics = metricsOf();
    metrics.totals('nodejs_eventloop_time_seconds_total', 'Seconds', () => [
      { labels: { nodejs_eventloop_state: 'idle' }, value: 2 },
    ]);
    const time = named(metrics, 'nodejs.eventloop.time') as Scalar;
    expect(time).toMatchObject({ kind: 'counter', unit: 's', description: 'Seconds.' });
    expect([...time.read()]).toEqual([{ value: 2, attributes: { 'nodejs.eventloop.state': 'idle' } }]);
  });

  it('have each series once, whatever the app calls its metrics', () => {
    const names = { requests: 'shop_hits_total', inFlight: 'shop_open', duration: 'shop_seconds' };
    const told = instrumentsOf(metricsOf({ names })).map(({ name }) => name);
    expect(told.filter((name) => name.startsWith('shop'))).toEqual([]);
    expect(told).toEqual(instrumentsOf(metricsOf()).map(({ name }) => name));
  });

  it('have the buckets of the service, and sentences as descriptions', () => {
    const metrics = metricsOf({ objective: { latency: 0.3 } });
    const histograms = instrumentsOf(metrics).filter(({ kind }) => kind === 'histogram');
    expect(histograms).toMatchObject([{ bounds: metrics.bounds }, { bounds: metrics.bounds }]);
    for (const { description } of instrumentsOf(metrics)) expect(description).toMatch(/^[A-Z].*[^.]\.$/);
  });
});

describe('the numbers of an instrument', () => {
  it('count requests, and errors from the status 400 on', () => {
    const metrics = metricsOf();
    const route = metrics.route('GET', '/a');
    for (const status of [200, 399, 400, 404, 500]) metrics.record(route, status, 0.1);
    const ofRoute = (name: string) => valuesOf(metrics, name).filter((each) => (each as unknown[])[0] === '/a');
    expect(ofRoute('http.server.requests')).toEqual(
      expect.arrayContaining([
        ['/a', 200, 1],
        ['/a', 399, 1],
        ['/a', 404, 1],
        ['/a', 503, 0],
      ]),
    );
    expect(ofRoute('http.server.errors')).toEqual(
      expect.arrayContaining([
        ['/a', 400, 1],
        ['/a', 404, 1],
        ['/a', 500, 1],
        ['/a', 503, 0],
      ]),
    );
    expect(ofRoute('http.server.errors').map((each) => (each as unknown[])[1])).not.toContain(399);
  });

  it('count what is timed, slow and failed', () => {
    const metrics = metricsOf({ objective: { latency: 1 } });
    const route = metrics.route('GET', '/a');
    for (const seconds of [0.1, 0.2, 1.5]) metrics.record(route, 200, seconds);
    metrics.record(route, 500);
    const ofRoute = (name: string) => valuesOf(metrics, name).find((each) => (each as unknown[])[0] === '/a');
    expect(ofRoute('http.server.timed_requests')).toEqual(['/a', undefined, 3]);
    expect(ofRoute('http.server.slow_requests')).toEqual(['/a', undefined, 1]);
    expect(ofRoute('http.server.failed_requests')).toEqual(['/a', undefined, 1]);
  });

  it('show how many requests hang, and nothing else with them', () => {
    expect(valuesOf(metricsOf(), 'http.server.overdue_requests')).toEqual([[undefined, undefined, 0]]);
  });

  it('know since when they count, if they count', () => {
    const metrics = metricsOf();
    metrics.route('GET', '/a');
    const [requests] = (named(metrics, 'http.server.failed_requests') as Scalar).read();
    expect(requests?.from).toBeTypeOf('number');
    const [latency] = (named(metrics, 'coalmine.objective_latency') as Scalar).read();
    expect(latency).not.toHaveProperty('from');
  });

  it('of what is left out have the reason, and the same attributes at every reading', () => {
    const metrics = metricsOf({ labels: { shard: 'a' } });
    metrics.withhold('stream', 3);
    const read = () => [...(named(metrics, 'coalmine.excluded_request_duration') as Instrument).read()];
    expect(read().map(({ attributes }) => attributes)).toEqual([{ reason: 'stream' }]);
    expect(read()[0]?.attributes).toBe(read()[0]?.attributes);
    const objectives = () => [...(named(metrics, 'coalmine.objective_latency') as Scalar).read()];
    expect(objectives()[0]?.attributes).toBe(objectives()[0]?.attributes);
    expect(objectives()[0]?.attributes).not.toHaveProperty('shard');
  });
});
