import { createInstrument } from '@coalmine/node';
import { createMetricProducer, otel } from '@coalmine/otel';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import { METRIC_HTTP_SERVER_ACTIVE_REQUESTS } from '@opentelemetry/semantic-conventions/incubating';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { Exposition } from '../support/exposition.js';
import type { ReceivedMetric, ReceivedPoint } from '../support/otlp-received.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Plan, type Service, startService } from './service.js';

const OURS = '@coalmine/otel';

/** The sent requests, and how they count. */
const SENT: Readonly<Record<string, number>> = {
  'GET /t/:tenant/items/:id 200': 12,
  'GET /t/:tenant/boom/:id 500': 3,
  'GET /t/:tenant/hang 499': 2,
  'GET /t/:tenant/impatient 504': 1,
  'GET /t/:tenant/cut 500': 1,
  'GET /t/:tenant/events 200': 1,
  'GET undefined 404': 2,
};

describe.each(['cumulative', 'delta'] as const)('%s metrics over OTLP', (temporality) => {
  it.each(['express', 'fastify', 'node'] as const)(
    'are the numbers scraped, and the requests sent, on %s',
    async (framework) => {
      await withService({ framework, temporality }, async (receiver, { port, close }) => {
        await use(port);
        const scraped = new Exposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
        await close();
        const requests = totals(receiver, 'http.server.requests');
        expect(requests).toEqual(SENT);
        expect(withUnmatched(requests)).toEqual(scraped.requests());
        expect(withUnmatched(totals(receiver, 'http.server.errors'))).toEqual(scraped.requests('http_errors_total'));
        const observed = totals(
          receiver,
          METRIC_HTTP_SERVER_REQUEST_DURATION,
          ({ histogram }) => histogram?.count ?? 0,
        );
        expect(withUnmatched(observed)).toEqual(scraped.observed());
      });
    },
  );

  it('start with the process, so that requests before the first export count, too', async () => {
    const before = Date.now() / 1000;
    await withService({ framework: 'node', temporality }, async (receiver, { port, close }) => {
      for (let i = 0; i < 3; i++) await send(port, '/t/1/boom/1');
      await close();
      const [first] = receiver
        .metrics('http.server.requests')
        .flatMap(({ points }) => points)
        .filter((point) => keyOf(point).endsWith(' 500') && (point.value ?? 0) > 0);
      // An export may come between two requests.
      expect(Object.values(totals(receiver, 'http.server.requests'))).toEqual([3]);
      expect(first?.startedAt).toBeGreaterThan(before - 1);
      expect(first?.startedAt).toBeLessThan(first?.at ?? 0);
    });
  });
});

