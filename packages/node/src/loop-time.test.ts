import { performance } from 'node:perf_hooks';
import { createMetrics } from '@coalmine/metrics';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { showLoopTime } from './loop-time.js';

it('the time of the event loop is in seconds, until it is removed', async () => {
  const { registry, ...metrics } = createMetrics({ registry: new Registry() });
  const remove = showLoopTime({ registry, ...metrics });
  const before = performance.eventLoopUtilization();
  const exposition = String(await registry.metrics());
  const after = performance.eventLoopUtilization();
  for (const state of ['active', 'idle'] as const) {
    const sample = new RegExp(`^nodejs_eventloop_time_seconds_total\\{nodejs_eventloop_state="${state}"\\} (.+)$`, 'm');
    const seconds = Number(sample.exec(exposition)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(before[state] / 1000);
    expect(seconds).toBeLessThanOrEqual(after[state] / 1000);
  }
  remove();
  expect(String(await registry.metrics())).not.toMatch(/^nodejs_eventloop_time_seconds_total/m);
});
