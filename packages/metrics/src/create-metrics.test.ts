import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { renderRegistry } from './exposition.js';
import { Exchange } from './in-flight.js';
import type { Metrics } from './metrics.js';

const registry = (): Registry => new Registry();

describe('metrics', () => {
  it.each<[unknown, string]>([
    [
      7,
      'options must be an object with registry, objective, buckets, durationStatus, created, labels, maxRoutes, names, now, got 7',
    ],
    [
      { bucket: [1] },
      'options.bucket must be left out: options takes registry, objective, buckets, durationStatus, created, labels, maxRoutes, names, now, got [1]',
    ],
    [{ registry: null }, 'registry must be a Registry of prom-client or @prometheus-io/client, got null'],
    [{ registry: new Map() }, 'registry must be a Registry of prom-client or @prometheus-io/client, got an object'],
    [{ objective: { latency: 0 } }, 'objective.latency must be a finite number of seconds above 0, got 0'],
    [{ buckets: [2, 1] }, 'buckets must be an ascending list of finite numbers of seconds above 0, got [2, 1]'],
    [{ labels: { le: 'x' } }, expect.stringMatching(/^labels must be keyed by .*, got "le"$/)],
    [{ maxRoutes: 0 }, 'maxRoutes must be an integer of at least 1, got 0'],
    [{ maxRoutes: 1.5 }, 'maxRoutes must be an integer of at least 1, got 1.5'],
    [{ maxRoutes: '10' }, 'maxRoutes must be an integer of at least 1, got "10"'],
    [{ maxRoutes: Number.POSITIVE_INFINITY }, 'maxRoutes must be an integer of at least 1, got Infinity'],
    [{ maxRoutes: null }, 'maxRoutes must be an integer of at least 1, got null'],
    [{ durationStatus: 'status' }, 'durationStatus must be one of code, class, none, got "status"'],
    [{ created: 1 }, 'created must be true or false, got 1'],
    [{ names: { requests: 'a b' } }, 'names.requests must be a Prometheus metric name, got "a b"'],
    [{ now: 5 }, 'now must be a function, got 5'],
  ])('refuse the options %j in one sentence', (options, message) => {
    const given = typeof options === 'object' ? { registry: registry(), ...options } : options;
    expect(() => createMetrics(given as never)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  it('show their objective, and their bounds, which include the objective', () => {
    expect(createMetrics({ registry: registry(), objective: { latency: 0.3 }, buckets: [0.1, 1] })).toMatchObject({
      objective: { latency: 0.3, patience: 1.2 },
      bounds: [0.1, 0.3, 1],
    });
  });
});

describe('an exchange', () => {
  let now = 0;

  async function shown({ registry }: Metrics, name: string): Promise<string | undefined> {
    return new RegExp(`^${name} (.*)$`, 'm').exec(await registry.metrics())?.[1];
  }

  it('is in flight until it ends, overdue past its patience, and counted once', async () => {
    const metrics = createMetrics({ registry: registry(), now: () => now, objective: { latency: 0.1, patience: 0.4 } });
    const route = metrics.route('GET', '/');
    now = 1000;
    const exchange = metrics.begin(new Exchange(route, metrics.now()));
    expect([...metrics.inFlight()]).toEqual([exchange]);
    expect(await shown(metrics, 'http_requests_in_flight')).toBe('1');
    now = 1400;
    expect(await shown(metrics, 'http_requests_overdue')).toBe('0');
    now = 1401;
    expect(await shown(metrics, 'http_requests_overdue')).toBe('1');
    metrics.end(exchange, 504, 0.401);
    metrics.end(exchange, 200, 0.401);
    metrics.drop(exchange);
    expect(await shown(metrics, 'http_requests_in_flight')).toBe('0');
    expect(await shown(metrics, 'http_requests_overdue')).toBe('0');
    expect([...route.counted()]).toMatchObject([[504, { requests: 1 }]]);
  });

  it('is counted nowhere if it is dropped', () => {
    const metrics = createMetrics({ registry: registry() });
    const route = metrics.route('GET', '/');
    const exchange = metrics.begin(new Exchange(route, metrics.now()));
    metrics.drop(exchange);
    metrics.end(exchange, 200, 0.1);
    expect([...metrics.inFlight()]).toEqual([]);
    expect([...route.counted()]).toEqual([]);
  });

  it('is counted on the route that it has when it ends', () => {
    const metrics = createMetrics({ registry: registry() });
    const [first, last] = [metrics.route('GET', '/first'), metrics.route('GET', '/last')];
    const exchange = metrics.begin(new Exchange(first, metrics.now()));
    exchange.route = last;
    metrics.end(exchange, 200, 0.1);
    expect(first.cell(200)).toBeUndefined();
    expect(last.cell(200)?.requests).toBe(1);
  });
});

describe('an excluded request', () => {
  const settings = { buckets: [0.1, 1], labels: { shard: 'a' } };

  it('is counted by reason and class, its durations by reason', async () => {
    const metrics = createMetrics({ registry: registry(), ...settings });
    metrics.exclude('health', 200, 0.05);
    metrics.exclude('health', 204, 0.5);
    metrics.exclude('health', 503);
    metrics.withhold('warmup', 3);
    expect(await samples(metrics, 'coalmine_excluded')).toEqual([
      'coalmine_excluded_requests_total{reason="health",code_class="2xx",shard="a"} 2',
      'coalmine_excluded_requests_total{reason="health",code_class="5xx",shard="a"} 1',
      'coalmine_excluded_request_duration_seconds_bucket{le="0.1",reason="health",shard="a"} 1',
      'coalmine_excluded_request_duration_seconds_bucket{le="0.5",reason="health",shard="a"} 2',
      'coalmine_excluded_request_duration_seconds_bucket{le="1",reason="health",shard="a"} 2',
      'coalmine_excluded_request_duration_seconds_bucket{le="+Inf",reason="health",shard="a"} 2',
      'coalmine_excluded_request_duration_seconds_sum{reason="health",shard="a"} 0.55',
      'coalmine_excluded_request_duration_seconds_count{reason="health",shard="a"} 2',
      'coalmine_excluded_request_duration_seconds_bucket{le="0.1",reason="warmup",shard="a"} 0',
      'coalmine_excluded_request_duration_seconds_bucket{le="0.5",reason="warmup",shard="a"} 0',
      'coalmine_excluded_request_duration_seconds_bucket{le="1",reason="warmup",shard="a"} 0',
      'coalmine_excluded_request_duration_seconds_bucket{le="+Inf",reason="warmup",shard="a"} 1',
      'coalmine_excluded_request_duration_seconds_sum{reason="warmup",shard="a"} 3',
      'coalmine_excluded_request_duration_seconds_count{reason="warmup",shard="a"} 1',
    ]);
    expect(await samples(metrics, 'http_requests_total')).toHaveLength(4);
  });

  it('starts at zero if its reason is declared', async () => {
    const metrics = createMetrics({ registry: registry(), ...settings });
    metrics.declare({ excluded: ['signed'], rejected: ['expired'] });
    metrics.rejectClaim('expired');
    expect(await samples(metrics, 'coalmine_excluded_requests_total')).toEqual(
      ['2xx', '3xx', '4xx', '5xx'].map(
        (codeClass) => `coalmine_excluded_requests_total{reason="signed",code_class="${codeClass}",shard="a"} 0`,
      ),
    );
    expect(await samples(metrics, 'coalmine_excluded_request_duration_seconds')).toEqual([]);
    expect(await samples(metrics, 'coalmine_exclusion_claims')).toEqual([
      'coalmine_exclusion_claims_rejected_total{reason="expired",shard="a"} 1',
    ]);
  });
});

describe('a reading', () => {
  it('combines the values of all who give one, and has no series while nobody gives one', async () => {
    const metrics = createMetrics({ registry: registry() });
    let ready: number | undefined;
    metrics.reading('pod_warm', 'Warm', 'min', () => 1);
    const withdraw = metrics.reading('pod_warm', 'Warm', 'min', () => 0);
    metrics.reading('pod_ready', 'Ready', 'max', () => ready);
    metrics.reading('pod_ready', 'Ready', 'max', () => undefined);
    const shown = async (): Promise<string[]> => (await metrics.registry.metrics()).match(/^pod_\w+ \d+$/gm) ?? [];
    expect(await shown()).toEqual(['pod_warm 0']);
    ready = 7;
    expect(await shown()).toEqual(['pod_warm 0', 'pod_ready 7']);
    withdraw();
    expect(await shown()).toEqual(['pod_warm 1', 'pod_ready 7']);
  });

  it('is left out by us and by the client when it fails, and nothing else is', async () => {
    const metrics = createMetrics({ registry: registry() });
    const fail = (): never => {
      throw new Error('no number');
    };
    metrics.reading('pod_warm', 'Warm', 'min', fail);
    metrics.reading('pod_warm', 'Warm', 'min', () => 1);
    metrics.readings('pod_state', 'State', 'max', () => undefined as never);
    metrics.readings('pod_state', 'State', 'max', () => [{ labels: { state: 'a' }, value: Symbol('x') as never }]);
    let ours = '';
    for await (const slice of renderRegistry(metrics.registry, 'text')) ours += slice;
    for (const text of [ours, await metrics.registry.metrics()]) {
      expect(text).toContain('\npod_warm 1\n');
      expect(text).toContain('\nhttp_requests_in_flight 0\n');
      expect(text).not.toContain('pod_state{');
    }
  });

  it('does not replace a metric of somebody else that has its name', () => {
    const metrics = createMetrics({ registry: registry() });
    metrics.registry.registerMetric({ name: 'pod_warm' } as never);
    expect(() => metrics.reading('pod_warm', 'Warm', 'min', () => 1)).toThrow(
      expect.objectContaining({ code: 'COALMINE_METRIC_EXISTS' }),
    );
  });
});

describe('a hook before the numbers are read', () => {
  it('runs once, however often it was added, and the numbers that it records are read', async () => {
    const metrics = createMetrics({ registry: registry() });
    const route = metrics.route('GET', '/');
    const hook = (seen: Metrics): void => {
      expect(seen).toBe(metrics);
      metrics.record(route, 200);
    };
    metrics.beforeCollect(hook);
    metrics.beforeCollect(hook);
    const requests = await metrics.registry.metrics();
    const [, first] = /^http_requests_total\{method="GET",route="\/",status_code="200"\} (\d+)$/m.exec(requests) ?? [];
    expect(first).toBe('1');
  });

  it('must be a function', () => {
    const metrics = createMetrics({ registry: registry() });
    expect(() => metrics.beforeCollect('read' as never)).toThrow(
      'the argument of beforeCollect() must be a function, got "read"',
    );
  });

  it('loses no numbers when it fails', async () => {
    const metrics = createMetrics({ registry: registry() });
    metrics.beforeCollect(() => {
      throw new Error('no numbers');
    });
    expect(await metrics.registry.metrics()).toContain('\nhttp_requests_in_flight 0\n');
  });
});

describe('the status in the histogram of durations', () => {
  const sums = async (durationStatus: 'code' | 'class' | 'none'): Promise<readonly string[]> => {
    const metrics = createMetrics({ registry: new Registry(), buckets: [0.5], durationStatus });
    const route = metrics.route('GET', '/');
    for (const [status, seconds] of [
      [200, 1],
      [204, 2],
      [500, 4],
    ] as const) {
      metrics.record(route, status, seconds);
    }
    // Whoever reads them does not add to them.
    await samples(metrics, 'http_request_duration_seconds_count');
    return samples(metrics, 'http_request_duration_seconds_sum');
  };
  const sum = (status: string, value: number): string =>
    `http_request_duration_seconds_sum{method="GET",route="/"${status}} ${value}`;

  it('is its code, its class, or absent', async () => {
    expect(await sums('code')).toEqual([
      sum(',status_code="200"', 1),
      sum(',status_code="500"', 4),
      sum(',status_code="204"', 2),
    ]);
    expect(await sums('class')).toEqual([sum(',status_code="2xx"', 3), sum(',status_code="5xx"', 4)]);
    expect(await sums('none')).toEqual([sum('', 7)]);
  });

  it('can be absent without keeping a reset from the durations and their creation time', async () => {
    const metrics = createMetrics({ registry: new Registry(), durationStatus: 'none', created: true });
    metrics.record(metrics.route('GET', '/'), 200, 1);
    const createdAt = async (): Promise<number> => {
      let text = '';
      for await (const chunk of renderRegistry(metrics.registry, 'openmetrics')) text += chunk;
      return Number(/^http_request_duration_seconds_created\{.*\} (.+)$/m.exec(text)?.[1]);
    };
    const before = await createdAt();
    await delay(20);
    (metrics.registry as Registry).resetMetrics();
    expect(await samples(metrics, 'http_request_duration_seconds_count')).toEqual([
      'http_request_duration_seconds_count{method="GET",route="/"} 0',
    ]);
    expect(await createdAt()).toBeGreaterThan(before);
  });

  it('leaves each bucket its newest exemplar, whatever the status of that request', async () => {
    const metrics = createMetrics({ registry: new Registry(), buckets: [0.5], durationStatus: 'class' });
    const route = metrics.route('GET', '/');
    for (const [i, status] of [200, 201].entries()) {
      const exchange = new Exchange(route, 0);
      exchange.trace = { context: { traceId: String(i).repeat(32), spanId: String(i).repeat(16) } };
      metrics.record(route, status, 0.1, exchange);
    }
    let text = '';
    for await (const chunk of renderRegistry(metrics.registry, 'openmetrics')) text += chunk;
    expect(text.split('\n').filter((line) => line.startsWith('http_request_duration') && line.includes('#'))).toEqual([
      expect.stringMatching(/\{le="0\.5",.*status_code="2xx"\} 2 # \{trace_id="1{32}",span_id="1{16}"\} 0\.1 /),
    ]);
  });
});

async function samples({ registry }: Metrics, name: string): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}
