import { createMetrics } from '@coalmine/metrics';
import promBundle from 'express-prom-bundle';
import Fastify from 'fastify';
import fastifyMetrics from 'fastify-metrics';
import { Registry, register } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';

// Libraries that people used before, and forget to remove.
const refusal = expect.objectContaining({
  code: 'COALMINE_METRIC_EXISTS',
  message: expect.stringMatching(/^Coalmine has registered http_request_duration_seconds already: remove the code/),
});

afterEach(() => register.clear());

describe('registered after Coalmine', () => {
  it('express-prom-bundle fails with our name and the way out', () => {
    const registry = new Registry();
    createMetrics({ registry });
    expect(() => promBundle({ promRegistry: registry })).toThrow(refusal);
  });

  it('fastify-metrics fails with our name and the way out', async () => {
    createMetrics({ registry: register });
    const app = Fastify();
    const registered = app.register(fastifyMetrics as never, { defaultMetrics: { enabled: false } });
    await expect(Promise.resolve(registered)).rejects.toEqual(refusal);
    await app.close();
  });
});
