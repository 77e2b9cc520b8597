import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import coalmine from '@coalmine/fastify';
import { createInstrument, type Instrument } from '@coalmine/node';
import { createMetricProducer, otel, type Temporality } from '@coalmine/otel';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { send } from '../support/client.js';

describe('a producer', () => {
  const ended: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ended.splice(0)) await end();
  });

  it.each<[Temporality, readonly number[]]>([
    ['cumulative', [2, 2, 3]],
    ['delta', [2, 1]],
  ])('of %s metrics returns the values of this temporality at each collection', async (temporality, said) => {
    const { metrics } = service();
    const { collect } = reader(temporality);
    const route = metrics.route('GET', '/');
    const seen: number[] = [];
    for (const more of [2, 0, 1]) {
      for (let i = 0; i < more; i++) metrics.record(route, 503, 0.2);
      const data = await collect();
      for (const name of ['http.server.requests', 'http.server.request.duration']) {
        for (const { attributes, value } of data.get(name)?.dataPoints ?? []) {
          if (attributes['http.route'] === '/' && attributes['http.response.status_code'] === 503)
            seen.push(typeof value === 'number' ? value : value.count);
        }
      }
    }
    // Each request appears twice: in a counter and in a histogram.
    expect(seen).toEqual(said.flatMap((value) => [value, value]));
  });

  it.each<Temporality>(['cumulative', 'delta'])(
    'of %s metrics starts the requests again from zero after a reset',
    async (temporality) => {
      const { metrics } = service();
      const { collect } = reader(temporality);
      const route = metrics.route('GET', '/');
      metrics.record(route, 500, 0.2);
      metrics.record(route, 500, 0.2);
      const before = point(await collect());
      (metrics.registry as Registry).resetMetrics();
      metrics.record(route, 500, 0.2);
      const after = point(await collect());
      expect([before?.value, after?.value]).toEqual([2, 1]);
      expect(after?.startTime).not.toEqual(before?.startTime);
    },
  );

  it.each<Temporality>(['cumulative', 'delta'])(
    'of %s metrics starts the excluded requests again from zero after a reset',
    async (temporality) => {
      const { metrics } = service();
      const { collect } = reader(temporality);
      const excluded = async () =>
        (await collect())
          .get('coalmine.excluded_requests')
          ?.dataPoints.find(({ attributes }) => attributes.reason === 'custom' && attributes.code_class === '2xx');
      for (let i = 0; i < 5; i++) metrics.exclude('custom', 200);
      const before = await excluded();
      (metrics.registry as Registry).resetMetrics();
      metrics.exclude('custom', 200);
      const after = await excluded();
      expect([before?.value, after?.value]).toEqual([5, 1]);
      expect(after?.startTime).not.toEqual(before?.startTime);
    },
  );

  it('collects a service as long as it runs, however often another one on its registry is closed', async () => {
    const registry = new Registry();
    const [first, second] = [service(registry), service(registry)];
    const { collect } = reader('cumulative');
    await first.close();
    await first.close();
    second.metrics.record(second.metrics.route('GET', '/'), 500);
    expect(point(await collect())?.value).toBe(1);
  });

  it('separates protocols, whose sum is the series of the registry', async () => {
    const instrument = service();
    const { collect } = reader('cumulative');
    const handler = instrument.handler((_request, response) => {
      instrument.route(response, '/');
      response.end();
    });
    const port = await listening(createServer(handler));
    const port2 = await listening(
      createHttp2Server(
        instrument.handler((_request, response) => {
          instrument.route(response, '/');
          response.end();
        }),
      ),
    );
    for (let i = 0; i < 3; i++) await send(port, '/');
    const session = connectHttp2(`http://127.0.0.1:${port2}`);
    for (let i = 0; i < 2; i++) {
      const stream = session.request({ ':path': '/' });
      stream.resume();
      await once(stream, 'close');
    }
    session.close();
    const data = await collect();
    const counts = (name: string): Record<string, unknown> =>
      Object.fromEntries(
        (data.get(name)?.dataPoints ?? [])
          .filter(
            ({ attributes }) => attributes['http.response.status_code'] === 200 && attributes['http.route'] === '/',
          )
          .map(({ attributes, value }) => [
            String(attributes['network.protocol.version']),
            typeof value === 'number' ? value : value.count,
          ]),
      );
    expect(counts('http.server.requests')).toEqual({ '1.1': 3, '2': 2 });
    expect(counts('http.server.request.duration')).toEqual({ '1.1': 3, '2': 2 });
    expect(await instrument.metrics.registry.metrics()).toContain(
      'http_requests_total{method="GET",route="/",status_code="200"} 5',
    );
  });

  it('collects no closed service, and two services on one registry once', async () => {
    const registry = new Registry();
    const [first, second] = [service(registry), service(registry)];
    const { collect } = reader('cumulative');
    first.metrics.record(first.metrics.route('GET', '/'), 500);
    second.metrics.record(second.metrics.route('GET', '/'), 500);
    expect(point(await collect())?.value).toBe(2);
    await first.close();
    expect(point(await collect())?.value).toBe(2);
    await second.close();
    // Its last counts are collected once more.
    expect(point(await collect())?.value).toBe(2);
    expect((await collect()).size).toBe(0);
  });

  // The SDK must shut down after the service has finished, because otherwise it would miss the last requests.
  it('collects a service once more when it has ended, as every other producer does', async () => {
    const producers = [createMetricProducer(), createMetricProducer()];
    const app = Fastify();
    await app.register(coalmine, { registry: new Registry(), warmup: false, telemetry: otel() });
    app.get('/work', async () => 'done');
    await app.inject('/work');
    await app.close();
    const answered = async (producer: (typeof producers)[number]): Promise<readonly unknown[]> => {
      const { resourceMetrics } = await producer.collect();
      return resourceMetrics.scopeMetrics
        .flatMap(({ metrics }) => metrics.filter(({ descriptor }) => descriptor.name === 'http.server.requests'))
        .flatMap(({ dataPoints }) => dataPoints.filter(({ attributes }) => attributes['http.route'] === '/work'))
        .filter(({ attributes }) => attributes['http.response.status_code'] === 200)
        .map(({ value }) => value);
    };
    for (const producer of producers) expect([await answered(producer), await answered(producer)]).toEqual([[1], []]);
  });

  it('leaves constant labels to the resource', async () => {
    const instrument = createInstrument({
      registry: new Registry(),
      telemetry: otel(),
      metrics: { labels: { k8s_pod_name: 'shop-1' } },
    });
    ended.push(() => instrument.close());
    const data = await reader('cumulative').collect();
    for (const { dataPoints } of data.values()) {
      for (const { attributes } of dataPoints) expect(Object.keys(attributes)).not.toContain('k8s_pod_name');
    }
    expect(data.get('coalmine.pod_warm')?.dataPoints).toHaveLength(1);
  });

  it('has the durations of every service whose telemetry publishes metrics, and of no other', async () => {
    const silent = createInstrument({ registry: new Registry(), telemetry: otel({ metrics: false }) });
    ended.push(() => silent.close());
    expect((await reader('cumulative').collect()).size).toBe(0);
  });

  it('of another copy of the package, as of ESM and of CommonJS, has the durations of the service', async () => {
    const { metrics } = service();
    metrics.record(metrics.route('GET', '/'), 200, 0.2);
    vi.resetModules();
    const other = await import('@coalmine/otel');
    expect(other.createMetricProducer).not.toBe(createMetricProducer);
    const { scopeMetrics } = (await other.createMetricProducer().collect()).resourceMetrics;
    const names = scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
    expect(names).toContain('http.server.request.duration');
  });

  it.each([
    [{ temporality: 'both' }, 'metricProducer.temporality must be one of cumulative, delta, got "both"'],
    [{ interval: 3 }, 'metricProducer.interval must be left out: metricProducer takes temporality, got 3'],
  ])('refuses %j in one sentence', (options, message) => {
    expect(() => createMetricProducer(options as never)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  function service(registry: Registry = new Registry()): Instrument {
    const instrument = createInstrument({ registry, telemetry: otel(), warmup: false, health: false });
    ended.push(() => instrument.close());
    return instrument;
  }

  /** Returns a new reader whose `collect` returns the exported metrics by name. */
  function reader(temporality: Temporality): { collect(): Promise<ReadonlyMap<string, MetricData>> } {
    const exporter = new InMemoryMetricExporter(
      temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    );
    const metricReader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: 3_600_000,
      metricProducers: [createMetricProducer({ temporality })],
    });
    const provider = new MeterProvider({ readers: [metricReader] });
    ended.push(() => provider.shutdown());
    return {
      async collect() {
        exporter.reset();
        await metricReader.forceFlush();
        const data = exporter
          .getMetrics()
          .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
        return new Map(data.map((each) => [each.descriptor.name, each]));
      },
    };
  }

  const point = (data: ReadonlyMap<string, MetricData>): MetricData['dataPoints'][number] | undefined => {
    const requests = data.get('http.server.requests');
    expect(requests?.dataPointType).toBe(DataPointType.SUM);
    return requests?.dataPoints.find(
      ({ attributes }) => attributes['http.response.status_code'] === 500 && attributes['http.route'] === '/',
    );
  };

  async function listening(
    server: ReturnType<typeof createServer> | ReturnType<typeof createHttp2Server>,
  ): Promise<number> {
    server.listen(0, '127.0.0.1');
    ended.push(() => server.close());
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
});

