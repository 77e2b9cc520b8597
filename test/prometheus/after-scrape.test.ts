import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createInstrument, type HealthOptions } from '@coalmine/node';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { serve } from '../conformance/frameworks.js';
import { send } from '../support/client.js';
import { isPrometheusMissing, startPrometheus } from '../support/prometheus.js';

/** Starts a pod whose responses are all errors. All of its users come as soon as it is ready. */
async function burst(
  health: Pick<HealthOptions, 'afterScrape'>,
): Promise<{ readonly counted: number; readonly sent: number }> {
  const instrument = createInstrument({ registry: new Registry(), warmup: false, health });
  instrument.metrics.route('GET', '/items/:id');
  const service = await serve(
    createServer(
      instrument.handler((_request, response) => {
        instrument.route(response, '/items/:id');
        response.statusCode = 500;
        response.end();
      }),
    ),
  );
  const sent = 20;
  const rush = (async () => {
    while ((await fetch(`http://127.0.0.1:${service.port}/readyz`)).status !== 200) await delay(5);
    await Promise.all(Array.from({ length: sent }, () => send(service.port, '/items/1')));
  })();
  // A pod that does not wait for a scrape has its users before Prometheus knows the pod.
  if (health.afterScrape === undefined) await rush;
  const prometheus = await startPrometheus({ shop: { port: service.port } });
  await rush;
  await prometheus.untilScraped(2);
  // The difference of the samples, which is increase() without extrapolation.
  const samples = await prometheus.samples('http_errors_total{route="/items/:id",status_code="500"}');
  const increases = await prometheus.query('increase(http_errors_total{route="/items/:id",status_code="500"}[1m])');
  await prometheus.close();
  await service.close();
  await instrument.close();
  const first = samples[0]?.value ?? 0;
  const last = samples.at(-1)?.value ?? 0;
  expect(increases[0]?.value ?? 0).toBeGreaterThanOrEqual(last - first);
  return { counted: last - first, sent };
}

describe.skipIf(isPrometheusMissing)('a burst of errors as soon as a pod is ready, before a real Prometheus', () => {
  it('is counted completely if readiness waited for the first scrape', async () => {
    const { counted, sent } = await burst({ afterScrape: { maxSeconds: 20 } });
    expect(counted).toBe(sent);
  });

  it('is lost if readiness did not wait', async () => {
    expect((await burst({})).counted).toBe(0);
  });
});
