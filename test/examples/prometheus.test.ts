import { spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import coalmine from '@coalmine/fastify';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { pathOf, textOf } from './example.js';

const QUERIES = [...textOf('examples/prometheus/README.md').matchAll(/```promql\n(.*?)\n```/gs)].map(
  ([, query = '']) => query,
);

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing)('examples/prometheus', () => {
  it('has a configuration that Prometheus accepts', () => {
    const { status, stdout, stderr } = spawnSync(
      'promtool',
      ['check', 'config', pathOf('examples/prometheus/prometheus.yml')],
      { encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('has three queries, each of which is tried below', () => {
    expect(QUERIES).toHaveLength(3);
  });

  describe('has queries that return one number for a service under traffic', () => {
    const app = fastify();
    let prometheus: Prometheus;
    beforeAll(async () => {
      // The example withholds the durations of its first 30 s.
      await app.register(coalmine, { registry: new Registry(), warmup: false });
      app.get('/items/:id', async () => 'item');
      app.get('/slow', async () => await delay(700, 'slow'));
      app.get('/boom', async () => {
        throw new Error('boom');
      });
      await app.listen({ host: '127.0.0.1', port: 0 });
      const { port } = app.server.address() as AddressInfo;
      prometheus = await startPrometheus({ shop: { port } });
      await prometheus.untilScraped(3);
      // Half of the requests are slow, and a quarter fail. They run twice, because the histogram does not exist before its first request.
      for (let i = 0; i < 2; i++) {
        await Promise.all(['/items/1', '/boom', '/slow', '/slow'].map((path) => send(port, path)));
        await prometheus.untilScraped(2);
      }
    });
    afterAll(async () => {
      await prometheus?.close();
      await app.close();
    });

    it.each([
      ['the error ratio', 0, (value: number) => expect(value).toBeCloseTo(0.25)],
      ['the 95th percentile', 1, (value: number) => expect(value).toBeGreaterThan(0.5)],
      ['the share over the objective', 2, (value: number) => expect(value).toBeCloseTo(0.5)],
    ])('%s', async (_name, i, isRight) => {
      const [element, ...more] = await prometheus.query(QUERIES[i] ?? '');
      expect(more).toEqual([]);
      isRight(element?.value ?? Number.NaN);
    });
  });
});
