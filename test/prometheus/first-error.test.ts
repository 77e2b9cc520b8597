import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { SERVICES, type Service } from './services.js';

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing)('the first error of a fresh process', () => {
  let services: readonly Service[] = [];
  let prometheus: Prometheus;
  beforeAll(async () => {
    // Every response is over the objective.
    services = await Promise.all(SERVICES.map(({ start }) => start({ objective: { latency: 1e-6 } })));
    const jobs = SERVICES.flatMap(({ framework }, i) => {
      const port = services[i]?.port ?? 0;
      return [
        [framework, { port }],
        [`${framework}, usual snippet`, { port, path: '/snippet' }],
      ] as const;
    });
    prometheus = await startPrometheus(Object.fromEntries(jobs));
    await prometheus.untilScraped(4);
    for (const { port } of services) expect(await send(port, '/fail')).toMatchObject({ status: 500 });
    await prometheus.untilScraped(3);
  });
  afterAll(async () => {
    await prometheus?.close();
    for (const service of services) await service.close();
  });

  describe.each(SERVICES)('on $framework', ({ framework }) => {
    it.each(['timed', 'slow', 'failed'])('is an increase of one in the %s requests', async (which) => {
      const counter = `http_requests_${which}_total{job="${framework}",route="/fail"}`;
      const [seen, ...more] = await prometheus.query(`increase(${counter}[1m])`);
      expect(more).toEqual([]);
      expect(seen?.value).toBeGreaterThanOrEqual(1);
      expect(seen?.value).toBeLessThan(1.5);
      expect(await prometheus.query(`rate(${counter}[1m]) > 0`)).toHaveLength(1);
    });

    const ours = `job="${framework}"`;
    const theirs = `job="${framework}, usual snippet"`;
    const failures = (job: string): string => `http_errors_total{${job},route="/fail",status_code="500"}`;

    it('is an increase of one, where the usual snippet reads none', async () => {
      const [seen, ...more] = await prometheus.query(`increase(${failures(ours)}[1m])`);
      expect(more).toEqual([]);
      // Prometheus extrapolates to the moment of the query, by about one scrape.
      expect(seen?.value).toBeGreaterThanOrEqual(1);
      expect(seen?.value).toBeLessThan(1.5);

      // The snippet counted the error, too, but in a series that started at one and never rose.
      expect(await prometheus.query(failures(theirs))).toMatchObject([{ value: 1 }]);
      expect(await prometheus.query(`increase(${failures(theirs)}[1m]) > 0`)).toEqual([]);
    });

    it('is a rate above zero, where the usual snippet has none', async () => {
      const [seen] = await prometheus.query(`sum(rate(${failures(ours)}[1m]))`);
      expect(seen?.value).toBeGreaterThan(0);
      expect(await prometheus.query(`sum(rate(${failures(theirs)}[1m])) > 0`)).toEqual([]);
    });

    it('is the whole error ratio, where the error ratio of the usual snippet is not above zero', async () => {
      const ratio = (job: string): string =>
        `sum(increase(http_errors_total{${job},status_code=~"5.."}[1m])) / sum(increase(http_requests_total{${job}}[1m]))`;
      const [seen] = await prometheus.query(ratio(ours));
      expect(seen?.value).toBeCloseTo(1, 6);
      expect(await prometheus.query(`${ratio(theirs)} > 0`)).toEqual([]);
    });
  });
});
