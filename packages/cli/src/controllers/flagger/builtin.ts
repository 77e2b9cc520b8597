import { AnalysisError } from '../../analysis-error.js';

/** A built-in check of Flagger, as a query template, and how Flagger reads its result. */
export interface Builtin {
  readonly query: string;
  /** The result is in milliseconds, which Flagger cuts to whole ones. */
  readonly isDuration: boolean;
  /** Whether names are filled in with an underscore for every character that is not a letter or a digit. */
  readonly isEncoded: boolean;
  /** A remark on the query. */
  readonly note?: string;
}

/** The series by which Flagger judges a provider. */
interface Observed {
  /** Selects the canary. */
  readonly selector: string;
  /** Counter of requests, with the matchers that it needs in addition to the selector. */
  readonly requests: readonly [series: string, ...matchers: readonly string[]];
  /** Matcher of the successful requests. */
  readonly ok: string;
  /** The buckets of a histogram for the 99th percentile, or its name without a suffix for the mean. */
  readonly durations: { readonly buckets: readonly string[] } | { readonly meanOf: string };
  /** The factor from its unit to milliseconds. */
  readonly factor: 1 | 1000;
  readonly isEncoded?: boolean;
}

const PODS = 'kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';

/** Returns the series of Envoy. The providers differ in how the canary is selected. */
function envoy(selector: string): Observed {
  return {
    selector,
    requests: ['envoy_cluster_upstream_rq'],
    ok: 'envoy_response_code!~"5.*"',
    durations: { buckets: ['envoy_cluster_upstream_rq_time_bucket'] },
    factor: 1,
  };
}

// The series of the app itself, which Flagger queries if no router counts.
const HTTP: Observed = {
  selector: PODS,
  requests: ['http_request_duration_seconds_count'],
  ok: 'status!~"5.*"',
  durations: { buckets: ['http_request_duration_seconds_bucket'] },
  factor: 1000,
};

const ISTIO: Observed = {
  selector:
    'reporter="destination",destination_workload_namespace="{{ namespace }}",destination_workload=~"{{ target }}"',
  requests: ['istio_requests_total'],
  ok: 'response_code!~"5.*"',
  durations: { buckets: ['istio_request_duration_milliseconds_bucket'] },
  factor: 1,
};

// https://docs.flagger.app/usage/metrics
const PROVIDERS: ReadonlyMap<string, Observed> = new Map([
  ['kubernetes', HTTP],
  ['istio', ISTIO],
  [
    'linkerd',
    {
      selector: 'namespace="{{ namespace }}",deployment=~"{{ target }}",direction="inbound"',
      requests: ['response_total'],
      ok: 'classification!="failure"',
      durations: { buckets: ['response_latency_ms_bucket'] },
      factor: 1,
    },
  ],
  [
    'nginx',
    {
      selector: 'namespace="{{ namespace }}",ingress="{{ ingress }}",canary!=""',
      requests: ['nginx_ingress_controller_requests'],
      ok: 'status!~"5.*"',
      durations: { meanOf: 'nginx_ingress_controller_response_duration_seconds' },
      factor: 1000,
    },
  ],
  [
    'traefik',
    {
      selector: 'service=~"{{ namespace }}-{{ target }}-canary-[0-9a-zA-Z-]+@kubernetescrd"',
      requests: ['traefik_service_request_duration_seconds_bucket', 'le="+Inf"'],
      ok: 'code!~"5.."',
      durations: { buckets: ['traefik_service_request_duration_seconds_bucket'] },
      factor: 1000,
    },
  ],
  ['contour', envoy('envoy_cluster_name=~"{{ namespace }}_{{ target }}-canary_[0-9a-zA-Z-]+"')],
  ['knative', envoy('envoy_cluster_name=~"{{ namespace }}/{{ route }}"')],
  ['kuma', envoy('service=~"{{ target }}-canary_{{ namespace }}_svc_[0-9a-zA-Z-]+"')],
  [
    'skipper',
    {
      selector: 'route=~"kube(ew)?_{{ namespace }}__{{ ingress }}_canary__.*__{{ service }}_canary(_[0-9]+)?"',
      requests: ['skipper_response_duration_seconds_bucket', 'le="+Inf"'],
      ok: 'code!~"5.."',
      durations: { meanOf: 'skipper_serve_route_duration_seconds' },
      factor: 1000,
      isEncoded: true,
    },
  ],
  [
    'apisix',
    {
      selector: 'route=~"{{ namespace }}_{{ route }}-{{ target }}-canary_.+"',
      requests: ['apisix_http_status'],
      ok: 'code!~"5.."',
      durations: { buckets: ['apisix_http_latency_bucket', 'type=~"request"'] },
      factor: 1,
    },
  ],
  [
    'osm',
    {
      selector: 'destination_namespace="{{ namespace }}",destination_kind="Deployment",destination_name="{{ target }}"',
      requests: ['osm_request_total'],
      ok: 'response_code!~"5.*"',
      durations: { buckets: ['osm_request_duration_ms_bucket'] },
      factor: 1,
    },
  ],
]);

// Providers that Flagger recognises by a prefix, because a version follows: `gatewayapi:v1`.
const FAMILIES: readonly (readonly [prefix: string, observed: Observed])[] = [
  ['gatewayapi', HTTP],
  ['appmesh', envoy(PODS)],
  ['gloo', envoy('envoy_cluster_name=~"{{ namespace }}-{{ target }}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"')],
];

const CHECKS = ['request-success-rate', 'request-duration'];

/** Whether Flagger has a check of this name. */
export function isBuiltin(name: string): boolean {
  return CHECKS.includes(name);
}

/** Returns the query of a built-in check for a provider. Throws `AnalysisError` for a check that does not exist. */
export function builtinOf(name: string, provider: string): Builtin {
  if (!isBuiltin(name)) {
    throw new AnalysisError(`metric ${name}: it has no templateRef, and is not one of ${CHECKS.join(', ')}`);
  }
  const known = PROVIDERS.get(provider) ?? FAMILIES.find(([prefix]) => provider.startsWith(prefix))?.[1];
  const observed = known ?? ISTIO;
  return {
    query: name === 'request-duration' ? durationOf(observed) : successRateOf(observed),
    isDuration: name === 'request-duration',
    isEncoded: observed.isEncoded ?? false,
    ...(known === undefined
      ? { note: `Flagger has no checks for the provider ${provider}, and queries the series of Istio` }
      : {}),
  };
}

function successRateOf({ requests: [series, ...matchers], selector, ok }: Observed): string {
  return `${rate(series, selector, ...matchers, ok)} / ${rate(series, selector, ...matchers)} * 100`;
}

function durationOf({ durations, selector, factor }: Observed): string {
  const inMilliseconds = factor === 1 ? '' : ` * ${factor}`;
  if ('meanOf' in durations) {
    const { meanOf } = durations;
    return `${rate(`${meanOf}_sum`, selector)} / ${rate(`${meanOf}_count`, selector)}${inMilliseconds}`;
  }
  const [series = '', ...matchers] = durations.buckets;
  return `histogram_quantile(0.99, ${rate(series, selector, ...matchers)} by (le))${inMilliseconds}`;
}

function rate(series: string, ...matchers: readonly string[]): string {
  return `sum(rate(${series}{${matchers.join(',')}}[{{ interval }}]))`;
}
