import { isMapping } from '@coalmine/options';
import { AnalysisError } from '../../analysis-error.js';
import { nanoseconds, secondsIn } from '../../go/duration.js';
import type { KubernetesObject } from '../documents.js';
import { listAt, textAt } from '../read.js';
import { twiceSet } from './arguments.js';
import { checkProvider } from './check-provider.js';
import { refusalOf } from './limits.js';
import { firstRepeated, isRuleFor } from './names.js';
import { providersOf } from './providers.js';
import { type Referable, type TemplateReference, withNamed } from './references.js';

/** A metric of an AnalysisTemplate with its arguments and defaults. Times are in seconds. */
export interface ArgoMetric {
  readonly name: string;
  readonly initialDelay: number;
  readonly interval: number | undefined;
  /** The number of measurements; unlimited if absent. */
  readonly count: number | undefined;
  readonly failureLimit: number;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  /** 0 for none. */
  readonly consecutiveSuccessLimit: number;
  readonly successCondition: string;
  readonly failureCondition: string;
  readonly provider: PrometheusProvider;
  readonly isDryRun: boolean;
}

/** The query, and the address that it is sent to. */
interface PrometheusProvider {
  readonly address: string;
  readonly query: string;
  readonly timeoutSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The step is `NaN` if it is not a duration, which makes each measurement an Error. */
  readonly range: { readonly start: string; readonly end: string; readonly step: number } | undefined;
  /** Why each measurement is an Error, whatever Prometheus has. */
  readonly fault: string | undefined;
}

