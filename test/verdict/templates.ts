import { type KubernetesObject, manifestsFor, objectsIn, type ReleaseOptions } from '@coalmine/cli';
import { OBJECTIVE } from './service.js';

/** The scale of the suite: ten seconds stand for two minutes, and Prometheus scrapes every second. */
const ANALYSIS = {
  scrapeSeconds: 1,
  windowSeconds: 10,
  lookbackSeconds: 60,
  intervalSeconds: 2,
  count: 5,
  startSeconds: 3,
} satisfies ReleaseOptions['analysis'];

const DELAY = ANALYSIS.windowSeconds + 2 * ANALYSIS.scrapeSeconds;

/** A library, with the queries that judge its numbers. */
export interface Contestant {
  readonly library: string;
  readonly queries: 'ours' | 'documented' | 'tuned';
  /** Returns the template for a release. Only the generated template uses the options of `coalmine manifests`. */
  templateFor(manifests?: ReleaseOptions): KubernetesObject;
}

/** The templates for the numbers of each library. All of them have the same times. */
export const CONTESTANTS: readonly Contestant[] = [
  { library: 'coalmine', queries: 'ours', templateFor: gateOf },
  ...[
    {
      library: 'snippet',
      route: 'route',
      status: 'status_code',
      requests: 'http_requests_total',
      duration: 'http_request_duration_seconds',
    },
    {
      library: 'express-prom-bundle',
      route: 'path',
      status: 'status_code',
      requests: 'http_request_duration_seconds_count',
      duration: 'http_request_duration_seconds',
    },
    {
      library: 'fastify-metrics',
      route: 'route',
      status: 'status_code',
      requests: 'http_request_duration_seconds_count',
      duration: 'http_request_duration_seconds',
    },
    {
      library: 'opentelemetry',
      route: 'http_route',
      status: 'http_response_status_code',
      requests: 'http_server_request_duration_count',
      duration: 'http_server_request_duration',
    },
  ].flatMap((series) => [
    { library: series.library, queries: 'documented' as const, templateFor: () => documented(series) },
    { library: series.library, queries: 'tuned' as const, templateFor: () => tuned(series) },
  ]),
];

/** Returns the template that `coalmine manifests argo` writes. */
export function gateOf(manifests: ReleaseOptions = {}): KubernetesObject {
  const [file] = manifestsFor('argo', {
    name: 'shop',
    namespace: 'coalmine',
    objective: OBJECTIVE,
    analysis: ANALYSIS,
    ...manifests,
  });
  const template = objectsIn(file?.text ?? '', 'analysis.yaml').find(({ metadata }) => metadata.name === 'shop-gate');
  if (template === undefined) throw new Error('no gate among the manifests');
  return template;
}

interface Series {
  readonly library: string;
  readonly requests: string;
  readonly duration: string;
  readonly route: string;
  readonly status: string;
}

/** Returns the template of the documentation of Argo Rollouts and of tutorials: a ratio and a quantile, the first element of each. */
function documented({ library, requests, duration, status }: Series): KubernetesObject {
  const pods = `namespace="${library}",rollouts_pod_template_hash="{{args.canary-hash}}"`;
  const window = `[${ANALYSIS.windowSeconds}s]`;
  return template(`${library}-documented`, [
    {
      name: 'success-rate',
      successCondition: 'result[0] >= 0.99',
      query: `sum(rate(${requests}{${pods},${status}!~"5.*"}${window})) / sum(rate(${requests}{${pods}}${window}))`,
    },
    {
      name: 'latency',
      successCondition: `result[0] <= ${OBJECTIVE.latency}`,
      query: `histogram_quantile(0.95, sum(rate(${duration}_bucket{${pods}}${window})) by (le))`,
    },
  ]);
}

/**
 * Returns the best template that the series of the library allow: with guards, zeros for missing series, probes left out and a
 * least number of requests, and without the failures that stable has as well.
 */
function tuned({ library, requests, duration, route, status }: Series): KubernetesObject {
  const users = (side: string): string =>
    `namespace="${library}",rollouts_pod_template_hash="{{args.${side}-hash}}",${route}!~"/readyz.*|/livez.*|/metrics.*"`;
  const window = `[${ANALYSIS.windowSeconds}s]`;
  const sum = (metric: string, matchers: string): string => `sum(increase(${metric}{${matchers}}${window}))`;
  const all = sum(requests, users('canary'));
  const ratio = (side: string): string =>
    `(${sum(requests, `${users(side)},${status}=~"5.."`)} or 0 * ${sum(requests, users(side))}) / (${sum(requests, users(side))} >= 20)`;
  const count = sum(`${duration}_count`, users('canary'));
  const bucket = sum(`${duration}_bucket`, `${users('canary')},le="${OBJECTIVE.latency}"`);
  const guarded = (limit: number): object => ({
    successCondition: `len(result) == 1 && result[0] <= ${limit}`,
    failureCondition: `len(result) == 1 && result[0] > ${limit}`,
    inconclusiveLimit: 2,
  });
  return template(`${library}-tuned`, [
    {
      name: 'error-ratio',
      ...guarded(1),
      query: `(${ratio('canary')}) / clamp_min(1.5 * (${ratio('stable')}) or vector(0), 0.01) or 0 * ${all}`,
    },
    { name: 'slow-ratio', ...guarded(0.05), query: `(1 - ${bucket} / (${count} >= 20)) or 0 * ${all}` },
    {
      name: 'shared-errors',
      successCondition: 'len(result) == 1 && result[0] <= 0',
      failureCondition: 'false',
      inconclusiveLimit: 2,
      query: `((${ratio('canary')}) > bool 0.02) * ((${ratio('stable')}) > bool 0.02) or 0 * ${all}`,
    },
    {
      name: 'traffic',
      successCondition: 'len(result) == 1 && result[0] >= 20',
      failureCondition: 'false',
      inconclusiveLimit: ANALYSIS.count - 1,
      query: all,
    },
  ]);
}

function template(
  name: string,
  metrics: readonly { readonly name: string; readonly query: string; readonly [field: string]: unknown }[],
): KubernetesObject {
  return {
    kind: 'AnalysisTemplate',
    metadata: { name },
    spec: {
      args: [
        { name: 'canary-hash', value: '' },
        { name: 'stable-hash', value: '' },
      ],
      metrics: metrics.map(({ query, ...metric }) => ({
        initialDelay: `${DELAY}s`,
        interval: `${ANALYSIS.intervalSeconds}s`,
        count: ANALYSIS.count,
        failureLimit: 1,
        ...metric,
        provider: { prometheus: { address: 'http://127.0.0.1:9090', query } },
      })),
    },
  };
}
