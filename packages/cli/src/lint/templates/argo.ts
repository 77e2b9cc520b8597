import type { Answer } from '../../analyze/prometheus.js';
import { seconds } from '../../queries/series.js';
import { type Conditions, comparisonIn, lintConditions, NOTHING, phaseOf, vectorOf } from './conditions.js';
import { secondsIn } from './duration.js';
import { isScalar, mayBeNaN } from './query-answers.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { TemplateUse } from './rollout.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';
import { textsIn } from './texts.js';

export const ARGO_TEMPLATES: readonly string[] = ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'];

export interface TemplateSpec {
  readonly args?: readonly { readonly name?: string; readonly value?: unknown; readonly valueFrom?: unknown }[];
  readonly metrics?: readonly Metric[];
  readonly dryRun?: readonly { readonly metricName?: string }[];
}

interface Metric {
  readonly name?: string;
  readonly initialDelay?: string;
  readonly interval?: string;
  readonly count?: number | string;
  readonly failureLimit?: number | string;
  readonly inconclusiveLimit?: number | string;
  readonly consecutiveErrorLimit?: number | string;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly provider?: { readonly prometheus?: { readonly query?: string; readonly rangeQuery?: unknown } };
}

// What Argo Rollouts takes where nothing is said, and waits after an error.
const CONSECUTIVE_ERROR_LIMIT = 4;
const RETRY_SECONDS = 10;

/** Lints a template of Argo Rollouts, by the Rollouts that use it. */
export function lintArgoTemplate(object: SourceObject, uses: readonly TemplateUse[], setting: Setting): void {
  const spec = object.spec as TemplateSpec;
  const values = valuesOf(spec, uses);
  lintArguments(object, spec, setting);
  lintNames(object, spec, setting);
  for (const [i, metric] of (spec.metrics ?? []).entries()) {
    const path = ['spec', 'metrics', i];
    lintTiming(object, path, metric, uses, values, setting);
    if (metric.provider?.prometheus?.query !== undefined) lintMetric(object, path, metric, uses, values, setting);
  }
}

/** The values that arguments have by default, or are given. */
function valuesOf({ args = [] }: TemplateSpec, uses: readonly TemplateUse[]): Readonly<Record<string, string>> {
  const given = [...args, ...uses.flatMap((use) => use.args)];
  return Object.fromEntries(
    given.flatMap(({ name, value }) =>
      name === undefined || value === undefined ? [] : [[`args.${name}`, String(value)]],
    ),
  );
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{\s*(.*?)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function lintArguments(object: SourceObject, { args = [], metrics = [] }: TemplateSpec, { report }: Setting): void {
  const declared = args.map(({ name }) => name);
  for (const { path, text } of textsIn(metrics, ['spec', 'metrics'])) {
    for (const { 1: action = '', index } of text.matchAll(/\{\{\s*(.*?)\s*\}\}/g)) {
      const [, name] = /^args\.([\w.-]+)$/.exec(action) ?? [];
      const place = object.within(path, index);
      if (name === undefined) {
        report(
          'foreign-placeholder',
          place,
          `{{ ${action} }} is nothing that Argo Rollouts fills in: the query is sent with it`,
          'write {{args.<name>}}, and declare the argument in spec.args',
        );
      } else if (!declared.includes(name)) {
        report(
          'undeclared-argument',
          place,
          `args.${name} is not among the arguments of the template: it is not resolved, and the run is an Error`,
          `declare it in spec.args: - name: ${name}`,
        );
      }
    }
  }
}

function lintNames(object: SourceObject, { metrics = [], dryRun = [] }: TemplateSpec, { report }: Setting): void {
  const names = metrics.map(({ name = '' }) => name);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) === i) continue;
    const place = object.at(['spec', 'metrics', i, 'name']);
    report(
      'repeated-name',
      place,
      `two metrics are named ${name}: the controller refuses the template`,
      `name: ${name}-${i + 1}`,
    );
  }
  for (const [i, { metricName = '' }] of dryRun.entries()) {
    if (names.some((name) => isMatching(metricName, name))) continue;
    const place = object.at(['spec', 'dryRun', i, 'metricName']);
    const message = `${metricName} matches no metric: the run is an Error`;
    report('idle-dry-run', place, message, `metricName: ${names[0] ?? '.*'}`);
  }
}

function isMatching(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return true;
  }
}

function lintTiming(
  object: SourceObject,
  path: Path,
  metric: Metric,
  uses: readonly TemplateUse[],
  values: Readonly<Record<string, string>>,
  { report }: Setting,
): void {
  for (const field of ['initialDelay', 'interval'] as const) {
    const text = filled(String(metric[field] ?? ''), values);
    if (text === '' || text.includes('{{') || !Number.isNaN(secondsIn(text))) continue;
    report(
      'invalid-duration',
      object.at([...path, field]),
      `${text} is no duration: the controller refuses the template`,
      Number.isFinite(Number(text)) ? `${field}: ${text}s` : `${field}: 60s`,
    );
  }
  const count = wholeIn(metric.count, values) ?? 0;
  const isInterval = metric.interval !== undefined && metric.interval !== '';
  if (count > 1 && !isInterval) {
    const message = `count is ${count}, and nothing says how far apart: the controller refuses the template`;
    report('interval-missing', object.at([...path, 'count']), message, 'interval: 60s');
  }
  for (const limit of ['failureLimit', 'inconclusiveLimit'] as const) {
    const most = wholeIn(metric[limit], values) ?? 0;
    if (count === 0 || !(most >= count)) continue;
    report(
      'limit-beyond-count',
      object.at([...path, limit]),
      `of ${count} measurements never more than ${most} are ${limit === 'failureLimit' ? 'failures' : 'inconclusive'}: the metric ends as a success whatever it sees`,
      `${limit}: ${count - 1}`,
    );
  }
  if ((wholeIn(metric.failureLimit, values) ?? 0) === 0 && metric.provider?.prometheus !== undefined) {
    report(
      'one-failure-aborts',
      object.at(path),
      'one measurement that fails aborts the rollout, be it by one request of three that failed',
      count > 1 || (isInterval && count === 0) ? 'failureLimit: 1' : 'interval: 60s\ncount: 3\nfailureLimit: 1',
    );
  }
  const step = uses.find(({ role }) => role !== 'background');
  if (isInterval && count === 0 && step !== undefined) {
    const message = `an interval without a count is measured for ever, and ${step.object.name} waits for it as ${step.role}: it never ends`;
    report('endless-step', object.at([...path, 'interval']), message, 'count: 5');
  }
}

