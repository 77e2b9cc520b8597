import { describe, expect, it } from 'vitest';
import { builtinOf, isBuiltin } from './builtin.js';

const RATE = 'request-success-rate';
const DURATION = 'request-duration';

describe('a check that Flagger brings along', () => {
  it('has one of two names', () => {
    expect([RATE, DURATION, 'request-latency'].map(isBuiltin)).toEqual([true, true, false]);
    expect(() => builtinOf('request-latency', 'istio')).toThrow(
      'metric request-latency: it has no templateRef, and is not one of request-success-rate, request-duration',
    );
  });

  it('asks the app itself without a router, a quantile in milliseconds', () => {
    const pods =
      'kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';
    expect(builtinOf(RATE, 'kubernetes')).toEqual({
      query: `sum(rate(http_request_duration_seconds_count{${pods},status!~"5.*"}[{{ interval }}])) / sum(rate(http_request_duration_seconds_count{${pods}}[{{ interval }}])) * 100`,
      isDuration: false,
      isEncoded: false,
    });
    expect(builtinOf(DURATION, 'kubernetes')).toEqual({
      query: `histogram_quantile(0.99, sum(rate(http_request_duration_seconds_bucket{${pods}}[{{ interval }}])) by (le)) * 1000`,
      isDuration: true,
      isEncoded: false,
    });
  });

  it('takes the mean where a router has no quantile', () => {
    const ingress = 'namespace="{{ namespace }}",ingress="{{ ingress }}",canary!=""';
    const seconds = 'nginx_ingress_controller_response_duration_seconds';
    expect(builtinOf(DURATION, 'nginx').query).toBe(
      `sum(rate(${seconds}_sum{${ingress}}[{{ interval }}])) / sum(rate(${seconds}_count{${ingress}}[{{ interval }}])) * 1000`,
    );
  });

  it('adds its own matchers where requests are counted by a bucket', () => {
    expect(builtinOf(RATE, 'traefik').query).toContain(
      '{service=~"{{ namespace }}-{{ target }}-canary-[0-9a-zA-Z-]+@kubernetescrd",le="+Inf",code!~"5.."}',
    );
  });

  it.each([
    ['istio', 'istio_request_duration_milliseconds_bucket', false],
    ['linkerd', 'response_latency_ms_bucket', false],
    ['traefik', 'traefik_service_request_duration_seconds_bucket', true],
    ['contour', 'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=~"{{ namespace }}_', false],
    ['knative', 'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=~"{{ namespace }}/', false],
    ['kuma', 'envoy_cluster_upstream_rq_time_bucket{service=~', false],
    ['skipper', 'skipper_serve_route_duration_seconds_sum', true],
    ['osm', 'osm_request_duration_ms_bucket', false],
    ['gatewayapi:v1', 'http_request_duration_seconds_bucket{kubernetes_namespace', true],
    ['appmesh:v1beta2', 'envoy_cluster_upstream_rq_time_bucket{kubernetes_namespace', false],
    ['gloo', 'canaryupstream-', false],
  ])('knows the series of %s, and whether they are seconds', (provider, series, isInSeconds) => {
    const { query, note } = builtinOf(DURATION, provider);
    expect(query).toContain(series);
    expect(query).toMatch(isInSeconds ? /\) \* 1000$/ : / by \(le\)\)$/);
    expect(note).toBeUndefined();
  });

  it('encodes names for Skipper alone', () => {
    expect(builtinOf(RATE, 'skipper').isEncoded).toBe(true);
    expect(builtinOf(RATE, 'traefik').isEncoded).toBe(false);
  });

  it.each(['', 'kubernetes:service', 'a-gloo'])(
    'asks Istio for the provider %j, which it does not know',
    (provider) => {
      const { note, ...builtin } = builtinOf(RATE, provider);
      expect(builtin).toEqual(builtinOf(RATE, 'istio'));
      expect(note).toBe(`Flagger has no checks for the provider ${provider}, and queries the series of Istio`);
    },
  );
});
