import { analyzeFlagger, createPastClock } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing, promtoolTestQueries } from '../support/prometheus.js';

/** The counters of a router: the labels that it gives the canary `shop` in `eu`, and its primary. */
interface Counted {
  readonly requests: string;
  /** The label of the status, with a value for success and a value for failure. */
  readonly status: readonly [label: string, success: string, failure: string];
  /** The name of a histogram, or of a sum and a count, in this unit. */
  readonly durations: string;
  readonly unit: 's' | 'ms';
  readonly canary: string;
  readonly primary: string;
}

const APP = {
  requests: 'http_request_duration_seconds_count',
  status: ['status', '200', '503'],
  durations: 'http_request_duration_seconds',
  unit: 's',
  canary: 'kubernetes_namespace="eu",kubernetes_pod_name="shop-7d9c4b8f6d-x7k2p"',
  primary: 'kubernetes_namespace="eu",kubernetes_pod_name="shop-primary-7d9c4b8f6d-x7k2p"',
} satisfies Counted;

const ENVOY = {
  requests: 'envoy_cluster_upstream_rq',
  status: ['envoy_response_code', '200', '503'],
  durations: 'envoy_cluster_upstream_rq_time',
  unit: 'ms',
} satisfies Partial<Counted>;

const ISTIO = {
  requests: 'istio_requests_total',
  status: ['response_code', '200', '503'],
  durations: 'istio_request_duration_milliseconds',
  unit: 'ms',
  canary: 'reporter="destination",destination_workload_namespace="eu",destination_workload="shop"',
  primary: 'reporter="destination",destination_workload_namespace="eu",destination_workload="shop-primary"',
} satisfies Counted;

const PROVIDERS: Readonly<Record<string, Counted>> = {
  kubernetes: APP,
  'gatewayapi:v1': APP,
  'gatewayapi:v1beta1': APP,
  istio: ISTIO,
  linkerd: {
    requests: 'response_total',
    status: ['classification', 'success', 'failure'],
    durations: 'response_latency_ms',
    unit: 'ms',
    canary: 'namespace="eu",deployment="shop",direction="inbound"',
    primary: 'namespace="eu",deployment="shop-primary",direction="inbound"',
  },
  nginx: {
    requests: 'nginx_ingress_controller_requests',
    status: ['status', '200', '503'],
    durations: 'nginx_ingress_controller_response_duration_seconds',
    unit: 's',
    canary: 'namespace="eu",ingress="front",canary="eu-shop-canary-80"',
    primary: 'namespace="eu",ingress="front",canary=""',
  },
  traefik: {
    requests: 'traefik_service_request_duration_seconds_bucket',
    status: ['code', '200', '503'],
    durations: 'traefik_service_request_duration_seconds',
    unit: 's',
    canary: 'service="eu-shop-canary-80@kubernetescrd"',
    primary: 'service="eu-shop-primary-80@kubernetescrd"',
  },
  contour: {
    ...ENVOY,
    canary: 'envoy_cluster_name="eu_shop-canary_80"',
    primary: 'envoy_cluster_name="eu_shop-primary_80"',
  },
  gloo: {
    ...ENVOY,
    canary: 'envoy_cluster_name="eu-shop-canaryupstream-80_gloo-system"',
    primary: 'envoy_cluster_name="eu-shop-primaryupstream-80_gloo-system"',
  },
  knative: {
    ...ENVOY,
    canary: 'envoy_cluster_name="eu/lane"',
    primary: 'envoy_cluster_name="eu/shop-primary"',
  },
  appmesh: { ...ENVOY, canary: APP.canary, primary: APP.primary },
  'appmesh:v1beta2': { ...ENVOY, canary: APP.canary, primary: APP.primary },
  kuma: { ...ENVOY, canary: 'service="shop-canary_eu_svc_80"', primary: 'service="shop-primary_eu_svc_80"' },
  skipper: {
    requests: 'skipper_response_duration_seconds_bucket',
    status: ['code', '200', '503'],
    durations: 'skipper_serve_route_duration_seconds',
    unit: 's',
    canary: 'route="kube_eu__front_canary__shop_example__shop_canary"',
    primary: 'route="kube_eu__front__shop_example__shop_primary"',
  },
  apisix: {
    requests: 'apisix_http_status',
    status: ['code', '200', '503'],
    durations: 'apisix_http_latency',
    unit: 'ms',
    canary: 'type="request",route="eu_lane-shop-canary_rule"',
    primary: 'type="request",route="eu_lane-shop-primary_rule"',
  },
  osm: {
    requests: 'osm_request_total',
    status: ['response_code', '200', '503'],
    durations: 'osm_request_duration_ms',
    unit: 'ms',
    canary: 'destination_namespace="eu",destination_kind="Deployment",destination_name="shop"',
    primary: 'destination_namespace="eu",destination_kind="Deployment",destination_name="shop-primary"',
  },
  // Flagger has no checks for these routers.
  'smi:v1alpha3': ISTIO,
};

