import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CoalmineOptions, createInstrument, type Instrument, signExclusion } from '@coalmine/node';
import { otel } from '@coalmine/otel';
import { type Context, context, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { send, until } from '../support/client.js';
import { rendered } from '../support/rendered.js';

const SECRET = 's'.repeat(32);

describe('a server span that the app makes itself', () => {
  const exporter = new InMemorySpanExporter();
  let decision = SamplingDecision.RECORD_AND_SAMPLED;
  const sampler: Sampler = { shouldSample: () => ({ decision }), toString: () => 'as decided' };
  const provider = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const manager = new AsyncLocalStorageContextManager();
  const open: Server[] = [];
  let instrument: Instrument;

  beforeAll(() => {
    context.setGlobalContextManager(manager.enable());
  });
  afterAll(() => {
    context.disable();
  });
  afterEach(async () => {
    for (const server of open.splice(0)) server.close();
    await instrument.close();
    exporter.reset();
    decision = SamplingDecision.RECORD_AND_SAMPLED;
  });

  it('says what became of its request, and is its exemplar', async () => {
    const port = await serve();
    await send(port, '/fail');
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      attributes: { 'coalmine.outcome': 'answered', 'http.response.status_code': 503, 'http.route': '/fail' },
      status: { code: 2 },
    });
    const text = await rendered(instrument.metrics.registry, 'openmetrics');
    expect(text).toContain(`status_code="503"} 1 # {trace_id="${span?.spanContext().traceId}"`);
  });

  it('is no exemplar if its trace is not kept', async () => {
    decision = SamplingDecision.RECORD;
    const port = await serve();
    await send(port, '/fail');
    expect(await rendered(instrument.metrics.registry, 'openmetrics')).not.toContain('trace_id');
  });

  it('changes neither the count nor the response of a request that is not sampled', async () => {
    decision = SamplingDecision.NOT_RECORD;
    const port = await serve();
    await send(port, '/fail');
    const text = await rendered(instrument.metrics.registry, 'openmetrics');
    expect(text).toContain('http_errors_total{method="GET",route="/fail",status_code="503"} 1\n');
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('carries the attributes of the process, and whether the pod was warm', async () => {
    const telemetry = otel({ attributes: { 'k8s.pod.name': 'shop-7d9c4b8f6d-abcde' } });
    const port = await serve({ telemetry, warmup: { minSeconds: 60 } });
    await send(port, '/');
    expect(attributes()).toMatchObject({ 'k8s.pod.name': 'shop-7d9c4b8f6d-abcde', 'coalmine.pod.warm': false });
  });

  it('carries the state of each schema', async () => {
    // This database was never migrated.
    const source = { name: 'orders', read: async () => undefined };
    const port = await serve({ health: { schema: { source, supports: { requires: ['001_orders'] } } } });
    await instrument.health?.schemas[0]?.refresh();
    await send(port, '/');
    expect(attributes()).toMatchObject({ 'coalmine.schema.state.orders': 'unmigrated' });
  });

  it('distinguishes a test, a bot and a user', async () => {
    const port = await serve({ traffic: { exclude: { signed: { keys: { monitor: SECRET } } } } });
    const marker = signExclusion({ keyId: 'monitor', secret: SECRET, path: '/', host: `127.0.0.1:${port}` });
    await send(port, '/', { headers: marker });
    expect(attributes()).toMatchObject({
      'coalmine.excluded.reason': 'signed',
      'coalmine.excluded.authority': 'monitor',
      'user_agent.synthetic.type': 'test',
    });
    exporter.reset();
    await send(port, '/', { headers: { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' } });
    expect(attributes()).toMatchObject({ 'user_agent.synthetic.type': 'bot' });
    exporter.reset();
    await send(port, '/');
    expect(attributes()).not.toHaveProperty('user_agent.synthetic.type');
  });

  it('has its own end() again once it has ended', async () => {
    const port = await serve();
    await send(port, '/hang', { leaveAfter: 50 });
    await until(() => exporter.getFinishedSpans().length > 0, 'the span');
    expect(attributes()).toMatchObject({ 'http.response.status_code': 499 });
    const [span] = exporter.getFinishedSpans();
    expect(Object.hasOwn(span as ReadableSpan, 'end')).toBe(false);
  });

  const attributes = (): Readonly<Record<string, unknown>> => exporter.getFinishedSpans()[0]?.attributes ?? {};

  async function serve(options: CoalmineOptions = {}): Promise<number> {
    instrument = createInstrument({ registry: new Registry(), telemetry: otel(), warmup: false, ...options });
    const handle = instrument.handler((request, response) => {
      instrument.route(response, request.url ?? '');
      if (request.url !== '/hang') response.writeHead(request.url === '/fail' ? 503 : 200).end();
    });
    const tracer = provider.getTracer('app');
    const server = createServer((request, response) => {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER });
      const active: Context = trace.setSpan(context.active(), span);
      context.with(active, () => handle(request, response));
      // Does what instrumentations do.
      response.on('close', () => {
        span.setAttribute('http.response.status_code', response.statusCode);
        span.end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(server);
    return (server.address() as AddressInfo).port;
  }
});
