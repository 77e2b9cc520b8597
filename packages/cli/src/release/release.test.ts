import { describe, expect, it } from 'vitest';
import { parseRelease } from './release.js';
import type { ReleaseOptions } from './release-options.js';

describe('a release', () => {
  it('is known by its name', () => {
    expect(parseRelease({ name: 'shop' })).toMatchObject({
      namespace: 'default',
      service: 'shop',
      image: 'shop:latest',
      port: 3000,
      host: 'shop.example.com',
      replicas: 3,
      router: 'basic',
      strategy: 'canary',
      weights: [5, 20, 50],
      metricsPath: '/metrics',
      objective: { latency: undefined, errorRatio: 0.01, overShare: 0.05 },
      accept: [],
      labels: { namespace: 'namespace', pod: 'pod', hash: 'rollouts_pod_template_hash', role: 'release_role' },
      names: { requests: 'http_requests_total' },
    });
  });

  it('has the names and the labels of OTLP if its pods push', () => {
    expect(parseRelease({ name: 'shop', push: true })).toMatchObject({
      labels: { namespace: 'k8s_namespace_name', pod: 'k8s_pod_name' },
      names: { labels: { route: 'http_route' } },
    });
  });

  it('accepts differences to stable, each with a method, a route and a status', () => {
    expect(parseRelease({ name: 'shop', accept: ['GET /old/:id 301', 'POST /login 4xx'] }).accept).toEqual([
      { method: 'GET', route: '/old/:id', status: '301' },
      { method: 'POST', route: '/login', status: '4xx' },
    ]);
  });

  it.each(['GET /old', 'GET /old 500', 'get /old 301', 'GET /a b 301', 'GET /old 3x', 'GET /old 5xx'])(
    'does not accept the difference %j',
    (text) => {
      expect(() => parseRelease({ name: 'shop', accept: ['GET / 301', text] })).toThrow(
        /^accept\[1\] must be a method, a route and a status of 3xx or 4xx/,
      );
    },
  );

  it.each<[options: Partial<ReleaseOptions>, message: string]>([
    [{ name: 'Shop' }, 'name must be a Kubernetes name'],
    [{ port: 0 }, 'port must be a port from 1 to 65535, got 0'],
    [{ adminPort: 1.5 }, 'adminPort must be a port from 1 to 65535, got 1.5'],
    [{ image: 'a b' }, 'image must be the name of an image'],
    [{ host: 'http://shop' }, 'host must be a host name, which may begin with *.'],
    [{ prometheus: 'prometheus:9090' }, 'prometheus must be an address with http:// or https://'],
    [{ weights: [] }, 'weights must be rising whole percentages above 0 and below 100, got []'],
    [{ weights: [5, 5] }, 'weights must be rising'],
    [{ weights: [0, 5] }, 'weights must be rising'],
    [{ weights: [50, 100] }, 'weights must be rising'],
    [{ objective: { errorRatio: 0 } }, 'objective.errorRatio must be a share above 0 and below 1, such as 0.01, got 0'],
    [{ objective: { overShare: 1 } }, 'objective.overShare must be a share above 0 and below 1'],
    [{ metricsPath: '/metrics?a=b' }, 'metricsPath must be a path'],
    [{ labels: { pod: 'a-b' } }, 'labels.pod must be a Prometheus label name'],
    [{ recordingRules: 'argo', strategy: 'blue-green' }, "recordingRules must be 'flagger', or the strategy 'canary'"],
  ])('cannot have %j', (options, message) => {
    expect(() => parseRelease({ name: 'shop', ...options })).toThrow(message);
  });

  it('may have a wildcard as its host', () => {
    expect(parseRelease({ name: 'shop', host: '*.example.com' }).host).toBe('*.example.com');
  });
});
