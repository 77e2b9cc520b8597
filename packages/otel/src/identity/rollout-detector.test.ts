import cluster from 'node:cluster';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IdentityOptions } from './identity-options.js';
import { rolloutDetector } from './rollout-detector.js';

const ROLLOUT = { POD_NAME: 'shop-7d9c4b8f6d-x7k2p', ROLLOUTS_POD_TEMPLATE_HASH: '7d9c4b8f6d', POD_NAMESPACE: 'eu' };
const PRIMARY = { POD_NAME: 'shop-primary-7d9c4b8f6d-x7k2p', FLAGGER_SELECTOR_LABEL: 'shop-primary' };

const told = (env: Record<string, string>, options: IdentityOptions = {}): Record<string, string> =>
  rolloutDetector({ env, podinfo: '/none', serviceAccount: '/none', ...options }).detect().attributes;

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('the name of the service', () => {
  it.each<[string, Record<string, string>, IdentityOptions, string | undefined]>([
    ['the Rollout', ROLLOUT, {}, 'shop'],
    ['the Deployment that Flagger has copied', PRIMARY, {}, 'shop'],
    ['the given service', ROLLOUT, { service: 'till' }, 'till'],
  ])('is the name of %s', (_whose, env, options, name) => {
    expect(told({ OTEL_SERVICE_NAME: '', ...env }, options)['service.name']).toBe(name);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing names it', {}],
    ['a variable is empty', { OTEL_SERVICE_NAME: '' }],
    ['another name is given', { OTEL_RESOURCE_ATTRIBUTES: 'my.service.name=a,service.namespace=b' }],
  ])('causes one warning at detection if %s', async (_why, env) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    // What was warned of is known to the module.
    const { rolloutDetector: fresh } = await import('./rollout-detector.js');
    const detector = fresh({ env, podinfo: '/none', serviceAccount: '/none' });
    expect(warned).not.toHaveBeenCalled();
    detector.detect();
    detector.detect();
    expect(warned.mock.calls).toEqual([
      [
        expect.stringMatching(
          /unknown_service:node.* set OTEL_SERVICE_NAME, or .*rolloutDetector\(\{ service: 'shop' }\)$/,
        ),
        { type: 'CoalmineWarning', code: 'COALMINE_SERVICE_UNNAMED' },
      ],
    ]);
  });

  it.each<[Record<string, string>, IdentityOptions]>([
    [{ OTEL_SERVICE_NAME: 'till' }, {}],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=b, service.name = till' }, {}],
    [ROLLOUT, {}],
    [{}, { service: 'till' }],
  ])('causes no warning with %j and %j', async (env, options) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { rolloutDetector: fresh } = await import('./rollout-detector.js');
    fresh({ env, podinfo: '/none', serviceAccount: '/none', ...options }).detect();
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('the instance of the service', () => {
  it('is the pod in its namespace, which the next process of the container keeps', () => {
    expect(told(ROLLOUT)['service.instance.id']).toBe('eu.shop-7d9c4b8f6d-x7k2p');
    expect(told(PRIMARY)['service.instance.id']).toBe('shop-primary-7d9c4b8f6d-x7k2p');
    expect(told({})).not.toHaveProperty(['service.instance.id']);
  });

  it('differs for each worker of a cluster', () => {
    // A primary has no such property.
    Object.defineProperty(cluster, 'worker', { value: { id: 3 }, configurable: true });
    try {
      expect(told(ROLLOUT)['service.instance.id']).toBe('eu.shop-7d9c4b8f6d-x7k2p.worker-3');
    } finally {
      Reflect.deleteProperty(cluster, 'worker');
    }
  });
});
