import { CoalmineError, createMetrics, type MetricsOptions, renderRegistry } from '@coalmine/metrics';
import { createInstrument } from '@coalmine/node';
import * as prometheusClient from '@prometheus-io/client';
import type { Registry } from 'prom-client';
import * as promClient from 'prom-client';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Exposition } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { CLIENTS } from './clients.js';

describe.each(CLIENTS)('a registry of $client', ({ prometheus }) => {
  let registry: Registry;
  beforeEach(() => {
    registry = new prometheus.Registry();
  });

  const create = (options: MetricsOptions = {}): ReturnType<typeof createMetrics> =>
    createMetrics({ registry, ...options });

  function thrownBy(call: () => unknown): unknown {
    try {
      call();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  describe('asked for our metrics twice', () => {
    it('holds our metrics once, for both', async () => {
      const [first, second] = [create(), create()];
      expect(second).toBe(first);
      first.record(first.route('GET', '/a'), 200);
      second.record(second.route('GET', '/a'), 200);
      expect(new Exposition(await registry.metrics()).requests()).toEqual({ 'GET /a 200': 2 });
    });

    it('shares our metrics if the options say the same in other words', () => {
      const first = create({ labels: { team: 'checkout', zone: 'a' } });
      expect(create({ labels: { zone: 'a', team: 'checkout' }, maxRoutes: 1000, objective: { latency: 0.5 } })).toBe(
        first,
      );
    });

    it.each<[string, MetricsOptions]>([
      ['objective', { objective: { latency: 0.3 } }],
      ['buckets', { buckets: [0.1, 0.5] }],
      ['labels', { labels: { team: 'checkout' } }],
      ['maxRoutes', { maxRoutes: 10 }],
      ['names.duration', { names: { duration: 'duration_seconds' } }],
      ['names.labels', { names: { labels: { status_code: 'status' } } }],
      ['names.requests', { names: { requests: 'requests_total' } }],
    ])('refuses to share our metrics with other %s', (_option, options) => {
      create();
      const thrown = thrownBy(() => create(options));
      expect(thrown).toBeInstanceOf(CoalmineError);
      expect(thrown).toMatchObject({ code: 'COALMINE_METRICS_DIFFER' });
    });

    it('does not mix two registries up', () => {
      const other = new prometheus.Registry();
      expect(createMetrics({ registry: other })).not.toBe(create());
    });
  });

  describe.each(['http_requests_total', 'http_request_duration_seconds', 'coalmine_objective_latency_seconds'])(
    'that holds a %s of somebody else',
    (name) => {
      it('is refused, and left as it was', () => {
        const theirs = new prometheus.Gauge({ name, help: 'Theirs', registers: [registry] });
        const thrown = thrownBy(() => create());
        expect(thrown).toBeInstanceOf(CoalmineError);
        expect(thrown).toMatchObject({ code: 'COALMINE_METRIC_EXISTS', message: expect.stringContaining(` ${name} `) });
        expect(registry.getMetricsAsArray()).toEqual([theirs]);
      });
    },
  );

  it.each(['http_requests_total', 'http_request_duration_seconds', 'coalmine_pod_warm'])(
    'that holds our %s refuses one of somebody else, and says whose it is and what to do',
    (name) => {
      create().reading('coalmine_pod_warm', 'Whether the pod is warm', 'min', () => 1);
      const before = registry.getMetricsAsArray();
      const thrown = thrownBy(() => new prometheus.Gauge({ name, help: 'Theirs', registers: [registry] }));
      expect(thrown).toBeInstanceOf(CoalmineError);
      expect(thrown).toMatchObject({
        code: 'COALMINE_METRIC_EXISTS',
        message: `Coalmine has registered ${name} already: remove the code that registers it again, rename Coalmine's metric with \`metrics.names\`, or give one of the two a \`registry\` of its own`,
      });
      expect(registry.getMetricsAsArray()).toEqual(before);
    },
  );

  it('refuses a metric that the app registers twice with the error of its client', () => {
    create();
    const register = (): unknown => new prometheus.Gauge({ name: 'orders', help: 'Orders', registers: [registry] });
    register();
    expect(thrownBy(register)).toMatchObject({ message: 'A metric with the name orders has already been registered.' });
  });

  it('takes ours beside a metric of the same name once ours is mapped to another', async () => {
    new prometheus.Counter({ name: 'http_requests_total', help: 'Theirs', registers: [registry] }).inc(7);
    const metrics = create({ names: { requests: 'served_requests_total' } });
    metrics.record(metrics.route('GET', '/a'), 200);
    const exposition = new Exposition(await registry.metrics());
    expect(exposition.value('http_requests_total')).toBe(7);
    expect(exposition.requests('served_requests_total')).toEqual({ 'GET /a 200': 1 });
  });

  it('is refused when, after a clear(), somebody else took the name before attach()', () => {
    const metrics = create();
    registry.clear();
    new prometheus.Gauge({ name: 'http_errors_total', help: 'Theirs', registers: [registry] });
    expect(thrownBy(() => metrics.attach())).toMatchObject({ code: 'COALMINE_METRIC_EXISTS' });
  });
});

it('metrics in the global registry of the other client are warned of once', async () => {
  onTestFinished(() => {
    promClient.register.clear();
    prometheusClient.register.clear();
  });
  const before = coalmineWarnings();
  const { metrics } = createInstrument();
  expect(metrics.registry).toBe(promClient.register);
  const render = async (): Promise<void> => {
    for await (const _ of renderRegistry(metrics.registry, 'text'));
  };
  await render();
  expect(await before.taken()).toEqual([]);

  const warnings = coalmineWarnings();
  new prometheusClient.Gauge({ name: 'easily_missed', help: 'A metric of a library that brings the other client' });
  await render();
  await render();
  expect(await warnings.taken()).toMatchObject([{ code: 'COALMINE_TWO_CLIENTS' }]);
});
