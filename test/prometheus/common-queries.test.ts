import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { SERVICES, type Service } from './services.js';

// The queries of common dashboards and analysis templates.
const ERROR_RATIO = 'sum(rate(http_errors_total{status_code=~"5.."}[2m])) / sum(rate(http_requests_total[2m]))';
const SLOW_SHARE = 'sum(rate(http_requests_slow_total[2m])) / sum(rate(http_requests_timed_total[2m]))';
const P95 = 'histogram_quantile(0.95, sum(rate(http_request_duration_seconds_bucket[2m])) by (le))';

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing).each(SERVICES)('the queries that everybody has, on $framework', ({ start }) => {
  let service: Service;
  let prometheus: Prometheus;
  beforeAll(async () => {
    service = await start();
    prometheus = await startPrometheus({ service: { port: service.port } });
    await prometheus.untilScraped(3);
  });
  afterAll(async () => {
    await prometheus?.close();
    await service?.close();
  });

  it('return one element before any traffic, although no number yet, and no percentile', async () => {
    expect(await prometheus.query(ERROR_RATIO)).toEqual([{ metric: {}, value: Number.NaN }]);
    expect(await prometheus.query(SLOW_SHARE)).toEqual([{ metric: {}, value: Number.NaN }]);
    expect(await prometheus.query(P95)).toEqual([]);
  });

  it('return zero errors, and not nothing, for healthy traffic', async () => {
    // The counters see the first request. The histogram does not exist before, so it sees only requests after a scrape.
    await send(service.port, '/items/1');
    await prometheus.untilScraped(1);
    expect(await prometheus.query(ERROR_RATIO)).toEqual([{ metric: {}, value: 0 }]);
    expect(await prometheus.query(SLOW_SHARE)).toEqual([{ metric: {}, value: 0 }]);
    for (const id of ['2', '3']) await send(service.port, `/items/${id}`);
    await prometheus.untilScraped(1);
    const [p95, ...more] = await prometheus.query(P95);
    expect(more).toEqual([]);
    expect(p95).toMatchObject({ metric: {} });
    expect(p95?.value).toBeGreaterThan(0);
  });

  it('return the share of the requests that failed', async () => {
    await send(service.port, '/fail');
    await prometheus.untilScraped(1);
    const [ratio, ...more] = await prometheus.query(ERROR_RATIO);
    expect(more).toEqual([]);
    // The window starts before the service, and every series starts at zero, so the extrapolation is the same for all series.
    expect(ratio?.value).toBeCloseTo(0.25, 6);
    expect(await prometheus.query(P95)).toHaveLength(1);
  });
});
