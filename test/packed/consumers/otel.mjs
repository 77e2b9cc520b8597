import { coalmine } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { createMetricProducer, otel, rolloutDetector } from '@coalmine/otel';
import { detectResources } from '@opentelemetry/resources';
import * as sdk from '@opentelemetry/sdk-metrics';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';

const exporter = new sdk.InMemoryMetricExporter(sdk.AggregationTemporality.CUMULATIVE);
const reader = new sdk.PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] });
const resource = detectResources({
  detectors: [rolloutDetector({ pod: 'shop-7d9c4b8f6d-x2x4z', service: 'shop', env: {} })],
});
const provider = new sdk.MeterProvider({ resource, readers: [reader] });

const fastify = Fastify();
await fastify.register(coalmineFastify, { registry: new Registry(), telemetry: otel() });
fastify.get('/orders/:id', async () => 'order');
await fastify.inject('/orders/1');

const app = express();
app.use(coalmine({ registry: new Registry(), telemetry: otel() }));
app.get('/items/:id', (_request, response) => response.send('item'));
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${url}/items/1`)).text();
  process.stdout.write(await (await fetch(`${url}/metrics`)).text());
  await reader.forceFlush();
  const [{ resource: told, scopeMetrics }] = exporter.getMetrics();
  if (told.attributes['k8s.pod.name'] !== 'shop-7d9c4b8f6d-x2x4z') throw new Error('the pod is not told');
  const requests = scopeMetrics
    .flatMap(({ metrics }) => metrics.filter(({ descriptor }) => descriptor.name === 'http.server.requests'))
    .flatMap(({ dataPoints }) => dataPoints.filter(({ value }) => value > 0))
    .map(({ attributes, value }) => `${attributes['http.route']} ${value}`);
  if (requests.join() !== '/orders/:id 1,/items/:id 1') throw new Error(`published: ${requests.join()}`);
  await provider.shutdown();
  await fastify.close();
  server.close();
  server.closeAllConnections();
});