function lintMetric(
  object: SourceObject,
  path: Path,
  metric: Metric,
  uses: readonly TemplateUse[],
  values: Readonly<Record<string, string>>,
  setting: Setting,
): void {
  const { report, scrapeSeconds, startSeconds } = setting;
  const source = String(metric.provider?.prometheus?.query ?? '');
  const written = {
    successCondition: String(metric.successCondition ?? ''),
    failureCondition: String(metric.failureCondition ?? ''),
  };
  const given: Conditions = {
    successCondition: filled(written.successCondition, values),
    failureCondition: filled(written.failureCondition, values),
  };
  // Of an argument without a value any number tells how data that is missing is judged, and none how much is too much.
  const conditions: Conditions = {
    successCondition: given.successCondition.replace(/\{\{.*?\}\}/g, '0.5'),
    failureCondition: given.failureCondition.replace(/\{\{.*?\}\}/g, '0.5'),
  };
  const isKnown =
    conditions.successCondition + conditions.failureCondition === given.successCondition + given.failureCondition;
  const bound = comparisonIn(conditions.successCondition) ?? comparisonIn(conditions.failureCondition);
  const isRange = metric.provider?.prometheus?.rangeQuery !== undefined;
  const hasConditions = written.successCondition + written.failureCondition !== '';
  const query = lintQuery({
    controller: 'argo',
    object,
    path: [...path, 'provider', 'prometheus', 'query'],
    source,
    values,
    report,
    scrapeSeconds,
    ...(isKnown && hasConditions ? { judge: (answer: Answer) => phaseOf(conditions, answer).phase } : {}),
    ...(isKnown && bound !== undefined ? { threshold: Number(bound.bound) } : {}),
  });
  const [first] = (['successCondition', 'failureCondition'] as const).filter((field) => written[field] !== '');
  const canBeNaN = query === undefined || mayBeNaN(query);
  const isUsable = lintConditions({
    conditions,
    written,
    isScalar: !isRange && query !== undefined && isScalar(query),
    mayBeNaN: canBeNaN,
    place: object.at(first === undefined ? path : [...path, first]),
    report,
  });
  if (!isUsable) return;

  const phases = [NOTHING, ...(canBeNaN ? [vectorOf(Number.NaN)] : [])].map(
    (answer) => phaseOf(conditions, answer).phase,
  );
  if (phases.includes('Inconclusive') && (wholeIn(metric.inconclusiveLimit, values) ?? 0) === 0) {
    const count = wholeIn(metric.count, values) ?? 0;
    report(
      'pauses-at-first',
      object.at(path),
      'the first measurement without data pauses the rollout until somebody looks',
      count > 1 || (metric.interval !== undefined && count === 0)
        ? `inconclusiveLimit: ${count === 2 ? 1 : 2}`
        : 'interval: 60s\ncount: 3\ninconclusiveLimit: 2',
    );
  }

  const delayText = filled(String(metric.initialDelay ?? ''), values);
  const delay = delayText === '' ? 0 : secondsIn(delayText);
  if (Number.isNaN(delay)) return;
  const retries = wholeIn(metric.consecutiveErrorLimit, values) ?? CONSECUTIVE_ERROR_LIMIT;
  const start = startSeconds + 2 * scrapeSeconds;
  if (phases[0] === 'Error' && delay + retries * RETRY_SECONDS < start) {
    report(
      'too-few-retries',
      object.at(path),
      `after ${seconds(delay + retries * RETRY_SECONDS)} without data the rollout is aborted: a pod needs ${seconds(startSeconds)} to start, and two scrapes, each ${seconds(scrapeSeconds)}`,
      `consecutiveErrorLimit: ${Math.ceil((start - delay) / RETRY_SECONDS)}`,
    );
  }
  if (query === undefined) return;
  const window = Math.max(0, ...windowsIn(query).map((each) => (Number.isNaN(each.seconds) ? 0 : each.seconds)));
  const isFromStart = uses.some(({ role, isFromStart }) => role === 'background' && isFromStart);
  const least = window + 2 * scrapeSeconds + (isFromStart ? startSeconds : 0);
  if (window > 0 && delay < least) {
    report(
      'delay-shorter-than-window',
      object.at(path),
      `the first measurement comes ${delay === 0 ? 'at once' : `${seconds(delay)} after the run begins`}, and looks back ${seconds(window)}: at pods that are not there yet, or at the step before`,
      `initialDelay: ${seconds(least)}`,
    );
  }
}

/** An integer, or one that an argument gives, `NaN` of one without a value; `undefined` where there is none. */
function wholeIn(value: number | string | undefined, values: Readonly<Record<string, string>>): number | undefined {
  return value === undefined || value === '' ? undefined : Number(filled(String(value), values));
}
