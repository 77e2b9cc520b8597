import type { KubernetesObject } from '../../controllers/documents.js';
import { type CanaryAnalysis, canaryAnalysisOf } from '../../controllers/flagger/canary.js';
import { type FlaggerRun, runFlaggerAnalysis, TIMEOUT_SECONDS } from '../../controllers/flagger/run-analysis.js';
import { podsOfWorkload } from '../../manifests/flagger-sides.js';
import { createPrometheusClient, type PrometheusClient } from '../../prometheus.js';
import { readDescribedRelease } from '../../release/description.js';
import { type AccountSource, withAccount } from '../account/account.js';
import type { AnalysisResult } from '../result.js';
import { sidesOfTarget } from '../traces/sides.js';
import { type TraceOptions, withTraces } from '../traces/traces.js';

/** The options of an analysis with a Canary of Flagger. */
export interface FlaggerOptions extends FlaggerAsking {
  readonly canary: KubernetesObject;
  /** The MetricTemplates that the Canary names. */
  readonly templates: readonly KubernetesObject[];
}

/** How an analysis is run, and which traces it looks for. */
export interface FlaggerAsking extends FlaggerRun {
  /** Looks for the traces of the requests that made a metric bad. @defaultValue no traces */
  readonly traces?: TraceOptions;
}

/** Runs the analysis of a Canary as Flagger does, without calling its webhooks. Rejects with `AnalysisError`. */
export async function analyzeFlagger({ canary, templates, ...asking }: FlaggerOptions): Promise<AnalysisResult> {
  return runFlagger(canary, canaryAnalysisOf(canary, templates), asking);
}

/** Runs the analysis of a Canary that has been read. */
export async function runFlagger(
  canary: KubernetesObject,
  analysis: CanaryAnalysis,
  options: FlaggerAsking,
): Promise<AnalysisResult> {
  const { traces } = options;
  const ran = await runFlaggerAnalysis(analysis, options);
  const asking = { timeoutSeconds: TIMEOUT_SECONDS };
  const clientOf = (metric?: string): PrometheusClient => {
    const { address = '' } = analysis.metrics.find(({ name }) => name === metric) ?? analysis.metrics[0] ?? {};
    return createPrometheusClient(options.prometheus ?? address, options.headers, options.onWarning);
  };
  const result = await withAccount(
    ran,
    flaggerAccountSource(canary, analysis.target, ran, async (promql, at) => clientOf().query(promql, at, asking)),
  );
  if (traces === undefined) return result;
  return withTraces(result, {
    ...traces,
    sides: sidesOfTarget(analysis.target),
    exemplars: async (metric, selector, span) => clientOf(metric).exemplars(selector, span, asking),
  });
}

/** Returns the source for the requests behind a Canary of Coalmine and its target; `undefined` for other Canaries. */
export function flaggerAccountSource(
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  target: string,
  { steps = [] }: AnalysisResult,
  query: AccountSource['query'],
): AccountSource | undefined {
  const release = readDescribedRelease(metadata.annotations);
  if (release === undefined) return undefined;
  const pods = (workload: string): string => podsOfWorkload(release, metadata.namespace ?? 'default', workload);
  const weight = steps.at(-1)?.weight;
  return { release, canary: pods(target), stable: pods(`${target}-primary`), stableEarlier: 0, weight, query };
}
