import '@fastify/websocket';
import { createServer } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type CoalmineMiddleware, coalmine as middleware } from '@coalmine/express';
import coalmine, { CoalmineError, type CoalmineOptions } from '@coalmine/fastify';
import { coalmine as honoMiddleware } from '@coalmine/hono';
import { type KoaMiddleware, coalmine as koaMiddleware } from '@coalmine/koa';
import { createMetrics, type Metrics } from '@coalmine/metrics';
import { createInstrument, type Telemetry } from '@coalmine/node';
import { createMetricProducer, identityLabels, otel, readIdentity, rolloutDetector } from '@coalmine/otel';
import { detectResources } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { Registry } from 'prom-client';

const options: CoalmineOptions = {
  registry: new Registry(),
  objective: { latency: 0.3 },
  metrics: {
    names: { labels: { status_code: 'status' } },
    authorize: (request) => request.headers.authorization === 'x',
  },
  admin: { port: 9090 },
};

const app = Fastify();
void app.register(coalmine, options);
app.get('/slow', { config: { coalmine: { objective: { latency: 2.5 } } } }, async () => 'slow');
app.get('/hidden', { config: { coalmine: false } }, async () => 'hidden');
app.coalmine.metrics.route('GET', '/later');
// @ts-expect-error an objective is in seconds, not text
app.get('/wrong', { config: { coalmine: { objective: { latency: '500ms' } } } }, async () => 'wrong');
// @ts-expect-error there is no such option
void app.register(coalmine, { metric: {} });

const used: CoalmineMiddleware = middleware(options);
express()
  .use(used)
  .get('/slow', middleware.route({ objective: { patience: 30 } }), (_request, response) => {
    response.send('slow');
  });

// The types of Koa 3 need `skipLibCheck`, so these stand alone.
const onKoa: KoaMiddleware[] = [koaMiddleware(options), koaMiddleware.route({ objective: { patience: 30 } })];
onKoa.pop();

const hono = new Hono();
hono
  .use(honoMiddleware(hono, options))
  .get('/slow', honoMiddleware.route({ objective: { patience: 30 } }), (context) => context.text('slow'));
// @ts-expect-error the app comes first
honoMiddleware(options);

const instrument = createInstrument(options);
instrument.attach(createServer(instrument.handler((_request, response) => response.end())));
createSecureServer(
  instrument.handler<Http2ServerRequest, Http2ServerResponse>((_request, response) => response.stream.end()),
);

const metrics: Metrics = createMetrics({ registry: new Registry(), now: () => 0 });
metrics.record(metrics.route('GET', '/items/:id'), 200, 0.01);

const telemetry: Telemetry = otel({ attributes: { 'k8s.pod.name': 'shop-0' }, metrics: false });
const labels = identityLabels(readIdentity({ controller: 'argo' }));
const traced: CoalmineOptions = { telemetry, metrics: { labels, names: 'otel' } };
void app.register(coalmine, traced);
void app.register(coalmine, { telemetry: otel() });
express()
  .use(middleware(traced))
  .use(middleware({ telemetry: otel() }));
createInstrument({ telemetry: otel() });
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA),
  metricProducers: [createMetricProducer(), createMetricProducer({ temporality: 'delta' })],
});
const resource = detectResources({ detectors: [rolloutDetector(), rolloutDetector({ pod: 'shop-0' })] });
otel({ meterProvider: new MeterProvider({ resource, readers: [reader] }) });
// @ts-expect-error it is what otel() answers
void app.register(coalmine, { telemetry: otel });
// @ts-expect-error a producer is for a reader, not for a service
middleware({ telemetry: createMetricProducer() });
// @ts-expect-error there is no such option
otel({ metric: true });
// @ts-expect-error an option is left out or has a value
otel({ metrics: undefined });
// @ts-expect-error low memory is a preference of an exporter
createMetricProducer({ temporality: 'lowmemory' });
// @ts-expect-error there is no such controller
rolloutDetector({ controller: 'spinnaker' });
// @ts-expect-error there is one preset of names
middleware({ metrics: { names: 'otlp' } });

const error: unknown = undefined;
if (error instanceof CoalmineError) {
  // @ts-expect-error the codes are known
  error.code === 'COALMINE_OTHER';
}
