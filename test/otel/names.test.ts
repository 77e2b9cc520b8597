import { createMetricProducer, otel } from '@coalmine/otel';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { SERVICES } from '../prometheus/services.js';
import { send } from '../support/client.js';
import { Exposition, type Sample, scrape, scrapeUntil } from '../support/exposition.js';
import { asPrometheusNames } from '../support/otlp-to-prometheus.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const objective = { latency: 0.05, patience: 0.2 };
const schema = {
  source: {
    name: 'prisma',
    compare: (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
    read: async () => ({ applied: ['20260301_add_title'] }),
  },
  supports: { knows: ['20260301_add_title'] },
};

describe.each(SERVICES)('the metrics over OTLP in a Prometheus, on $framework', ({ start }) => {
  it('are the series of the preset of names, each with the same value', async () => {
    const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [createMetricProducer()] });
    const provider = new MeterProvider({ readers: [reader] });
    closing.push(() => provider.shutdown());
    const service = await start({
      objective,
      metrics: { names: 'otel' },
      health: { checks: { disk: () => true }, schema, signals: [] },
      telemetry: otel({ meterProvider: provider }),
    });
    closing.push(() => service.close());
    for (const path of ['/items/1', '/items/2', '/fail', '/readyz', '/nowhere']) await send(service.port, path);
    await send(service.port, '/hang', { leaveAfter: 300 });
    void send(service.port, '/hang');
    const metrics = `http://127.0.0.1:${service.port}/metrics`;
    await scrapeUntil(metrics, (each) => each.value('http_server_overdue_requests') === 1);

    const { resourceMetrics } = await reader.collect();
    const received = new Exposition(asPrometheusNames(resourceMetrics));
    const scraped = await scrape(metrics);
    expect(typesOf(received)).toEqual(typesOf(scraped));
    expect(scraped.samples('http_server_overdue_requests')).toMatchObject([{ value: 1 }]);
    expect(scraped.value('http_server_requests_total', { http_route: '/hang', error_type: 504 })).toBe(1);
    for (const sample of samplesOf(scraped)) {
      const other = same(sample, received);
      // The event loop continued in between.
      if (sample.name !== 'nodejs_eventloop_time_seconds_total') expect(other).toEqual(sample);
      else expect(sample.value - (other?.value ?? Number.NaN)).toBeGreaterThanOrEqual(0);
    }
  });
});

/** Returns the received sample that belongs to a sample. Series that OpenTelemetry splits further are added up. */
function same({ name, labels, value }: Sample, received: Exposition): Sample | undefined {
  const { http_route: route, ...rest } = labels;
  // The conventions leave out an unknown route, but the series name it.
  const found =
    route === '(unmatched)'
      ? received.samples(name, rest).filter((sample) => sample.labels.http_route === undefined)
      : received.samples(name, labels);
  if (found.length === 0) return undefined;
  const sum = found.reduce((total, sample) => total + sample.value, 0);
  return { name, labels, value: Math.abs(sum - value) < 1e-9 ? value : sum };
}

/** Returns the type of each metric with samples, because a metric without samples is not sent. */
function typesOf(exposition: Exposition): Readonly<Record<string, string>> {
  const types = [...exposition.text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]);
  const hasSamples = (name = ''): boolean =>
    [name, `${name}_count`].some((sample) => exposition.samples(sample).length > 0);
  return Object.fromEntries(types.filter(([name]) => hasSamples(name)));
}

function samplesOf(exposition: Exposition): readonly Sample[] {
  const names = new Set(exposition.series().map((series) => series.split(' ', 1)[0] ?? ''));
  return [...names].flatMap((name) => exposition.samples(name));
}
