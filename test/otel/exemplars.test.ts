import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import type { ReceivedSpan } from '../support/otlp-received.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { type Service, startService } from './service.js';

interface Found {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: { readonly trace_id: string; readonly span_id: string };
    readonly value: string;
  }[];
}

describe.skipIf(isPrometheusMissing)('exemplars that a real Prometheus keeps', () => {
  let receiver: OtlpReceiver;
  let prometheus: WatchingPrometheus;
  let errors: readonly Found[];
  let buckets: readonly Found[];
  let spans: ReadonlyMap<string, ReceivedSpan>;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    prometheus = await startWatchingPrometheus('--enable-feature=exemplar-storage');
    const service = await startService({ framework: 'express', receiver: receiver.address });
    await writeFile(
      join(prometheus.targets, 'pods.json'),
      JSON.stringify([{ targets: [`127.0.0.1:${service.port}`], labels: { pod: 'canary' } }]),
    );
    await exercise(service);
    errors = await found('http_errors_total', ({ status_code: status }) => status === '504');
    buckets = await found('http_request_duration_seconds_bucket', ({ status_code: status }) => status === '504');
    await service.close();
    spans = new Map(receiver.spans().map((span) => [span.spanId, span]));
  });
  afterAll(async () => {
    await prometheus.close();
    await receiver.close();
  });

  it('lead from an error to the server span of a request that failed with it', () => {
    const told = errors.map(({ seriesLabels: { route, status_code: status } }) => `${route} ${status}`);
    expect(told.sort()).toEqual([
      '(unmatched) 404',
      '/t/:tenant/boom/:id 500',
      '/t/:tenant/cut 500',
      '/t/:tenant/impatient 504',
    ]);
    expectSpans(errors);
  });

  it('lead from a bucket to a request that took so long', () => {
    expectSpans(buckets);
    for (const { seriesLabels, exemplars } of buckets) {
      for (const { value } of exemplars)
        expect(Number(value)).toBeLessThanOrEqual(Number(seriesLabels.le?.replace('+Inf', 'Infinity')));
    }
    const slow = buckets.filter(({ seriesLabels: { route, le } }) => route === '/t/:tenant/slow' && Number(le) > 0.1);
    expect(slow).not.toHaveLength(0);
  });

  function expectSpans(series: readonly Found[]): void {
    for (const { seriesLabels, exemplars } of series) {
      expect(exemplars).not.toHaveLength(0);
      for (const { labels } of exemplars) {
        const span = spans.get(labels.span_id);
        expect(span).toMatchObject({
          kind: 'server',
          traceId: labels.trace_id,
          attributes: { [ATTR_HTTP_RESPONSE_STATUS_CODE]: Number(seriesLabels.status_code) },
        });
        if (seriesLabels.route !== '(unmatched)') expect(span?.attributes[ATTR_HTTP_ROUTE]).toBe(seriesLabels.route);
      }
    }
  }

  async function exercise({ port }: Service): Promise<void> {
    for (const path of ['items/1', 'items/2', 'boom/3', 'boom/4', 'slow', 'cut']) await send(port, `/t/7/${path}`);
    await send(port, '/elsewhere');
    await send(port, '/t/7/impatient', { leaveAfter: 1_500 });
  }

  /** Returns the exemplars of a metric when the series that `isLast` accepts has one. */
  async function found(metric: string, isLast: (labels: Found['seriesLabels']) => boolean): Promise<readonly Found[]> {
    const now = Date.now() / 1000;
    const query = new URLSearchParams({ query: metric, start: String(now - 60), end: String(now + 60) });
    for (let tries = 0; tries < 100; tries++) {
      const response = await fetch(`${prometheus.address}/api/v1/query_exemplars?${query}`);
      const { data } = (await response.json()) as { readonly data: readonly Found[] };
      if (data.some(({ seriesLabels }) => isLast(seriesLabels))) return data;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`Prometheus has no such exemplars of ${metric}`);
  }
});
