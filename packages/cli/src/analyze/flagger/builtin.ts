import { AnalysisError } from '../analysis-error.js';

/** A check that Flagger has of its own, as a query template, and what it does to the answer. */
export interface Builtin {
  readonly query: string;
  /** Answers milliseconds, which Flagger cuts to whole ones. */
  readonly isDuration: boolean;
}

interface Observed {
  readonly requests: string;
  readonly buckets: string;
  readonly selector: string;
  /** Matcher of what succeeded. */
  readonly ok: string;
  /** What turns its unit into milliseconds. */
  readonly factor: number;
}

const PODS = 'kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';

const HTTP: Observed = {
  requests: 'http_request_duration_seconds_count',
  buckets: 'http_request_duration_seconds_bucket',
  selector: PODS,
  ok: 'status!~"5.*"',
  factor: 1000,
};

// https://docs.flagger.app/usage/metrics
const PROVIDERS: Readonly<Record<string, Observed>> = {
  kubernetes: HTTP,
  'gatewayapi:v1': HTTP,
  'gatewayapi:v1beta1': HTTP,
  istio: {
    requests: 'istio_requests_total',
    buckets: 'istio_request_duration_milliseconds_bucket',
    selector:
      'reporter="destination",destination_workload_namespace="{{ namespace }}",destination_workload=~"{{ target }}"',
    ok: 'response_code!~"5.*"',
    factor: 1,
  },
  linkerd: {
    requests: 'response_total',
    buckets: 'response_latency_ms_bucket',
    selector: 'namespace="{{ namespace }}",deployment=~"{{ target }}",direction="inbound"',
    ok: 'classification!="failure"',
    factor: 1,
  },
};

/** The query of a built-in check. Throws `AnalysisError` for one that there is not, or whose provider is not known here. */
export function builtinOf(name: string, provider: string): Builtin {
  if (name !== 'request-success-rate' && name !== 'request-duration') {
    throw new AnalysisError(
      `metric ${name}: it has no templateRef, and is not one of request-success-rate, request-duration`,
    );
  }
  const observed = PROVIDERS[provider];
  if (observed === undefined) {
    throw new AnalysisError(
      `metric ${name}: the built-in checks of ${provider} are not known here, those of ${Object.keys(PROVIDERS).join(', ')} are`,
    );
  }
  const { requests, buckets, selector, ok, factor } = observed;
  const sum = (matchers: string): string => `sum(rate(${requests}{${matchers}}[{{ interval }}]))`;
  return name === 'request-success-rate'
    ? { query: `${sum(`${selector},${ok}`)} / ${sum(selector)} * 100`, isDuration: false }
    : {
        query: `histogram_quantile(0.99, sum(rate(${buckets}{${selector}}[{{ interval }}])) by (le))${factor === 1 ? '' : ` * ${factor}`}`,
        isDuration: true,
      };
}
