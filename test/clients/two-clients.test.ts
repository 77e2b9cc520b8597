import { renderRegistry } from '@coalmine/metrics';
import { createInstrument } from '@coalmine/node';
import * as prometheusClient from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { afterEach, expect, it } from 'vitest';

afterEach(() => {
  promClient.register.clear();
  prometheusClient.register.clear();
});

it('warns once of metrics in the global registry that is not shown', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error & { code?: string }): void => void warnings.push(`${warning.code}`);
  process.on('warning', listen);
  const { metrics } = createInstrument();
  expect(metrics.registry).toBe(promClient.register);
  const render = async () => {
    for await (const _ of renderRegistry(metrics.registry, 'text'));
    await new Promise(setImmediate);
  };
  await render();
  expect(warnings).toEqual([]);

  new prometheusClient.Gauge({ name: 'easily_missed', help: 'A metric of a library that brings the other client' });
  await render();
  await render();
  expect(warnings).toEqual(['COALMINE_TWO_CLIENTS']);
  process.off('warning', listen);
});
