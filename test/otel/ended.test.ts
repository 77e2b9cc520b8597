import coalmine from '@coalmine/fastify';
import { createMetricProducer, otel } from '@coalmine/otel';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';

// The SDK must shut down after the service has finished, because otherwise it would miss the last requests.
it('collects a service once more when it has ended, by each producer', async () => {
  const producers = [createMetricProducer(), createMetricProducer()];
  const app = Fastify();
  await app.register(coalmine, { registry: new Registry(), warmup: false, telemetry: otel() });
  app.get('/work', async () => 'done');
  await app.ready();
  await app.inject('/work');
  await app.close();
  for (const producer of producers) {
    expect(await answered(producer)).toEqual([1]);
    expect(await answered(producer)).toEqual([]);
  }
});

/** Returns the number of responses of each service that a producer knows. */
async function answered(producer: ReturnType<typeof createMetricProducer>): Promise<readonly unknown[]> {
  const { resourceMetrics } = await producer.collect();
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics.filter(({ descriptor }) => descriptor.name === 'http.server.requests'))
    .flatMap(({ dataPoints }) => dataPoints.filter(({ attributes }) => attributes['http.route'] === '/work'))
    .filter(({ attributes }) => attributes['http.response.status_code'] === 200)
    .map(({ value }) => value);
}
