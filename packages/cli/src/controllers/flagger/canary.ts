import { AnalysisError } from '../../analysis-error.js';
import { secondsIn } from '../../go/duration.js';
import { NotKnownHereError } from '../../not-known-here.js';
import type { KubernetesObject } from '../documents.js';
import { builtinOf, isBuiltin } from './builtin.js';
import { onOneLine, renderTemplate } from './go-template.js';
import { type TemplateRef, templateOf } from './references.js';
import { TemplateError } from './template-error.js';
import type { TemplateModel } from './template-execution.js';

/** The analysis of a Canary, with its queries rendered. Times are in seconds. */
export interface CanaryAnalysis {
  readonly name: string;
  /** Name of the Deployment whose pods are the canary. */
  readonly target: string;
  readonly interval: number;
  /** Whether it is promoted without a check. */
  readonly isSkipped: boolean;
  /** The number of failed checks at which it is rolled back. */
  readonly threshold: number;
  /** Weights of the canary in percent, step by step; the weights of blue-green are its iterations. */
  readonly weights: readonly number[];
  /** In the order in which they are queried. */
  readonly metrics: readonly CanaryMetric[];
}

export interface CanaryMetric {
  readonly name: string;
  readonly address: string | undefined;
  /** The query as Flagger sends it, or as it is written if Flagger cannot render it. */
  readonly query: string;
  /** Why Flagger cannot render the query, so every check fails. */
  readonly fault?: string;
  readonly isDuration: boolean;
  /** A remark on the query. */
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

/** A metric of a Canary. */
export interface Metric {
  readonly name: string;
  readonly interval?: string;
  readonly threshold?: number;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly templateRef?: TemplateRef;
  readonly templateVariables?: Readonly<Record<string, string>>;
  readonly query?: string;
}

interface TemplateSpec {
  readonly provider?: { readonly type?: string; readonly address?: string };
  readonly query?: string;
}

// The default of Flagger.
export const INTERVAL = '60s';
export const METRIC_INTERVAL = '1m';
export const LEAST_INTERVAL_SECONDS = 10;
const ITERATIONS = 10;

/** Returns the analysis of a Canary, with the MetricTemplates that it names. Throws `AnalysisError`. */
export function canaryAnalysisOf(canary: KubernetesObject, templates: readonly KubernetesObject[]): CanaryAnalysis {
  const spec = canary.spec as Spec;
  const { name } = canary.metadata;
  const analysis = spec.analysis ?? spec.canaryAnalysis;
  const target = spec.targetRef?.name;
  if (analysis === undefined) throw new AnalysisError(`Canary ${name} has no spec.analysis`);
  if (target === undefined) throw new AnalysisError(`Canary ${name} has no spec.targetRef.name`);
  const provider = spec.provider ?? 'istio';
  const { metrics = [] } = analysis;
  const model = namesOf(canary.metadata, spec, target);
  return {
    name,
    target,
    interval: Math.max(LEAST_INTERVAL_SECONDS, intervalOf(analysis)),
    isSkipped: spec.skipAnalysis === true,
    threshold: analysis.threshold === undefined || analysis.threshold === 0 ? 1 : analysis.threshold,
    weights: weightsOf(analysis, provider),
    // Whatever their order in the Canary: metrics without a template are queried first.
    metrics: [...metrics.flatMap(ownCheck), ...metrics.flatMap(templateCheck)],
  };

  /**
   * Returns the built-in check of a metric's name, which Flagger runs even if the metric has a template, or its inline
   * query.
   */
  function ownCheck(metric: Metric): readonly CanaryMetric[] {
    const { name, query = '', templateRef } = metric;
    const own =
      query === '' ? [] : [{ name, address: spec.metricsServer, ...renderMetric(query, metric, METRIC_INTERVAL) }];
    if (!isBuiltin(name) && (query !== '' || templateRef !== undefined)) return own;
    const { isDuration, isEncoded, note, ...builtin } = builtinOf(name, observedProvider());
    return [
      {
        name,
        address: spec.metricsServer,
        ...renderMetric(builtin.query, metric, METRIC_INTERVAL, isEncoded),
        isDuration,
        ...(note === undefined ? {} : { note }),
        ...boundsOf(metric, name),
      },
      ...own,
    ];
  }

  function templateCheck(metric: Metric): readonly CanaryMetric[] {
    const { templateRef } = metric;
    if (templateRef === undefined) return [];
    const { query, provider: asked } = templateNamed(templateRef).spec as TemplateSpec;
    if (asked?.type !== undefined && asked.type !== 'prometheus') {
      throw new AnalysisError(
        `metric ${metric.name}: the provider is ${asked.type}: coalmine can query only prometheus`,
      );
    }
    if (query === undefined) throw new AnalysisError(`metric ${metric.name}: its template has no query`);
    // A metric with a template has no default interval.
    return [{ name: metric.name, address: asked?.address, ...renderMetric(query, metric, '') }];
  }

  /** Returns the provider whose series are queried. If the target is a Service, Flagger appends that to its name. */
  function observedProvider(): string {
    return spec.targetRef?.kind === 'Service' ? `${provider}:service` : provider;
  }

  /** Returns the query of a metric, which may be empty for a built-in check, with the bounds of its result. */
  function renderMetric(
    query: string,
    metric: Metric,
    interval: string,
    isEncoded = false,
  ): Pick<CanaryMetric, 'query' | 'fault' | 'isDuration' | 'min' | 'max'> {
    const filled: TemplateModel = {
      ...(isEncoded ? encodeNames(model) : model),
      interval: metric.interval || interval,
      variables: metric.templateVariables ?? {},
    };
    return { ...renderQuery(query, filled, metric.name), isDuration: false, ...boundsOf(metric, undefined) };
  }

  function templateNamed(reference: TemplateRef): KubernetesObject {
    const named = templates
      .filter(({ kind }) => kind === 'MetricTemplate')
      .map((template) => ({ ...template.metadata, template }));
    const found = templateOf(reference, canary.metadata.namespace, named);
    if (found !== undefined) return found.template;
    const there = reference.namespace || canary.metadata.namespace;
    const where = there === undefined ? '' : ` of the namespace ${there}`;
    throw new AnalysisError(`Canary ${name}: there is no MetricTemplate ${reference.name}${where} in the files`);
  }
}

/** Returns the names that the queries of a Canary can use. */
export function namesOf(
  { name, namespace = 'default' }: { readonly name: string; readonly namespace?: string },
  { service, ingressRef, routeRef }: Pick<Spec, 'service' | 'ingressRef' | 'routeRef'>,
  target: string,
): Omit<TemplateModel, 'interval' | 'variables'> {
  return {
    name,
    namespace,
    target,
    service: service?.name ?? target,
    ingress: ingressRef?.name ?? target,
    route: routeRef?.name ?? target,
  };
}

/**
 * Returns the seconds between two checks. Throws `AnalysisError` for an interval that the schema of a Canary refuses.
 */
function intervalOf({ interval = INTERVAL }: Analysis): number {
  const seconds = secondsIn(interval);
  if (Number.isNaN(seconds)) {
    throw new AnalysisError(`spec.analysis.interval must be a duration such as 90s, got ${JSON.stringify(interval)}`);
  }
  return seconds;
}

/** Renders a query as Flagger sends it. Throws `AnalysisError` if the query has a part that is not known here. */
function renderQuery(template: string, model: TemplateModel, metric: string): Pick<CanaryMetric, 'query' | 'fault'> {
  try {
    return { query: onOneLine(renderTemplate(template, model)).trim() };
  } catch (error) {
    if (error instanceof TemplateError) {
      return { query: template, fault: `Flagger cannot render the query: ${error.message}` };
    }
    if (error instanceof NotKnownHereError) throw new AnalysisError(`metric ${metric}: ${error.message}`);
    throw error;
  }
}

/** Returns names in the form that routers use in the names of their routes. */
function encodeNames<T extends Readonly<Record<string, string>>>(names: T): T {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, name.replace(/\W/g, '_')])) as T;
}

