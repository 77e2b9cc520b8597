import { AnalysisError } from '../../analysis-error.js';
import { reachOf } from '../../controllers/argo/measure.js';
import { type ArgoRun, runArgoAnalysis } from '../../controllers/argo/run-analysis.js';
import { type ArgoMetric, argumentsOf, metricsOf } from '../../controllers/argo/template.js';
import type { KubernetesObject } from '../../controllers/documents.js';
import { podsOfHash, WEIGHT } from '../../manifests/argo-templates.js';
import { createPrometheusClient, type PrometheusClient } from '../../prometheus.js';
import { switchedSecondsOf } from '../../queries/series.js';
import { readDescribedRelease } from '../../release/description.js';
import { type AccountSource, withAccount } from '../account/account.js';
import type { AnalysisResult } from '../result.js';
import { sidesOfArguments } from '../traces/sides.js';
import { type TraceOptions, withTraces } from '../traces/traces.js';

/** The options of an analysis with templates of Argo Rollouts. */
export interface ArgoOptions extends ArgoAsking {
  /** AnalysisTemplates or ClusterAnalysisTemplates, run as one. */
  readonly templates: readonly KubernetesObject[];
  /** By name. */
  readonly args: Readonly<Record<string, string>>;
}

/** How an analysis is run, and which Prometheus it queries. */
export interface ArgoAsking extends ArgoRun {
  /** Queried instead of the addresses in the templates. */
  readonly prometheus?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each warning of Prometheus, such as that a result is partial. */
  readonly onWarning?: (warning: string) => void;
  /** Looks for the traces of the requests that made a metric bad. @defaultValue no traces */
  readonly traces?: TraceOptions;
}

/** Templates that run as one, with their arguments. */
export interface ArgoAnalysis {
  readonly templates: readonly KubernetesObject[];
  /** By name; `undefined` for an argument that was not given, and that no metric needs. */
  readonly args: ReadonlyMap<string, string | undefined>;
  readonly metrics: readonly ArgoMetric[];
}

/** Reads templates of Argo Rollouts. Throws `AnalysisError` if the controller would not accept them. */
export function readArgoAnalysis({ templates, args }: Pick<ArgoOptions, 'templates' | 'args'>): ArgoAnalysis {
  const metrics = metricsOf(templates, args);
  return { templates, args: argumentsOf(templates, args), metrics };
}

/** Runs templates of Argo Rollouts. Rejects with `AnalysisError` if the controller would not accept them. */
export async function analyzeArgo({ templates, args, ...asking }: ArgoOptions): Promise<AnalysisResult> {
  return runArgo(readArgoAnalysis({ templates, args }), asking);
}

/** Runs templates of Argo Rollouts that have been read. */
export async function runArgo(analysis: ArgoAnalysis, options: ArgoAsking): Promise<AnalysisResult> {
  const { templates, args: values, metrics } = analysis;
  const { prometheus, headers, onWarning, traces, ...rest } = options;
  const clients = new Map<string, PrometheusClient>();
  const client = (address: string): PrometheusClient => {
    const asked = prometheus ?? address;
    if (asked === '') throw new AnalysisError('the templates name no Prometheus: give its address');
    const known = clients.get(asked) ?? createPrometheusClient(asked, headers, onWarning);
    clients.set(asked, known);
    return known;
  };
  const name = templates.map(({ metadata }) => metadata.name).join(', ');
  const ran = await runArgoAnalysis({ ...rest, name, metrics, client });
  const [{ provider }] = metrics as [ArgoMetric];
  const ask: AccountSource['query'] = async (promql, at) => client(provider.address).query(promql, at, provider);
  const result = await withAccount(ran, argoAccountSource(templates, values, ask));
  if (traces === undefined) return result;
  return withTraces(result, {
    ...traces,
    sides: sidesOfArguments(values),
    async exemplars(name, selector, { start, end }) {
      const metric = metrics.find((each) => each.name === name) as ArgoMetric;
      const span = { start: start - reachOf(metric, end), end };
      return client(metric.provider.address).exemplars(selector, span, metric.provider);
    },
  });
}

/** Returns the source for the requests behind templates of Coalmine; `undefined` for other templates. */
export function argoAccountSource(
  templates: readonly Pick<KubernetesObject, 'metadata'>[],
  args: ReadonlyMap<string, string | undefined>,
  query: AccountSource['query'],
): AccountSource | undefined {
  const [release] = templates.flatMap(({ metadata }) => readDescribedRelease(metadata.annotations) ?? []);
  const hash = args.get('canary-hash');
  if (release === undefined || hash === undefined) return undefined;
  const namespace = args.get('namespace') ?? release.namespace;
  const stable = args.get('stable-hash');
  return {
    release,
    canary: podsOfHash(release, namespace, hash),
    stable: stable === undefined ? undefined : podsOfHash(release, namespace, stable),
    stableEarlier: release.strategy === 'blue-green' ? switchedSecondsOf(release.analysis) : 0,
    weight: Number(args.get(WEIGHT)) || undefined,
    query,
  };
}
