import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { metricsOf } from './fixtures/installed.js';
import type { DataPoint, HistogramValue, MetricData } from './metric-data.js';
import { createMetricProducer, type Temporality } from './metric-producer.js';
import { enlist } from './services.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A service with a route, and a producer that reads it. */
function serve(temporality?: Temporality) {
  const producer = createMetricProducer(temporality === undefined ? {} : { temporality });
  const metrics = metricsOf();
  const route = metrics.route('GET', '/a');
  const publication = enlist(metrics, () => () => {});
  onTestFinished(() => publication.end());
  const collect = async (name: string): Promise<MetricData | undefined> => {
    const { resourceMetrics } = await producer.collect();
    return resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .find(({ descriptor }) => descriptor.name === name);
  };
  return { producer, metrics, route, collect };
}
/** Returns the points of the route with a status. */
const pointsOf = (data: MetricData | undefined, status: number) =>
  ((data?.dataPoints ?? []) as DataPoint<number | HistogramValue>[]).filter(
    ({ attributes }) => attributes['http.route'] === '/a' && attributes['http.response.status_code'] === status,
  );
const secondsOf = ([whole, nanoseconds]: DataPoint<number>['startTime']): number => whole + nanoseconds / 1e9;

describe('a producer', () => {
  it('has the metrics of a service, under one scope', async () => {
    const { producer, metrics, route } = serve();
    metrics.record(route, 200, 0.1);
    const { resourceMetrics, errors } = await producer.collect();
    expect(errors).toEqual([]);
    expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope)).toEqual([{ name: '@coalmine/otel' }]);
    const [scope] = resourceMetrics.scopeMetrics;
    expect(scope?.metrics.every(({ dataPoints }) => dataPoints.length > 0)).toBe(true);
    expect(scope?.metrics.find(({ descriptor }) => descriptor.name === 'http.server.requests')).toMatchObject({
      descriptor: { description: 'HTTP requests of users.', unit: '{request}', valueType: 1 },
      aggregationTemporality: 1,
      dataPointType: 3,
      isMonotonic: true,
    });
  });

  it('has no scope without services', async () => {
    const producer = createMetricProducer();
    await producer.collect();
    expect((await producer.collect()).resourceMetrics.scopeMetrics).toEqual([]);
  });

  it('has zeros before the first failure, and counts from then on', async () => {
    const { metrics, route, collect } = serve();
    const before = pointsOf(await collect('http.server.requests'), 500);
    expect(before.map(({ value }) => value)).toEqual([0]);
    metrics.record(route, 500, 0.1);
    metrics.record(route, 500, 0.1);
    const [after] = pointsOf(await collect('http.server.requests'), 500);
    expect(after?.value).toBe(2);
    expect(after?.startTime).toEqual(before[0]?.startTime);
    expect(secondsOf(after?.endTime as [number, number])).toBeCloseTo(Date.now() / 1000, 0);
  });

  it('has durations by bucket, with their sum and their count', async () => {
    const { metrics, route, collect } = serve();
    expect(pointsOf(await collect('http.server.request.duration'), 200)).toEqual([]);
    metrics.record(route, 200, 0.1);
    metrics.record(route, 200, 100);
    const [point] = pointsOf(await collect('http.server.request.duration'), 200) as DataPoint<HistogramValue>[];
    expect(point?.value).toMatchObject({ buckets: { boundaries: metrics.bounds }, sum: 100.1, count: 2 });
    const counts = point?.value.buckets.counts;
    expect(counts).toHaveLength(metrics.bounds.length + 1);
    expect(counts?.at(-1)).toBe(1);
  });

  it('has gauges as they are, and what is in flight as a sum that may fall', async () => {
    const { collect } = serve('delta');
    expect(await collect('coalmine.objective_latency')).toMatchObject({ dataPointType: 2, aggregationTemporality: 1 });
    expect(await collect('http.server.overdue_requests')).toMatchObject({
      dataPointType: 3,
      isMonotonic: false,
      aggregationTemporality: 1,
      dataPoints: [{ value: 0 }],
    });
  });
});

describe('a producer of deltas', () => {
  it('has what was added since the last collection', async () => {
    const { metrics, route, collect } = serve('delta');
    metrics.record(route, 200, 0.1);
    const first = await collect('http.server.requests');
    expect(first).toMatchObject({ aggregationTemporality: 0, dataPointType: 3 });
    expect(pointsOf(first, 200).map(({ value }) => value)).toEqual([1]);
    expect(pointsOf(first, 500)).toEqual([]);
    metrics.record(route, 200, 0.2);
    metrics.record(route, 200, 0.2);
    const [second] = pointsOf(await collect('http.server.requests'), 200);
    expect(second?.value).toBe(2);
    expect(second?.startTime).toEqual(pointsOf(first, 200)[0]?.endTime);
    expect(pointsOf(await collect('http.server.requests'), 200)).toEqual([]);
  });

  it('has the durations that were added', async () => {
    const { metrics, route, collect } = serve('delta');
    metrics.record(route, 200, 1);
    await collect('http.server.request.duration');
    metrics.record(route, 200, 3);
    const data = await collect('http.server.request.duration');
    const [point] = pointsOf(data, 200) as DataPoint<HistogramValue>[];
    expect(data).toMatchObject({ aggregationTemporality: 0, dataPointType: 0 });
    expect(point?.value).toMatchObject({ sum: 3, count: 1 });
    expect(pointsOf(await collect('http.server.request.duration'), 200)).toEqual([]);
  });

  it.each<[string, Temporality | undefined, number]>([
    ['delta', undefined, 0],
    ['LowMemory', undefined, 0],
    ['cumulative', undefined, 1],
    ['deltas', undefined, 1],
    ['delta', 'cumulative', 1],
    ['cumulative', 'delta', 0],
  ])('is made by the preference %s with the option %s: %d', async (preference, temporality, expected) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', preference);
    const { metrics, route, collect } = serve(temporality);
    metrics.record(route, 200, 0.1);
    expect((await collect('http.server.requests'))?.aggregationTemporality).toBe(expected);
  });
});

it('a producer refuses options that it does not know', () => {
  expect(() => createMetricProducer({ temporality: 'monthly' as Temporality })).toThrow('metricProducer.temporality');
  expect(() => createMetricProducer({ temporal: 'delta' } as object)).toThrow('temporal');
});
