import { nanoseconds } from '../../expr/functions.js';
import { AnalysisError } from '../analysis-error.js';
import type { KubernetesObject } from '../documents.js';
import { builtinOf } from './builtin.js';
import { renderQuery } from './render.js';

/** The analysis of a Canary, with its queries rendered. Times in seconds. */
export interface CanaryAnalysis {
  readonly name: string;
  /** Name of the Deployment whose pods are the canary. */
  readonly target: string;
  readonly interval: number;
  /** Failed checks at which it is rolled back. */
  readonly threshold: number;
  /** Weights of the canary in percent, one after the other; those of blue/green are its iterations, all at 0. */
  readonly weights: readonly number[];
  readonly metrics: readonly CanaryMetric[];
}

export interface CanaryMetric {
  readonly name: string;
  readonly address: string | undefined;
  readonly query: string;
  readonly isDuration: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

interface Spec {
  readonly provider?: string;
  readonly targetRef?: { readonly name?: string };
  readonly ingressRef?: { readonly name?: string };
  readonly routeRef?: { readonly name?: string };
  readonly service?: { readonly name?: string };
  readonly analysis?: Analysis;
  readonly canaryAnalysis?: Analysis;
}

interface Analysis {
  readonly interval?: string;
  readonly threshold?: number;
  readonly maxWeight?: number;
  readonly stepWeight?: number;
  readonly stepWeights?: readonly number[];
  readonly iterations?: number;
  readonly metrics?: readonly Metric[];
}

interface Metric {
  readonly name: string;
  readonly interval?: string;
  readonly threshold?: number;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly templateRef?: { readonly name: string; readonly namespace?: string };
  readonly templateVariables?: Readonly<Record<string, string>>;
  readonly query?: string;
}

interface TemplateSpec {
  readonly provider?: { readonly type?: string; readonly address?: string };
  readonly query?: string;
}

// What Flagger takes where nothing is said.
const INTERVAL = '60s';
const METRIC_INTERVAL = '1m';
const LEAST_INTERVAL_SECONDS = 10;
const ITERATIONS = 10;

/** The analysis of a Canary, by the MetricTemplates that it names. Throws `AnalysisError`. */
export function canaryAnalysisOf(canary: KubernetesObject, templates: readonly KubernetesObject[]): CanaryAnalysis {
  const spec = canary.spec as Spec;
  const { name, namespace = 'default' } = canary.metadata;
  const analysis = spec.analysis ?? spec.canaryAnalysis;
  const target = spec.targetRef?.name;
  if (analysis === undefined) throw new AnalysisError(`Canary ${name} has no spec.analysis`);
  if (target === undefined) throw new AnalysisError(`Canary ${name} has no spec.targetRef.name`);
  const provider = spec.provider ?? 'istio';
  return {
    name,
    target,
    interval: Math.max(LEAST_INTERVAL_SECONDS, nanoseconds(analysis.interval ?? INTERVAL) / 1e9),
    threshold: analysis.threshold === undefined || analysis.threshold === 0 ? 1 : analysis.threshold,
    weights: weightsOf(analysis, provider),
    metrics: (analysis.metrics ?? []).map(metricOf),
  };

  function metricOf(metric: Metric): CanaryMetric {
    const { templateRef, thresholdRange, threshold = 0 } = metric;
    const template = templateRef === undefined ? undefined : templateNamed(templateRef.name);
    const builtin = template === undefined && metric.query === undefined ? builtinOf(metric.name, provider) : undefined;
    const { query = metric.query, provider: asked } = (template?.spec ?? {}) as TemplateSpec;
    if (asked?.type !== undefined && asked.type !== 'prometheus') {
      throw new AnalysisError(
        `metric ${metric.name}: the provider is ${asked.type}: only prometheus can be asked here`,
      );
    }
    const text = builtin?.query ?? query;
    if (text === undefined) throw new AnalysisError(`metric ${metric.name}: its template has no query`);
    const isDuration = builtin?.isDuration ?? false;
    const service = spec.service?.name ?? target ?? '';
    const model = {
      name,
      namespace,
      target: target ?? '',
      service,
      ingress: spec.ingressRef?.name ?? '',
      route: spec.routeRef?.name ?? target ?? '',
      interval: metric.interval ?? METRIC_INTERVAL,
      variables: metric.templateVariables ?? {},
    };
    return {
      name: metric.name,
      address: asked?.address,
      query: renderQuery(text, model, metric.name),
      isDuration,
      ...rangeOf(
        thresholdRange,
        threshold,
        metric.name === 'request-success-rate' && builtin !== undefined,
        isDuration,
      ),
    };
  }

  function templateNamed(wanted: string): KubernetesObject {
    const found = templates.find(({ kind, metadata }) => kind === 'MetricTemplate' && metadata.name === wanted);
    if (found === undefined)
      throw new AnalysisError(`Canary ${name}: there is no MetricTemplate ${wanted} in the files`);
    return found;
  }
}

/** Without a range the old threshold stands: at least so much success, or at most so much of anything else. */
function rangeOf(
  range: Metric['thresholdRange'],
  threshold: number,
  isSuccess: boolean,
  isDuration: boolean,
): Pick<CanaryMetric, 'min' | 'max'> {
  // Flagger compares a duration in whole milliseconds, so that 0.5 is none at all.
  const whole = (bound: number | undefined): number | undefined =>
    bound !== undefined && isDuration ? Math.trunc(bound) : bound;
  if (range === undefined)
    return isSuccess ? { min: threshold, max: undefined } : { min: undefined, max: whole(threshold) };
  return { min: whole(range.min), max: whole(range.max) };
}

function weightsOf(analysis: Analysis, provider: string): readonly number[] {
  const { stepWeights, stepWeight = 0, maxWeight = 0, iterations = 0 } = analysis;
  if (provider === 'kubernetes' || iterations > 0) return new Array<number>(iterations || ITERATIONS).fill(0);
  if (stepWeights !== undefined) return stepWeights;
  if (stepWeight <= 0) throw new AnalysisError('spec.analysis needs one of stepWeight, stepWeights and iterations');
  const steps = Math.ceil((maxWeight || 100) / stepWeight);
  return Array.from({ length: steps }, (_, i) => Math.min((i + 1) * stepWeight, maxWeight || 100));
}