/**
 * Returns the bounds of a metric, in the built-in check of a name or in its own query. Without a range the old
 * threshold applies: a minimum for the success rate, or a maximum for any other number.
 */
export function boundsOf(
  { thresholdRange, threshold = 0 }: Pick<Metric, 'thresholdRange' | 'threshold'>,
  builtin: string | undefined,
): Pick<CanaryMetric, 'min' | 'max'> {
  // Flagger compares a duration in whole milliseconds, so 0.5 becomes 0.
  const whole = (bound: number | undefined): number | undefined =>
    bound !== undefined && builtin === 'request-duration' ? Math.trunc(bound) : bound;
  if (thresholdRange !== undefined) return { min: whole(thresholdRange.min), max: whole(thresholdRange.max) };
  return builtin === 'request-success-rate'
    ? { min: threshold, max: undefined }
    : { min: undefined, max: whole(threshold) };
}

function weightsOf(analysis: Analysis, provider: string): readonly number[] {
  const { match = [], stepWeights, stepWeight = 0, iterations = 0 } = analysis;
  const isKubernetes = provider === 'kubernetes';
  if (isKubernetes || iterations > 0) {
    const times = iterations || ITERATIONS;
    // Users who match reach the canary from the first iteration on.
    if (match.length > 0 && !isKubernetes) return new Array<number>(times).fill(100);
    // After the iterations there is one more check: with all users, if a router can send them.
    return [...new Array<number>(times).fill(0), isKubernetes ? 0 : 100];
  }
  const most = Math.min(100, stepWeights?.at(-1) ?? (analysis.maxWeight || 100));
  if (stepWeight > 0) {
    const steps = Math.ceil(most / stepWeight);
    return Array.from({ length: steps }, (_, i) => Math.min((i + 1) * stepWeight, most));
  }
  if (stepWeights === undefined || stepWeights.length === 0) {
    throw new AnalysisError('spec.analysis requires one of stepWeight, stepWeights and iterations');
  }
  return stepWeights;
}
