import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

const resource = resourceFromAttributes({ 'service.name': 'shop' });

describe.each([
  ['JSON', JsonTraceExporter, JsonMetricExporter],
  ['protobuf', ProtobufTraceExporter, ProtobufMetricExporter],
])('a receiver of OTLP as %s', (_, TraceExporter, MetricExporter) => {
  it.each(['none', 'gzip'])('has the spans that are sent, with compression %s', async (compression) => {
    const exporter = new TraceExporter({ url: `${receiver.address}/v1/traces`, compression: compression as never });
    const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const span = provider.getTracer('tests').startSpan('GET /items/:id', {
      kind: SpanKind.SERVER,
      startTime: [1_768_917_600, 250_000_000],
      attributes: { 'http.response.status_code': 500, ratio: 0.5, ok: false, list: ['a', 'b'], negative: -3 },
    });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end([1_768_917_601, 0]);
    await provider.shutdown();
    const { traceId, spanId } = span.spanContext();
    expect(receiver.spans()).toEqual([
      {
        name: 'GET /items/:id',
        kind: 'server',
        traceId,
        spanId,
        parentSpanId: undefined,
        startedAt: 1_768_917_600.25,
        endedAt: 1_768_917_601,
        attributes: { 'http.response.status_code': 500, ratio: 0.5, ok: false, list: ['a', 'b'], negative: -3 },
        status: { code: 'error', message: 'broken' },
        resource: expect.objectContaining({ 'service.name': 'shop' }),
        scope: 'tests',
      },
    ]);
  });

  it.each([
    ['cumulative', AggregationTemporality.CUMULATIVE],
    ['delta', AggregationTemporality.DELTA],
  ] as const)('has the metrics that are sent, %s', async (temporality, temporalityPreference) => {
    const exporter = new MetricExporter({ url: `${receiver.address}/v1/metrics`, temporalityPreference });
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const provider = new MeterProvider({ resource, readers: [reader] });
    const meter = provider.getMeter('tests');
    meter.createCounter('requests', { unit: '{request}' }).add(7, { route: '/a' });
    meter.createObservableGauge('warm').addCallback((result) => result.observe(0.5));
    const histogram = meter.createHistogram('duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } });
    for (const seconds of [0.0625, 0.5, 0.5, 4]) histogram.record(seconds, { route: '/a' });
    const asked = receiver.until(() => receiver.metrics('duration')[0]);
    const before = Date.now() / 1000;
    await provider.forceFlush();
    await asked;

    const span = { startedAt: expect.closeTo(before, -1), at: expect.closeTo(before, -1) };
    const common = { resource: expect.objectContaining({ 'service.name': 'shop' }), scope: 'tests' };
    expect(receiver.metrics('requests')).toEqual([
      {
        ...common,
        name: 'requests',
        unit: '{request}',
        type: 'sum',
        temporality,
        isMonotonic: true,
        points: [{ ...span, attributes: { route: '/a' }, value: 7 }],
      },
    ]);
    expect(receiver.metrics('warm')).toMatchObject([
      { type: 'gauge', isMonotonic: false, points: [{ attributes: {}, value: 0.5 }] },
    ]);
    expect(receiver.metrics('warm')[0]?.temporality).toBeUndefined();
    expect(receiver.metrics('duration')).toMatchObject([
      {
        unit: 's',
        type: 'histogram',
        temporality,
        points: [
          {
            ...span,
            attributes: { route: '/a' },
            histogram: { count: 4, sum: 5.0625, bounds: [0.1, 1], counts: [1, 2, 1] },
          },
        ],
      },
    ]);
    receiver.clear();
    expect(receiver.metrics()).toEqual([]);
    await provider.shutdown();
  });
});

describe('a receiver of OTLP', () => {
  const post = async (
    path: string,
    type: string,
    body: string,
    more: Record<string, string> = {},
  ): Promise<[number, string]> => {
    const response = await fetch(receiver.address + path, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...more },
    });
    return [response.status, await response.text()];
  };

  it.each<[string, Parameters<typeof post>, number, string]>([
    ['another path', ['/v1/logs', 'application/json', '{}'], 404, 'there are /v1/traces and /v1/metrics'],
    ['another type', ['/v1/traces', 'text/plain', '{}'], 415, 'got text/plain'],
    ['another encoding', ['/v1/traces', 'application/json', '{}', { 'content-encoding': 'br' }], 415, 'got br'],
    ['what is no JSON', ['/v1/traces', 'application/json', '{'], 400, 'the body cannot be read'],
    ['what is no protobuf', ['/v1/traces', 'application/x-protobuf', 'abc'], 400, 'the body cannot be read'],
    [
      'a metric of another type',
      [
        '/v1/metrics',
        'application/json',
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"x","summary":{}}]}]}]}',
      ],
      400,
      'x is neither a gauge nor a sum nor a histogram',
    ],
  ])('refuses %s', async (_, request, status, why) => {
    expect(await post(...request)).toEqual([status, expect.stringContaining(why)]);
    expect([receiver.spans(), receiver.metrics()]).toEqual([[], []]);
  });

  it('says what was received if the expected part does not come', async () => {
    await post(
      '/v1/metrics',
      'application/json',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"x","gauge":{}}]}]}]}',
    );
    await expect(receiver.until(() => receiver.metrics('y')[0], 0.05)).rejects.toThrow(
      'not found within 0.05 s among x',
    );
  });
});
