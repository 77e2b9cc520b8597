import { AnalysisError } from '../analysis-error.js';
import type { KubernetesObject } from '../documents.js';
import { createPrometheusClient, type PrometheusClient } from '../prometheus.js';
import type { AnalysisResult } from '../verdict.js';
import { type ArgoRun, runArgoAnalysis } from './run.js';
import { metricsOf } from './template.js';

/** What an analysis by templates of Argo Rollouts is run with. */
export interface ArgoOptions extends ArgoRun {
  /** AnalysisTemplates or ClusterAnalysisTemplates, run as one. */
  readonly templates: readonly KubernetesObject[];
  /** By name. */
  readonly args: Readonly<Record<string, string>>;
  /** Asked instead of the addresses in the templates. */
  readonly prometheus?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Runs templates of Argo Rollouts. Rejects with `AnalysisError` where the controller would not accept them. */
export async function analyzeArgo(options: ArgoOptions): Promise<AnalysisResult> {
  const { templates, args, prometheus, headers, ...rest } = options;
  const clients = new Map<string, PrometheusClient>();
  return runArgoAnalysis({
    ...rest,
    name: templates.map(({ metadata }) => metadata.name).join(', '),
    metrics: metricsOf(templates, args),
    client(address) {
      const asked = prometheus ?? address;
      if (asked === '') throw new AnalysisError('the templates name no Prometheus: name one to ask');
      const client = clients.get(asked) ?? createPrometheusClient(asked, headers);
      clients.set(asked, client);
      return client;
    },
  });
}