describe('metrics over OTLP', () => {
  it('have the names of the semantic conventions', async () => {
    await withService({ framework: 'node' }, async (receiver, { port, close }) => {
      await send(port, '/t/1/boom/1');
      await close();
      const duration = last(receiver, METRIC_HTTP_SERVER_REQUEST_DURATION);
      expect(duration).toMatchObject({ unit: 's', type: 'histogram', temporality: 'cumulative' });
      const failed = duration?.points.find(({ attributes }) => attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] === 500);
      expect(failed?.attributes).toEqual({
        [ATTR_HTTP_REQUEST_METHOD]: 'GET',
        [ATTR_HTTP_ROUTE]: '/t/:tenant/boom/:id',
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: 500,
        [ATTR_ERROR_TYPE]: '500',
        [ATTR_URL_SCHEME]: 'http',
        [ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
      });
      expect(failed?.histogram?.bounds).toContain(10);
    });
  });

  it('show a request in flight until its client has left', async () => {
    await withService({ framework: 'node' }, async (receiver, { port, close }) => {
      const active = (): number | undefined =>
        last(receiver, METRIC_HTTP_SERVER_ACTIVE_REQUESTS)?.points.find(
          ({ attributes }) => attributes[ATTR_HTTP_REQUEST_METHOD] === 'GET' && attributes[ATTR_URL_SCHEME] === 'http',
        )?.value;
      const overdue = (): number | undefined => last(receiver, 'http.server.overdue_requests')?.points[0]?.value;
      const seen = (): Promise<unknown> => receiver.until(() => (active() === 1 && overdue() === 1) || undefined);
      await send(port, '/t/1/impatient', { leaveAfter: seen });
      await receiver.until(() => (active() === 0 && overdue() === 0) || undefined);
      expect(last(receiver, METRIC_HTTP_SERVER_ACTIVE_REQUESTS)).toMatchObject({ type: 'sum', isMonotonic: false });
      await close();
    });
  });

  it('say the same about the service itself as /metrics, without metrics that have no points', async () => {
    await withService({ framework: 'fastify' }, async (receiver, { port, close }) => {
      await send(port, '/readyz');
      // A service that has closed no longer tells of its pod.
      const excluded = await receiver.until(() =>
        last(receiver, 'coalmine.excluded_requests')?.points.find(({ value }) => value === 1),
      );
      await close();
      const names = new Set(
        receiver
          .metrics()
          .filter(({ scope }) => scope === OURS)
          .map(({ name }) => name),
      );
      expect([...names].sort()).toEqual([
        'coalmine.excluded_request_duration',
        'coalmine.excluded_requests',
        'coalmine.exclusion_suspended',
        'coalmine.objective_latency',
        'coalmine.pod_ready_timestamp',
        'coalmine.pod_warm',
        'coalmine.series_dropped',
        'http.server.errors',
        'http.server.failed_requests',
        'http.server.overdue_requests',
        'http.server.requests',
        'http.server.slow_requests',
        'http.server.timed_requests',
        'nodejs.eventloop.time',
      ]);
      expect(excluded.attributes).toEqual({ reason: 'health', code_class: '2xx' });
    });
  });

  it('are read in slices, between which the service keeps responding', async () => {
    const instrument = createInstrument({
      registry: new Registry(),
      warmup: false,
      metrics: { maxRoutes: 5_000 },
      telemetry: otel(),
    });
    const { metrics } = instrument;
    for (let i = 0; i < 5_000; i++) metrics.record(metrics.route('GET', `/items/${i}`), 200, 0.01);
    let turns = 0;
    const turn = (): void => {
      turns++;
      // A request during a collection is in this collection or in the next.
      metrics.record(metrics.route('GET', `/items/${turns}`), 201, 0.01);
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const producer = createMetricProducer({ temporality: 'delta' });
    const first = await producer.collect();
    clearImmediate(next);
    const second = await producer.collect();
    await instrument.close();
    expect(turns).toBeGreaterThan(0);
    const all = [first, second].flatMap(({ resourceMetrics }) => resourceMetrics.scopeMetrics);
    const requests = all.flatMap((scope) =>
      scope.metrics.filter(({ descriptor }) => descriptor.name === 'http.server.requests'),
    );
    const points = requests.flatMap(({ dataPoints }) => [...dataPoints]);
    expect(points.reduce((sum, { value }) => sum + (value as number), 0)).toBe(5_000 + turns);
    for (const { startTime, endTime } of points) expect(secondsOf(startTime)).toBeLessThanOrEqual(secondsOf(endTime));
  });

  it('come through the API if no reader has a producer, except the durations', async () => {
    await withService({ framework: 'express', producer: false, http: false }, async (receiver, { port, close }) => {
      await use(port);
      await close();
      expect(totals(receiver, 'http.server.requests')).toEqual(SENT);
      const names = receiver
        .metrics()
        .filter(({ scope }) => scope === OURS)
        .map(({ name }) => name);
      expect(names).toContain('http.server.active_requests');
      expect(names).not.toContain(METRIC_HTTP_SERVER_REQUEST_DURATION);
    });
  });
});

async function withService(
  plan: Omit<Plan, 'receiver'>,
  test: (receiver: OtlpReceiver, service: Service) => Promise<void>,
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const service = await startService({ ...plan, receiver: receiver.address });
  try {
    await test(receiver, service);
  } finally {
    await service.close();
    await receiver.close();
  }
}

async function use(port: number): Promise<void> {
  for (let i = 0; i < 12; i++) await send(port, `/t/${i}/items/${i}`);
  for (let i = 0; i < 3; i++) await send(port, `/t/${i}/boom/${i}`);
  await Promise.all([
    send(port, '/t/1/hang', { leaveAfter: 50 }),
    send(port, '/t/1/hang', { leaveAfter: 50 }),
    send(port, '/t/1/impatient', { leaveAfter: 1_500 }),
  ]);
  await send(port, '/t/1/cut');
  await send(port, '/t/1/events', { leaveAfter: 50 });
  for (const path of ['/elsewhere', '/wp-login.php']) await send(port, path);
}

/** Returns the counts by method, route and status, without zeros: the last of a cumulative metric, or the sum of deltas. */
function totals(
  receiver: OtlpReceiver,
  name: string,
  numberOf: (point: ReceivedPoint) => number = ({ value }) => value ?? 0,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { scope, temporality, points } of receiver.metrics(name)) {
    if (scope !== OURS) continue;
    for (const point of points) {
      const before = temporality === 'delta' ? (sums[keyOf(point)] ?? 0) : 0;
      sums[keyOf(point)] = before + numberOf(point);
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum > 0));
}

function keyOf({ attributes }: ReceivedPoint): string {
  const {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_HTTP_ROUTE]: route,
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
  } = attributes;
  return `${method} ${route} ${status}`;
}

/** The conventions leave out an unknown route, but the series name it. */
function withUnmatched(totals: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(totals).map(([key, total]) => [key.replace('undefined', '(unmatched)'), total]),
  );
}

function last(receiver: OtlpReceiver, name: string): ReceivedMetric | undefined {
  return receiver.metrics(name).findLast(({ scope }) => scope === OURS);
}

function secondsOf([whole, nanoseconds]: readonly [number, number]): number {
  return whole + nanoseconds / 1e9;
}
