import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { analyzeArgo, createWallClock, manifestsFor, objectsIn, type ReleaseOptions } from '@coalmine/cli';
import { createMetricProducer, otel, rolloutDetector } from '@coalmine/otel';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { detectResources } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serve } from '../conformance/frameworks.js';
import { startFastify } from '../prometheus/services.js';
import { send } from '../support/client.js';
import { asPrometheusNames } from '../support/otlp-to-prometheus.js';
import { isPrometheusMissing, startPrometheus } from '../support/prometheus.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const document = readFileSync(new URL('../../docs/argo.md', import.meta.url), 'utf8');
const [promoted = '', config = ''] = ['prometheus.yml', 'coalmine.config.yaml'].map(
  (file) =>
    document
      .split('\n## ')
      .find((section) => section.startsWith('Metrics over OTLP'))
      ?.split(`# ${file}\n`)[1]
      ?.split('```')[0],
);

describe.skipIf(isPrometheusMissing)('metrics over OTLP, judged as the document says', () => {
  it.each([
    ['/items/1', 'promote', 'no metric was over a limit'],
    ['/fail', 'rollback', 'metric "error-ratio'],
  ])('where every fifth user asks for %s: %s', { timeout: 60_000 }, async (path, verdict, message) => {
    const env = {
      POD_NAME: 'checkout-7d9c4b8f6d-x2x4z',
      ROLLOUTS_POD_TEMPLATE_HASH: '7d9c4b8f6d',
      POD_NAMESPACE: 'default',
    };
    const resource = detectResources({ detectors: [rolloutDetector({ env })] });
    const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [createMetricProducer()] });
    const provider = new MeterProvider({ resource, readers: [reader] });
    closing.push(() => provider.shutdown());
    const service = await startFastify({ telemetry: otel({ meterProvider: provider }) });
    closing.push(() => service.close());
    // The Prometheus of Debian takes no OTLP, so that it scrapes what a newer one would make of it.
    const received = await serve(
      createServer(async (_request, response) => {
        const { resourceMetrics } = await reader.collect();
        response.end(asPrometheusNames(resourceMetrics, parse(promoted).otlp.promote_resource_attributes));
      }),
    );
    closing.push(() => received.close());
    const prometheus = await startPrometheus({ received });
    closing.push(() => prometheus.close());
    await prometheus.untilScraped(1);
    let isOver = false;
    const users = (async () => {
      for (let i = 0; !isOver; i += 1) {
        await send(service.port, i % 5 === 0 ? path : '/items/1');
        await delay(10);
      }
    })();
    closing.push(async () => {
      isOver = true;
      await users;
    });

    const analysis = { scrapeSeconds: 0.5, windowSeconds: 4, lookbackSeconds: 10, intervalSeconds: 1 };
    const options: ReleaseOptions = { ...parse(config), analysis: { ...analysis, compareWithStable: false } };
    const [file] = manifestsFor('argo', options);
    const templates = objectsIn(file?.text ?? '', 'analysis.yaml').filter(
      ({ metadata }) => metadata.name === 'checkout-gate',
    );
    const args = { 'canary-hash': '7d9c4b8f6d' };
    const result = await analyzeArgo({ templates, args, prometheus: prometheus.address, clock: createWallClock() });
    expect(result).toMatchObject({ verdict, message: expect.stringContaining(message) });
  });
});
