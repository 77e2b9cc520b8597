import { ATTRIBUTES } from '@coalmine/otel';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { isJaegerMissing, startCollector, startJaeger } from '../support/jaeger.js';
import { isPrometheusMissing } from '../support/prometheus.js';
import { textOf } from './example.js';
import { responsesIn, startRelease } from './tracing-release.js';

/** A trace, as the API of Jaeger returns it. */
interface Trace {
  readonly traceID: string;
  readonly spans: readonly { readonly tags: readonly { readonly key: string; readonly value: unknown }[] }[];
}

describe.skipIf(isPrometheusMissing || isJaegerMissing)(
  'a real Collector with collector.yaml, before a real Jaeger',
  () => {
    it('keeps each trace of a bad request, and few others', async () => {
      const jaeger = await startJaeger();
      const { processors, exporters, service } = parse(textOf('examples/otel-tracing/backends/collector.yaml'));
      // No request of the example takes longer than its patience of two seconds.
      processors.tail_sampling.decision_wait = '10s';
      const { 'otlphttp/tempo': exporter } = exporters;
      const collector = await startCollector({
        processors,
        exporters: { 'otlphttp/tempo': { ...exporter, endpoint: jaeger.otlp } },
        service: { pipelines: { traces: service.pipelines.traces } },
      });
      try {
        const { said, ended } = startRelease({
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlp,
          TRACE_URL: `${jaeger.pages}/trace/{trace_id}`,
        });
        expect(await ended, said()).toBe(0);
        const named = new Set(said().match(/(?<=\/trace\/)[0-9a-f]{32}\b/g));
        expect(named.size).toBeGreaterThan(5);
        const sent = [...responsesIn(said()).values()].flatMap((responses) => Object.entries(responses));
        const countOf = (isMeant: (status: number) => boolean): number =>
          sent.reduce((sum, [status, count]) => sum + (isMeant(Number(status)) ? count : 0), 0);
        await vi.waitFor(
          async () => {
            const answer = await fetch(`${jaeger.pages}/api/traces?service=shop&limit=10000`);
            const { data } = (await answer.json()) as { readonly data: readonly Trace[] };
            const having = (key: string, value: unknown): readonly Trace[] =>
              data.filter(({ spans }) =>
                spans.some(({ tags }) => tags.some((tag) => tag.key === key && tag.value === value)),
              );
            const ids = new Set(data.map(({ traceID }) => traceID));
            expect([...named].filter((id) => !ids.has(id))).toEqual([]);
            // The ingress of the example samples three quarters of the requests.
            const failed = having('error', true);
            expect(failed.length).toBeGreaterThan(0.5 * countOf((status) => status >= 500));
            const bad = new Set([...failed, ...having(ATTRIBUTES.overObjective, true)]);
            expect(data.length - bad.size).toBeLessThan(0.1 * countOf((status) => status < 500));
          },
          { timeout: 100_000, interval: 500 },
        );
      } finally {
        await collector.close();
        await jaeger.close();
      }
    });
  },
);
