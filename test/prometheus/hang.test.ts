import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { SERVICES, type Service } from './services.js';

const objective = { latency: 0.05, patience: 0.2 };
// Longer than the timeout of a scrape.
const SCRAPE_SECONDS = 0.5;

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing).each(SERVICES)('a handler that never responds, on $framework', ({ start }) => {
  let service: Service;
  let prometheus: Prometheus;
  beforeAll(async () => {
    service = await start({ objective });
    prometheus = await startPrometheus({ service: { port: service.port } });
    await prometheus.untilScraped(3);
  });
  afterAll(async () => {
    await prometheus?.close();
    await service?.close();
  });

  it('is overdue at the first scrape after the patience, then a 504 that took too long', async () => {
    const request = get({ host: '127.0.0.1', port: service.port, path: '/hang', agent: false });
    const left = once(request, 'error');
    while (service.hangs.length === 0) await delay(5);
    await prometheus.untilScraped(3);

    const begunAt = service.hangs[0] ?? Number.NaN;
    const overdue = await prometheus.samples('http_requests_overdue');
    const before = overdue.filter(({ at }) => at < begunAt - SCRAPE_SECONDS);
    expect(before.length).toBeGreaterThan(0);
    expect(before.map(({ value }) => value)).toEqual(before.map(() => 0));
    const after = overdue.filter(({ at }) => at > begunAt + objective.patience);
    expect(after.length).toBeGreaterThan(0);
    expect(after.map(({ value }) => value)).toEqual(after.map(() => 1));
    expect(await prometheus.query('http_requests_in_flight')).toMatchObject([{ value: 1 }]);

    request.destroy();
    await left;
    await prometheus.untilScraped(2);
    expect(await prometheus.query('http_requests_overdue')).toMatchObject([{ value: 0 }]);
    expect(await prometheus.query('http_requests_in_flight')).toMatchObject([{ value: 0 }]);
    expect(await prometheus.query('http_errors_total > 0')).toMatchObject([
      { metric: { route: '/hang', method: 'GET', status_code: '504' }, value: 1 },
    ]);
    const [increase] = await prometheus.query('increase(http_errors_total{route="/hang",status_code="504"}[1m])');
    expect(increase?.value).toBeGreaterThanOrEqual(1);

    const slowShare =
      'sum(rate(http_requests_slow_total{route="/hang"}[1m])) / sum(rate(http_requests_timed_total{route="/hang"}[1m]))';
    expect(await prometheus.query(slowShare)).toEqual([{ metric: {}, value: 1 }]);
    const [failed] = await prometheus.query('increase(http_requests_failed_total{route="/hang"}[1m])');
    expect(failed?.value).toBeGreaterThanOrEqual(1);
    expect(await prometheus.query('http_request_duration_seconds_count{route="/hang"} > 0')).toMatchObject([
      { metric: { status_code: '504' }, value: 1 },
    ]);
  });
});