// These routers have a sum and a count of durations, so Flagger judges the mean.
const MEANS = ['nginx', 'skipper'];

async function queriesOf(provider: string, spec: object = {}): Promise<readonly string[]> {
  const { metrics } = await analyzeFlagger({
    canary: {
      kind: 'Canary',
      metadata: { name: 'shop', namespace: 'eu' },
      spec: {
        provider,
        targetRef: { kind: 'Deployment', name: 'shop' },
        ingressRef: { name: 'front' },
        routeRef: { name: 'lane' },
        ...spec,
        analysis: { iterations: 1, metrics: [{ name: 'request-success-rate' }, { name: 'request-duration' }] },
      },
    },
    templates: [],
    clock: createPastClock(0),
    cutAt: 0,
  });
  return metrics.map(({ query }) => query);
}

/** Returns the series of a canary and of a primary that is worse. A tenth of the canary's requests fail, and all take 20 ms. */
function seriesOf(provider: string, { requests, status, durations, unit, canary, primary }: Counted) {
  const [label, success, failure] = status;
  const all = requests.endsWith('_bucket') ? ',le="+Inf"' : '';
  const [short, long, mean] = unit === 's' ? ['0.02', '0.04', 0.02] : ['20', '40', 20];
  const side = (selector: string, answers: number) => [
    { series: `${requests}{${selector},${label}="${success}"${all}}`, values: `0+${answers}x40` },
    { series: `${requests}{${selector},${label}="${failure}"${all}}`, values: '0+1x40' },
  ];
  const bucket = (le: string, count: number) => ({
    series: `${durations}_bucket{${canary},${label}="${success}",le="${le}"}`,
    values: `0+${count}x40`,
  });
  const timed = MEANS.includes(provider)
    ? [
        { series: `${durations}_sum{${canary}}`, values: `0+${10 * mean}x40` },
        { series: `${durations}_count{${canary}}`, values: '0+10x40' },
      ]
    : [bucket(short, 10), bucket(long, 10), ...(all === '' ? [bucket('+Inf', 10)] : [])];
  return [...side(canary, 9), ...side(primary, 1), ...timed];
}

describe.skipIf(isPrometheusMissing)('the built-in checks of Flagger', () => {
  it.each(Object.entries(PROVIDERS))('see what %s counts of a canary', async (provider, counted) => {
    const [rate = '', duration = ''] = await queriesOf(provider);
    const series = seriesOf(provider, counted);
    const milliseconds = MEANS.includes(provider) ? 20 : 19.8;
    expect(
      await promtoolTestQueries([
        {
          name: provider,
          series,
          queries: [
            { query: rate, at: '9m', answers: [90] },
            // promtool compares exactly, but binary numbers round a quantile.
            { query: `round(${duration}, 0.1)`, at: '9m', answers: [milliseconds] },
          ],
        },
      ]),
    ).toMatchObject({ status: 0 });
  });
});

describe('the built-in checks of Flagger', () => {
  it('query the series of Istio if a Service is the target, except for providers that are known by their prefix', async () => {
    const [istio] = await queriesOf('istio');
    expect((await queriesOf('nginx', { targetRef: { kind: 'Service', name: 'shop' } }))[0]).toBe(istio);
    expect((await queriesOf('gloo', { targetRef: { kind: 'Service', name: 'shop' } }))[0]).toContain('canaryupstream');
  });

  it('name a route of Skipper as Skipper does', async () => {
    const [rate] = await queriesOf('skipper', { ingressRef: { name: 'front-door' }, service: { name: 'shop.v1' } });
    expect(rate).toContain('kube(ew)?_eu__front_door_canary__.*__shop_v1_canary(_[0-9]+)?');
  });

  it('query by the name of the target if there is no ingress and no route', async () => {
    expect((await queriesOf('nginx', { ingressRef: undefined }))[0]).toContain('ingress="shop"');
    expect((await queriesOf('knative', { routeRef: undefined }))[0]).toContain('"eu/shop"');
  });
});
