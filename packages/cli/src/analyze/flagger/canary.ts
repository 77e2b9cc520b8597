import type { TemplateModel } from '../../controllers/flagger/template-execution.js';
import { nanoseconds } from '../../expr/functions.js';
import { AnalysisError } from '../analysis-error.js';
import type { KubernetesObject } from '../documents.js';
import { builtinOf, isBuiltin } from './builtin.js';
import { renderQuery } from './render.js';

/** The analysis of a Canary, with its queries rendered. Times in seconds. */
export interface CanaryAnalysis {
  readonly name: string;
  /** Name of the Deployment whose pods are the canary. */
  readonly target: string;
  readonly interval: number;
  /** Whether it is promoted without a check. */
  readonly isSkipped: boolean;
  /** Failed checks at which it is rolled back. */
  readonly threshold: number;
  /** Weights of the canary in percent, one after the other; those of blue/green are its iterations. */
  readonly weights: readonly number[];
  /** In the order that they are asked in. */
  readonly metrics: readonly CanaryMetric[];
}

export interface CanaryMetric {
  readonly name: string;
  readonly address: string | undefined;
  readonly query: string;
  readonly isDuration: boolean;
  /** What the query does not say of itself. */
  readonly note?: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

interface Spec {
  readonly provider?: string;
  readonly metricsServer?: string;
  readonly skipAnalysis?: boolean;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
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
  readonly match?: readonly unknown[];
  readonly metrics?: readonly Metric[];
}

interface Metric {
  readonly name: string;
  readonly interval?: string;
  readonly threshold?: number;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly templateRef?: TemplateRef;
  readonly templateVariables?: Readonly<Record<string, string>>;
  readonly query?: string;
}

interface TemplateRef {
  readonly name: string;
  readonly namespace?: string;
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
  const { metrics = [] } = analysis;
  const service = spec.service?.name ?? target;
  const model = {
    name,
    namespace,
    target,
    service,
    ingress: spec.ingressRef?.name ?? target,
    route: spec.routeRef?.name ?? target,
  };
  return {
    name,
    target,
    interval: Math.max(LEAST_INTERVAL_SECONDS, nanoseconds(analysis.interval ?? INTERVAL) / 1e9),
    isSkipped: spec.skipAnalysis === true,
    threshold: analysis.threshold === undefined || analysis.threshold === 0 ? 1 : analysis.threshold,
    weights: weightsOf(analysis, provider),
    // Whatever their order in the Canary: what needs no template is asked first.
    metrics: [...metrics.flatMap(ownCheck), ...metrics.flatMap(templateCheck)],
  };

  /** The built-in check of a metric's name, which is made even where it has a template, or its inline query. */
  function ownCheck(metric: Metric): readonly CanaryMetric[] {
    const { query, templateRef, thresholdRange, threshold = 0 } = metric;
    if (query !== undefined) {
      const range = rangeOf(thresholdRange, threshold, false, false);
      return [
        { name: metric.name, address: spec.metricsServer, query: rendered(query, metric), isDuration: false, ...range },
      ];
    }
    if (templateRef !== undefined && !isBuiltin(metric.name)) return [];
    const { isDuration, isEncoded, note, ...builtin } = builtinOf(metric.name, observedProvider());
    return [
      {
        name: metric.name,
        address: spec.metricsServer,
        query: rendered(builtin.query, metric, isEncoded),
        isDuration,
        ...(note === undefined ? {} : { note }),
        ...rangeOf(thresholdRange, threshold, !isDuration, isDuration),
      },
    ];
  }

  function templateCheck(metric: Metric): readonly CanaryMetric[] {
    const { templateRef, thresholdRange, threshold = 0 } = metric;
    if (templateRef === undefined) return [];
    const { query, provider: asked } = templateNamed(templateRef).spec as TemplateSpec;
    if (asked?.type !== undefined && asked.type !== 'prometheus') {
      throw new AnalysisError(
        `metric ${metric.name}: the provider is ${asked.type}: only prometheus can be asked here`,
      );
    }
    if (query === undefined) throw new AnalysisError(`metric ${metric.name}: its template has no query`);
    return [
      {
        name: metric.name,
        address: asked?.address,
        query: rendered(query, metric),
        isDuration: false,
        ...rangeOf(thresholdRange, threshold, false, false),
      },
    ];
  }

  /** The provider whose series are asked for: where a Service is the target Flagger says so behind its name. */
  function observedProvider(): string {
    return spec.targetRef?.kind === 'Service' ? `${provider}:service` : provider;
  }

  function rendered(query: string, metric: Metric, isEncoded = false): string {
    const filled: TemplateModel = {
      ...(isEncoded ? encoded(model) : model),
      interval: metric.interval ?? METRIC_INTERVAL,
      variables: metric.templateVariables ?? {},
    };
    return renderQuery(query, filled, metric.name);
  }

  function templateNamed({
    name: wanted,
    namespace: there = canary.metadata.namespace,
  }: TemplateRef): KubernetesObject {
    // A file may leave the namespace to whoever applies it.
    const isThere = ({ metadata }: KubernetesObject): boolean =>
      there === undefined || metadata.namespace === undefined || metadata.namespace === there;
    const found = templates.find(
      (template) => template.kind === 'MetricTemplate' && template.metadata.name === wanted && isThere(template),
    );
    if (found !== undefined) return found;
    const where = there === undefined ? '' : ` of the namespace ${there}`;
    throw new AnalysisError(`Canary ${name}: there is no MetricTemplate ${wanted}${where} in the files`);
  }
}

/** Names as routes have them that are named after what they route to. */
function encoded<T extends Readonly<Record<string, string>>>(names: T): T {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, name.replace(/\W/g, '_')])) as T;
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
  const { match = [], stepWeights, stepWeight = 0, iterations = 0 } = analysis;
  const isKubernetes = provider === 'kubernetes';
  if (isKubernetes || iterations > 0) {
    const times = iterations || ITERATIONS;
    // Those who match have the canary from the first iteration on.
    if (match.length > 0 && !isKubernetes) return new Array<number>(times).fill(100);
    // Once all are done there is a check more: with all users, where a router can give them.
    return [...new Array<number>(times).fill(0), isKubernetes ? 0 : 100];
  }
  const most = Math.min(100, stepWeights?.at(-1) ?? (analysis.maxWeight || 100));
  if (stepWeight > 0) {
    const steps = Math.ceil(most / stepWeight);
    return Array.from({ length: steps }, (_, i) => Math.min((i + 1) * stepWeight, most));
  }
  if (stepWeights === undefined || stepWeights.length === 0) {
    throw new AnalysisError('spec.analysis needs one of stepWeight, stepWeights and iterations');
  }
  return stepWeights;
}
