import { AnalysisError } from '../analysis-error.js';
import type { KubernetesObject } from '../documents.js';
import { createPrometheusClient, type PrometheusClient } from '../prometheus.js';
import { sidesOfArguments } from '../traces/sides.js';
import { type TraceOptions, withTraces } from '../traces/traces.js';
import type { AnalysisResult } from '../verdict.js';
import { reachOf } from './measure.js';
import { type ArgoRun, runArgoAnalysis } from './run.js';
import { type ArgoMetric, argumentsOf, metricsOf } from './template.js';

/** What an analysis by templates of Argo Rollouts is run with. */
export interface ArgoOptions extends ArgoRun {
  /** AnalysisTemplates or ClusterAnalysisTemplates, run as one. */
  readonly templates: readonly KubernetesObject[];
  /** By name. */
  readonly args: Readonly<Record<string, string>>;
  /** Asked instead of the addresses in the templates. */
  readonly prometheus?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Looks for the traces of the requests that made a metric bad. @defaultValue none are looked for */
  readonly traces?: TraceOptions;
}

/** Runs templates of Argo Rollouts. Rejects with `AnalysisError` where the controller would not accept them. */
export async function analyzeArgo(options: ArgoOptions): Promise<AnalysisResult> {
  const { templates, args, prometheus, headers, traces, ...rest } = options;
  const clients = new Map<string, PrometheusClient>();
  const client = (address: string): PrometheusClient => {
    const asked = prometheus ?? address;
    if (asked === '') throw new AnalysisError('the templates name no Prometheus: name one to ask');
    const known = clients.get(asked) ?? createPrometheusClient(asked, headers);
    clients.set(asked, known);
    return known;
  };
  const metrics = metricsOf(templates, args);
  const result = await runArgoAnalysis({
    ...rest,
    name: templates.map(({ metadata }) => metadata.name).join(', '),
    metrics,
    client,
  });
  if (traces === undefined) return result;
  return withTraces(result, {
    ...traces,
    sides: sidesOfArguments(argumentsOf(templates, args)),
    async exemplars(name, selector, { start, end }) {
      const metric = metrics.find((each) => each.name === name) as ArgoMetric;
      const span = { start: start - reachOf(metric, end), end };
      return client(metric.provider.address).exemplars(selector, span, metric.provider);
    },
  });
}
