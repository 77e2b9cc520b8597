import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { type Service, startFastify } from './services.js';

const AWKWARD = 'a "b" \\ c\nd } 1 # {';

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing)('the two formats', () => {
  let service: Service;
  let relay: Server;
  let prometheus: Prometheus;
  beforeAll(async () => {
    // A name that existing dashboards read, although no counter should have it.
    const metrics = {
      names: { errors: 'failed_requests' },
      labels: { team: AWKWARD },
      defaultMetrics: true,
      created: true,
    };
    service = await startFastify({ registry: usersRegistry(), metrics });
    relay = await startTextRelay(service.port);
    prometheus = await startPrometheus({
      openmetrics: { port: service.port },
      text: { port: (relay.address() as AddressInfo).port },
    });
    await send(service.port, '/items/1');
    await send(service.port, '/fail');
    await prometheus.untilScraped(2);
  });
  afterAll(async () => {
    await prometheus?.close();
    relay?.close();
    await service?.close();
  });

  /** Returns the name and the labels of every series of a job, without creation times and process metrics. */
  const seriesOf = async (job: string): Promise<readonly string[]> => {
    const elements = await prometheus.query(`{job="${job}",__name__!~"up|(scrape|nodejs|process)_.*|.*_created"}`);
    return elements
      .map(({ metric: { job: _, instance: __, ...labels } }) => JSON.stringify(Object.entries(labels).sort()))
      .sort();
  };

  it('Prometheus asks for OpenMetrics and gets it', async () => {
    const accept = service.accepts.find((each) => each !== '') ?? '';
    expect(accept).toMatch(/^application\/openmetrics-text;/);
    const response = await fetch(`http://127.0.0.1:${service.port}/metrics`, { headers: { accept } });
    expect(response.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(await response.text()).toMatch(/\n# EOF\n$/);
    // Only OpenMetrics gives a counter a name without its suffix.
    expect(await prometheus.types()).toMatchObject({ http_requests: 'counter', http_requests_total: 'counter' });
  });

  it('hold the same series, creation times aside', async () => {
    const fromText = await seriesOf('text');
    expect(fromText.length).toBeGreaterThan(50);
    for (const name of ['depth', 'wait_seconds_bucket', 'size_bytes_sum', 'http_request_duration_seconds_bucket']) {
      expect(fromText.filter((series) => series.includes(`["__name__","${name}"]`))).not.toEqual([]);
    }
    expect(await seriesOf('openmetrics')).toEqual(fromText);
    expect(await prometheus.query('count({job="openmetrics",__name__="http_requests_created"}) > 0')).toHaveLength(1);
    expect(await prometheus.query('{job="text",__name__=~".*_created"}')).toEqual([]);
  });

  it.each(['openmetrics', 'text'])('keep the name of a counter that lacks the suffix (%s)', async (job) => {
    const failed = await prometheus.query(`{job="${job}",__name__=~"failed_requests.*"} > 0`);
    expect(failed).toMatchObject([{ metric: { __name__: 'failed_requests', route: '/fail' }, value: 1 }]);
    const orders = await prometheus.query(`{job="${job}",__name__=~"orders.*"}`);
    expect(orders).toMatchObject([{ metric: { __name__: 'orders' }, value: 3 }]);
  });
});

/** Registers a user's own metrics, which have unusual names and values. */
function usersRegistry(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['kind'];
  new Counter({ name: 'orders', help: "A user's counter", registers }).inc(3);
  const depth = new Gauge({ name: 'depth', help: AWKWARD, labelNames, registers });
  depth.set({ kind: AWKWARD }, Number.POSITIVE_INFINITY);
  depth.set({ kind: 'none' }, Number.NaN);
  new Histogram({ name: 'wait_seconds', help: 'Wait', labelNames, registers }).observe({ kind: AWKWARD }, 0.2);
  new Summary({ name: 'size_bytes', help: 'Size', labelNames, registers }).observe({ kind: AWKWARD }, 7);
  return registry;
}

/** Forwards a scrape as if the scraper did not know OpenMetrics. */
async function startTextRelay(port: number): Promise<Server> {
  const relay = createServer((_request, response) => {
    get({ host: '127.0.0.1', port, path: '/metrics', agent: false }, (upstream) => {
      response.writeHead(upstream.statusCode ?? 500, { 'content-type': upstream.headers['content-type'] });
      upstream.pipe(response);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return relay;
}