describe('otel()', () => {
  it.each([
    [{ attributes: 7 }, 'otel.attributes must be an object of attributes, got 7'],
    [{ metrics: 'yes' }, 'otel.metrics must be true or false, got "yes"'],
    [{ meterProvider: {} }, 'otel.meterProvider must be a MeterProvider of the OpenTelemetry API, got an object'],
    [{ exemplars: true }, 'otel.exemplars must be left out: otel takes attributes, metrics, meterProvider, got true'],
  ])('refuses %j in one sentence', (options, message) => {
    expect(() => otel(options as never)).toThrow(expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }));
  });
});

describe('telemetry that throws', () => {
  it('is reported once, and changes neither responses nor counts', async () => {
    const warnings: unknown[] = [];
    const listener = (warning: Error & { code?: string }): unknown => warnings.push(warning.code);
    process.on('warning', listener);
    const fail = (): never => {
      throw new Error('broken');
    };
    const instrument = createInstrument({
      registry: new Registry(),
      telemetry: { start: () => ({ begin: fail, end: fail, stop: () => {} }) },
    });
    const server = createServer(instrument.handler((_request, response) => response.end('ok'))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (let i = 0; i < 3; i++) expect(await send(port, '/')).toEqual({ status: 200, body: 'ok' });
    expect(await instrument.metrics.registry.metrics()).toContain('route="(unmatched)",status_code="200"} 3');
    process.off('warning', listener);
    expect(warnings.filter((code) => code === 'COALMINE_TELEMETRY_FAILED')).toHaveLength(1);
    server.close();
    await instrument.close();
  });
});
