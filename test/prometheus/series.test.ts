import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENDERS } from '../bench/series/contenders.js';
import { measure } from '../bench/series/section.js';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { SERVICES, type Service } from './services.js';

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing).each(SERVICES)(
  'what a Prometheus stores of a new pod, on $framework',
  ({ start }) => {
    let service: Service;
    let prometheus: Prometheus;
    beforeAll(async () => {
      service = await start();
      // Express finds its routes at the first request, which can be a scrape.
      prometheus = await startPrometheus({ shop: { port: service.port } });
      await prometheus.untilScraped(2);
    });
    afterAll(async () => {
      await prometheus?.close();
      await service?.close();
    });

    it('is 10 series for each route and method, and no histogram of any', async () => {
      const counts = await prometheus.query('count by (route, method) ({job="shop",route!=""})');
      expect(counts.map(({ metric }) => metric.route).sort()).toEqual(['(unmatched)', '/fail', '/hang', '/items/:id']);
      for (const { value } of counts) expect(value).toBe(10);
      expect(await prometheus.query('{job="shop",__name__=~"http_request_duration_.*"}')).toEqual([]);
    });

    it('has no creation times by default', async () => {
      expect(await prometheus.query('{job="shop",__name__=~".*_created"}')).toEqual([]);
    });

    it('is one histogram more for each status that has a duration', async () => {
      await send(service.port, '/items/1');
      await prometheus.untilScraped(2);
      const counts = await prometheus.query('count by (route, method) ({job="shop",route="/items/:id"})');
      expect(counts).toMatchObject([{ value: 18 }]);
    });
  },
);

describe('the series of a warm pod', () => {
  const lines = async (name: string): Promise<number> => {
    const contender = CONTENDERS.find((each) => each.name === name);
    if (contender === undefined) throw new Error(`nobody is named ${name}`);
    return (await measure(contender.start, 200)).lines;
  };

  it('are at most 1.6 times the series of the usual snippet with six buckets, under the same traffic', async () => {
    expect(await lines('Coalmine')).toBeLessThanOrEqual(1.6 * (await lines('prom-client snippet, six buckets')));
  });
});
