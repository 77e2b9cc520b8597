import { createMetrics, Exchange, type Metrics, type MetricsOptions } from '@coalmine/metrics';
import type { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { Exposition } from '../support/exposition.js';
import { rendered } from '../support/rendered.js';
import { samplesOf, samplesOfJson } from '../support/samples.js';
import { CLIENTS } from './clients.js';

describe.each(CLIENTS)('in a registry of $client', ({ prometheus }) => {
  let registry: Registry;
  let metrics: Metrics;

  /** Returns metrics with three requests: a fast one, a slow one, and one that failed. */
  function measured(options: MetricsOptions = {}): Metrics {
    metrics = createMetrics({ registry, ...options });
    const route = metrics.route('GET', '/items/:id');
    metrics.record(route, 200, 0.004);
    metrics.record(route, 200, 0.7);
    metrics.record(route, 503, 0.02);
    return metrics;
  }

  beforeEach(() => {
    registry = new prometheus.Registry();
  });

  const parsed = async (): Promise<Exposition> => new Exposition(await registry.metrics());
  const items = { method: 'GET', route: '/items/:id' };

  describe('metrics()', () => {
    it('shows every series of ours with its type and help', async () => {
      measured();
      const exposition = await parsed();
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 2, 'GET /items/:id 503': 1 });
      expect(exposition.requests('http_errors_total')).toEqual({ 'GET /items/:id 503': 1 });
      expect(exposition.observed()).toEqual({ 'GET /items/:id 200': 2, 'GET /items/:id 503': 1 });
      const bucket = { ...items, status_code: 200 };
      expect(exposition.value('http_request_duration_seconds_bucket', { ...bucket, le: '0.05' })).toBe(1);
      expect(exposition.value('http_request_duration_seconds_bucket', { ...bucket, le: '0.5' })).toBe(1);
      expect(exposition.value('http_request_duration_seconds_bucket', { ...bucket, le: '+Inf' })).toBe(2);
      expect(exposition.value('http_request_duration_seconds_sum', bucket)).toBeCloseTo(0.704, 9);
      const types = exposition.text.match(/^# TYPE .*/gm);
      expect(types).toEqual([
        '# TYPE http_requests_total counter',
        '# TYPE http_errors_total counter',
        '# TYPE http_requests_timed_total counter',
        '# TYPE http_requests_slow_total counter',
        '# TYPE http_requests_failed_total counter',
        '# TYPE http_request_duration_seconds histogram',
        '# TYPE http_requests_in_flight gauge',
        '# TYPE http_requests_overdue gauge',
        '# TYPE coalmine_excluded_requests_total counter',
        '# TYPE coalmine_excluded_request_duration_seconds histogram',
        '# TYPE coalmine_exclusion_claims_rejected_total counter',
        '# TYPE coalmine_objective_latency_seconds gauge',
        '# TYPE coalmine_series_dropped_total counter',
      ]);
      expect(exposition.text.match(/^# HELP \S+ \S.*/gm)).toHaveLength(types?.length ?? 0);
    });

    it('says the same as our own rendering', async () => {
      measured({ labels: { team: 'a "b" \\ c\nd' } });
      expect(samplesOf(await registry.metrics())).toEqual(samplesOf(await rendered(registry, 'text')));
    });
  });

  describe('getMetricsAsJSON()', () => {
    it('says the same as the text', async () => {
      measured();
      expect(samplesOfJson(await registry.getMetricsAsJSON())).toEqual(samplesOf(await registry.metrics()));
    });

    it('survives the way to another process', async () => {
      measured();
      const json = await registry.getMetricsAsJSON();
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    });

    it('is a copy: whoever changes it changes no series', async () => {
      measured();
      const before = await registry.metrics();
      for (const { values } of await registry.getMetricsAsJSON()) {
        for (const row of values) Object.assign(row, { value: 99 }).labels.route = 'elsewhere' as never;
      }
      expect(await registry.metrics()).toBe(before);
    });
  });

  it('getSingleMetric() and getSingleMetricAsString() return one of ours', async () => {
    measured();
    expect(registry.getSingleMetric('http_errors_total')).toMatchObject({ name: 'http_errors_total', type: 'counter' });
    const text = await registry.getSingleMetricAsString('http_errors_total');
    const all = samplesOf(await registry.metrics());
    expect(samplesOf(text)).toEqual(all.filter((sample) => sample.startsWith('http_errors_total')));
    expect(new Exposition(text).requests('http_errors_total')).toEqual({ 'GET /items/:id 503': 1 });
  });

  it('Registry.merge() keeps our series beside those of another registry, and they go on counting', async () => {
    measured();
    const other = new prometheus.Registry();
    new prometheus.Counter({ name: 'orders_total', help: 'Orders', registers: [other] }).inc(5);
    const merged = prometheus.Registry.merge([registry, other]);
    metrics.record(metrics.route('GET', '/items/:id'), 200);
    for (const text of [await merged.metrics(), await rendered(merged, 'text')]) {
      const exposition = new Exposition(text);
      expect(exposition.value('orders_total')).toBe(5);
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 3, 'GET /items/:id 503': 1 });
    }
  });

  describe('setDefaultLabels()', () => {
    const expositions = async (): Promise<Exposition[]> => {
      const json = samplesOfJson(await registry.getMetricsAsJSON()).join('\n');
      return [
        await registry.metrics(),
        await rendered(registry, 'text'),
        await rendered(registry, 'openmetrics'),
        json,
      ].map((text) => new Exposition(text));
    };

    it('labels every series of ours in every format', async () => {
      measured();
      registry.setDefaultLabels({ region: 'north "1"' });
      for (const exposition of await expositions()) {
        expect(exposition.series().length).toBeGreaterThan(30);
        expect(exposition.series().filter((series) => !series.includes('"region":"north \\"1\\""'))).toEqual([]);
        expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 2, 'GET /items/:id 503': 1 });
      }
      expect(samplesOf(await registry.metrics())).toEqual(samplesOf(await rendered(registry, 'text')));
    });

    it('overrides no label that a series of ours has already', async () => {
      measured({ labels: { team: 'checkout' } });
      registry.setDefaultLabels({ route: 'everywhere', team: 'platform', region: 'north' });
      for (const exposition of await expositions()) {
        expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 2, 'GET /items/:id 503': 1 });
        expect(
          exposition.value('http_errors_total', { ...items, status_code: 503, team: 'checkout', region: 'north' }),
        ).toBe(1);
        expect(exposition.value('http_requests_in_flight', { team: 'checkout', region: 'north' })).toBe(0);
        // An exposition with the same label twice on one line would be invalid.
        expect(exposition.text.split('\n').filter((line) => /\bteam=.*\bteam=|\broute=.*\broute=/.test(line))).toEqual(
          [],
        );
      }
    });

    it('accepts labels that are named like members of every object', async () => {
      measured({
        labels: { constructor: 'c', hasOwnProperty: 'h' },
        names: { labels: { method: 'toString', route: 'valueOf', status_code: 'isPrototypeOf' } },
      });
      registry.setDefaultLabels(
        JSON.parse('{ "toLocaleString": "t", "__proto__": "p", "constructor": "other", "le": "l" }'),
      );
      const texts = [await rendered(registry, 'text'), await rendered(registry, 'openmetrics')];
      for (const exposition of texts.map((text) => new Exposition(text))) {
        const all = { constructor: 'c', hasOwnProperty: 'h', toLocaleString: 't' };
        const item = { ...all, toString: 'GET', valueOf: '/items/:id', isPrototypeOf: '200' };
        expect(exposition.value('http_requests_total', item)).toBe(2);
        expect(exposition.value('http_request_duration_seconds_bucket', { ...item, le: '+Inf' })).toBe(2);
        expect(exposition.value('http_requests_in_flight', all)).toBe(0);
        const samples = exposition.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
        expect(samples.filter((line) => !line.includes('__proto__="p"'))).toEqual([]);
        expect(samples.filter((line) => /\b(\w+)=".*[{,]\1="/.test(line))).toEqual([]);
      }
    });

    it('leaves out labels that no scraper could read, and shows any value as text', async () => {
      measured();
      const labels = { 'a-b': 'x', '': 'x', 'a\nb': 'x', number: 7, nothing: null, object: Object.create(null) };
      registry.setDefaultLabels(labels as never);
      const exposition = new Exposition(await rendered(registry, 'text'));
      expect(exposition.value('http_requests_in_flight', { number: '7', nothing: 'null' })).toBe(0);
      expect(exposition.text).not.toMatch(/a-b|a\\nb/);
      registry.setDefaultLabels(null as never);
      expect(new Exposition(await rendered(registry, 'text')).value('http_requests_in_flight')).toBe(0);
    });

    it('leaves no label behind once the labels are taken back', async () => {
      measured();
      const before = samplesOf(await registry.metrics());
      registry.setDefaultLabels({ region: 'north' });
      await expositions();
      registry.setDefaultLabels({});
      for (const text of [await registry.metrics(), await rendered(registry, 'text')]) {
        expect(samplesOf(text)).toEqual(before);
      }
    });
  });

  it('resetMetrics() takes every series back to zero and removes none', async () => {
    measured();
    const route = metrics.route('GET', '/items/:id');
    const before = (await parsed()).series();
    registry.resetMetrics();
    const reset = await parsed();
    expect(reset.series()).toEqual(before);
    expect(reset.requests()).toEqual({});
    expect(reset.observed()).toEqual({});
    expect(reset.sum('http_request_duration_seconds_sum')).toBe(0);
    expect(reset.value('coalmine_objective_latency_seconds')).toBe(0.5);

    metrics.record(route, 500, 1);
    expect((await parsed()).requests()).toEqual({ 'GET /items/:id 500': 1 });
  });

  it('resetMetrics() does not reset the requests in flight', async () => {
    measured();
    const exchange = metrics.begin(new Exchange(metrics.route('GET', '/items/:id'), metrics.now()));
    registry.resetMetrics();
    expect((await parsed()).value('http_requests_in_flight')).toBe(1);
    metrics.end(exchange, 200, 0.1);
    expect((await parsed()).value('http_requests_in_flight')).toBe(0);
    expect((await parsed()).requests()).toEqual({ 'GET /items/:id 200': 1 });
  });

  it('clear() removes our series, attach() brings them back as they were, and recording goes on', async () => {
    measured();
    const before = await registry.metrics();
    registry.clear();
    expect((await parsed()).series()).toEqual([]);
    metrics.attach();
    expect(await registry.metrics()).toBe(before);
    metrics.attach();
    metrics.record(metrics.route('GET', '/items/:id'), 200);
    expect((await parsed()).requests()).toEqual({ 'GET /items/:id 200': 3, 'GET /items/:id 503': 1 });
  });

  describe('a registry that speaks OpenMetrics', () => {
    const openMetrics = prometheus.Registry.OPENMETRICS_CONTENT_TYPE;
    const text = prometheus.Registry.PROMETHEUS_CONTENT_TYPE;

    it('writes our counters as OpenMetrics has them', async () => {
      measured();
      registry.setContentType(openMetrics as never);
      const exposition = await parsed();
      expect(exposition.text).toContain('\n# TYPE http_errors counter\n');
      expect(exposition.text).toMatch(/\n# EOF\n$/);
      expect(exposition.text).not.toContain('_total_total');
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 2, 'GET /items/:id 503': 1 });
    });

    it('shows exemplars of slow and failed requests, as our own rendering does, and none in text', async () => {
      measured();
      const route = metrics.route('GET', '/items/:id');
      const exchange = new Exchange(route, metrics.now());
      exchange.trace = { context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } };
      metrics.record(route, 503, 0.7, exchange);
      registry.setContentType(openMetrics as never);
      for (const exposition of [await registry.metrics(), await rendered(registry, 'openmetrics')]) {
        const lines = exposition.split('\n').filter((line) => line.includes(' # {'));
        const labels = `{trace_id="${'a'.repeat(32)}",span_id="${'b'.repeat(16)}"}`;
        expect(lines).toEqual([
          expect.stringMatching(/^http_requests_total\{.*status_code="503".*\} 2 # \{/),
          expect.stringMatching(/^http_errors_total\{.*status_code="503".*\} 2 # \{/),
          expect.stringMatching(/^http_requests_slow_total\{.*\} \d # \{/),
          expect.stringMatching(/^http_requests_failed_total\{.*\} 2 # \{/),
          expect.stringMatching(/^http_request_duration_seconds_bucket\{.*le="2".*\} 2 # \{/),
        ]);
        for (const line of lines) expect(line).toMatch(new RegExp(`# ${labels} (1|0\\.7) \\d{10}(\\.\\d+)?$`));
      }
      registry.setContentType(text);
      for (const exposition of [await registry.metrics(), await rendered(registry, 'text')]) {
        expect(exposition).not.toContain('trace_id');
      }
      const [json] = (await registry.getMetricsAsJSON()).flatMap(({ values }) =>
        values.filter((row) => 'exemplar' in row),
      );
      expect(json).toMatchObject({ exemplar: { labelSet: { span_id: 'b'.repeat(16) } } });
    });

    it('changes no name permanently: back to text, everything is as before', async () => {
      measured();
      const before = await registry.metrics();
      for (let round = 0; round < 2; round++) {
        registry.setContentType(openMetrics as never);
        await registry.metrics();
        registry.setContentType(text);
        expect(await registry.metrics()).toBe(before);
      }
      expect(registry.getSingleMetric('http_requests_total')).toMatchObject({ name: 'http_requests_total' });
    });

    it('gives JSON with the names that text has, before and after it rendered', async () => {
      measured();
      const before = samplesOfJson(await registry.getMetricsAsJSON());
      registry.setContentType(openMetrics as never);
      expect(samplesOfJson(await registry.getMetricsAsJSON())).toEqual(before);
      await registry.metrics();
      expect(samplesOfJson(await registry.getMetricsAsJSON())).toEqual(before);
      expect(before.join('\n')).not.toContain('_total_total');
    });

    it('does not disturb our own rendering', async () => {
      measured();
      const before = [await rendered(registry, 'text'), await rendered(registry, 'openmetrics')];
      registry.setContentType(openMetrics as never);
      await registry.metrics();
      expect([await rendered(registry, 'text'), await rendered(registry, 'openmetrics')]).toEqual(before);
    });
  });
});
