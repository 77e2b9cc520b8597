import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { scrape } from '../support/exposition.js';
import { isPrometheusMissing, promtoolCheckMetrics } from '../support/prometheus.js';
import { SERVICES } from './services.js';

const names = {
  requests: 'shop_requests_total',
  errors: 'shop_failures_total',
  duration: 'shop_response_seconds',
  inFlight: 'shop_requests_open',
  overdue: 'shop_requests_late',
  labels: { method: 'verb', route: 'path', status_code: 'status' },
};

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing).each(SERVICES)('promtool check metrics, on $framework', ({ start }) => {
  it.each([
    ['with the names that we give', {}],
    ['with names that are mapped', { metrics: { names } }],
    ['with constant labels that need escaping', { metrics: { labels: { team: 'a "b" \\ c\nd' } } }],
    ['with default labels on the registry', { registry: withDefaultLabels() }],
  ])('has no complaint %s', async (_title, options) => {
    const service = await start(options);
    await send(service.port, '/items/1');
    await send(service.port, '/fail');
    await send(service.port, '/nowhere');
    const { text } = await scrape(`http://127.0.0.1:${service.port}/metrics`);
    await service.close();
    expect(text).toContain('/items/:id');
    expect(promtoolCheckMetrics(text)).toEqual({ status: 0, said: '' });
  });

  it('would complain of a counter without its suffix', async () => {
    const service = await start({ metrics: { names: { requests: 'shop_requests' } } });
    const { text } = await scrape(`http://127.0.0.1:${service.port}/metrics`);
    await service.close();
    const { status, said } = promtoolCheckMetrics(text);
    expect(said).toContain('shop_requests counter metrics should have "_total" suffix');
    expect(status).not.toBe(0);
  });
});

function withDefaultLabels(): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ region: 'north' });
  return registry;
}