interface Argument {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

// https://argo-rollouts.readthedocs.io/en/stable/features/specification/
export const CONSECUTIVE_ERROR_LIMIT = 4;
const TIMEOUT_SECONDS = 30;

export const KINDS: readonly string[] = ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'];

/**
 * Returns templates with the templates that they name (`spec.templates`). Throws `AnalysisError` for a template that is
 * missing, or not where Argo Rollouts looks for it.
 */
export function withNamedTemplates(
  templates: readonly KubernetesObject[],
  all: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const known = all.map(referableOf);
  const chosen = templates.map((template) => known.find(({ object }) => object === template) ?? referableOf(template));
  return withNamed(chosen, known, {
    // What is no mapping is refused later.
    referencesOf: ({ object }) => listAt(object.spec, 'templates').filter(isMapping),
    namespaceOf: ({ kind, namespace }) => (kind === 'ClusterAnalysisTemplate' ? undefined : namespace),
    missing({ name }, { templateName = '', clusterScope = false }) {
      const kind = clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
      throw new AnalysisError(`${name} names the ${kind} ${templateName}, which is not in the files`);
    },
  }).map(({ object }) => object);
}

function referableOf(object: KubernetesObject): Referable & { readonly object: KubernetesObject } {
  const { kind, metadata } = object;
  const { name, namespace } = metadata;
  return { kind, name, ...(namespace === undefined ? {} : { namespace }), object };
}

/**
 * Returns the arguments of one or more templates by name: the given value, otherwise the default. Throws
 * `AnalysisError`.
 */
export function argumentsOf(
  templates: readonly KubernetesObject[],
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  for (const { name, value } of templates.flatMap(({ spec }) => (spec as Spec).args ?? [])) {
    values.set(name, given[name] ?? value ?? values.get(name));
  }
  const twice = twiceSet(templates.flatMap(({ spec }) => (spec as Spec).args ?? []));
  if (twice !== undefined) throw new AnalysisError(`the argument ${twice.name} has two different defaults`);
  for (const name of Object.keys(given)) {
    if (!values.has(name)) throw new AnalysisError(`the argument ${name} is not one of ${joinOrNone(values.keys())}`);
  }
  return values;
}

/**
 * Returns the metrics of one or more templates, as in a run of all of them, with the arguments that were given or have
 * a default. Throws `AnalysisError` if Argo Rollouts would not accept a metric, or if a template names another that is
 * not given.
 */
export function metricsOf(
  templates: readonly KubernetesObject[],
  given: Readonly<Record<string, string>>,
): readonly ArgoMetric[] {
  withNamedTemplates(templates, templates);
  const values = argumentsOf(templates, given);
  const specs = templates.map(({ spec }) => spec as Spec);
  const dryRuns = specs.flatMap(({ dryRun = [] }) => dryRun);
  const args = specs.flatMap((spec) => spec.args ?? []);
  const metrics = specs.flatMap(({ metrics: raw = [] }) =>
    raw.map((each) => metricOf(resolveArguments(each, values, args), dryRuns)),
  );
  if (metrics.length === 0) throw new AnalysisError('the template has no metrics');
  const names = metrics.map(({ name }) => name);
  const twice = firstRepeated(names);
  if (twice !== undefined) {
    const choice =
      templates.length > 1 ? `: run one of ${joinOrNone(templates.map(({ metadata }) => metadata.name))}` : '';
    throw new AnalysisError(`two metrics have the same name ${twice}${choice}`);
  }
  for (const rules of ['dryRun', 'measurementRetention'] as const) {
    const patterns = specs.flatMap((spec) => spec[rules] ?? []).map(({ metricName }) => metricName);
    const idle = patterns.find((pattern) => !names.some((name) => isRuleFor(pattern, name)));
    if (idle !== undefined) throw new AnalysisError(`${rules}: ${idle} matches no metric`);
    const repeated = firstRepeated(patterns);
    if (repeated !== undefined) throw new AnalysisError(`${rules}: two rules are named ${repeated}`);
  }
  return metrics;
}

interface Spec {
  readonly args?: readonly Argument[];
  readonly metrics?: readonly RawMetric[];
  readonly dryRun?: readonly { readonly metricName: string }[];
  readonly measurementRetention?: readonly { readonly metricName: string }[];
  readonly templates?: readonly TemplateReference[];
}

/** A metric as it is written in a template. */
export interface RawMetric {
  readonly name?: string;
  readonly initialDelay?: string;
  readonly interval?: string;
  readonly count?: number | string;
  readonly failureLimit?: number | string;
  readonly inconclusiveLimit?: number | string;
  readonly consecutiveErrorLimit?: number | string;
  readonly consecutiveSuccessLimit?: number | string;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly provider?: Readonly<Record<string, unknown>> & { readonly prometheus?: RawPrometheus };
}

interface RawPrometheus {
  readonly address?: string;
  readonly query?: string;
  readonly timeout?: number;
  readonly headers?: readonly { readonly key: string; readonly value: string }[];
  readonly rangeQuery?: { readonly start?: string; readonly end?: string; readonly step?: string };
}

/** Fills in `{{args.…}}` everywhere in a metric, as Argo does: in its JSON. */
function resolveArguments(
  metric: RawMetric,
  values: ReadonlyMap<string, string | undefined>,
  args: readonly Argument[],
): RawMetric {
  const text = JSON.stringify(metric).replace(/\{\{(.*?)\}\}/gs, (_, tag: string) => {
    const [, name] = /^args\.(.+)$/s.exec(tag.trim()) ?? [];
    if (name === undefined) {
      throw new AnalysisError(`${metric.name}: {{${tag}}} was not resolved: it is not a placeholder of Argo Rollouts`);
    }
    const value = values.get(name);
    if (value === undefined) {
      throw new AnalysisError(`${metric.name}: args.${name} was not resolved: ${whyMissing(name, args)}`);
    }
    return JSON.stringify(String(value)).slice(1, -1);
  });
  return JSON.parse(text) as RawMetric;
}

function whyMissing(name: string, args: readonly Argument[]): string {
  const declared = args.filter((arg) => arg.name === name);
  if (declared.length === 0) return 'the template does not declare it';
  const secret = declared.map(({ valueFrom }) => textAt(valueFrom, 'secretKeyRef', 'name')).find((each) => each !== '');
  return secret === undefined
    ? 'it has no default and was not given'
    : `its value is in the Secret ${secret}, which is not read here: give it with --arg ${name}=…`;
}

function metricOf(raw: RawMetric, dryRuns: readonly { readonly metricName: string }[]): ArgoMetric {
  const { name } = raw;
  if (name === undefined) throw new AnalysisError('a metric has no name');
  const fail = (message: string): never => {
    throw new AnalysisError(`metric ${name}: ${message}`);
  };
  const whole = (option: keyof RawMetric, fallback: number): number => {
    const value = Number(raw[option] ?? fallback);
    return Number.isInteger(value) ? value : fail(`${option} must be an integer`);
  };
  const time = (option: 'initialDelay' | 'interval'): number | undefined => {
    const text = raw[option];
    if (text === undefined || text === '') return undefined;
    try {
      return nanoseconds(text) / 1e9;
    } catch (error) {
      return fail(`${option}: ${(error as Error).message}`);
    }
  };
  const interval = time('interval');
  const given = whole('count', 0);
  // Without count and interval there is one measurement; with an interval only, there is no end.
  const count = given !== 0 ? given : interval === undefined ? 1 : undefined;
  const limits = {
    failureLimit: whole('failureLimit', 0),
    inconclusiveLimit: whole('inconclusiveLimit', 0),
    consecutiveErrorLimit: whole('consecutiveErrorLimit', CONSECUTIVE_ERROR_LIMIT),
    consecutiveSuccessLimit: whole('consecutiveSuccessLimit', 0),
  };
  const refusal = refusalOf({ count: given, ...limits });
  if (refusal !== undefined) fail(refusal.reason);
  if (given > 1 && interval === undefined) fail('an interval is required if count is above 1');
  return {
    name,
    initialDelay: time('initialDelay') ?? 0,
    interval,
    count,
    ...limits,
    successCondition: raw.successCondition ?? '',
    failureCondition: raw.failureCondition ?? '',
    provider: providerOf(raw.provider, fail),
    isDryRun: dryRuns.some(({ metricName }) => isRuleFor(metricName, name)),
  };
}

function providerOf(provider: RawMetric['provider'], fail: (message: string) => never): PrometheusProvider {
  const kinds = providersOf(provider);
  if (kinds.length !== 1) return fail(`exactly one provider is required, got ${joinOrNone(kinds)}`);
  const { prometheus } = provider ?? {};
  if (prometheus === undefined) return fail(`the provider is ${kinds[0]}: coalmine can query only prometheus`);
  const { address = '', query = '', timeout = TIMEOUT_SECONDS, headers = [], rangeQuery } = prometheus;
  if (query === '') return fail('its query is empty');
  return {
    address,
    query,
    timeoutSeconds: timeout,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    range:
      rangeQuery === undefined
        ? undefined
        : {
            start: rangeQuery.start ?? fail('rangeQuery.start is required'),
            end: rangeQuery.end ?? fail('rangeQuery.end is required'),
            step: secondsIn(rangeQuery.step ?? fail('rangeQuery.step is required')),
          },
    fault: checkProvider(provider ?? {}).find(({ rule }) => rule !== 'invalid-address')?.message,
  };
}

function joinOrNone(names: Iterable<string>): string {
  return [...names].join(', ') || 'none';
}
