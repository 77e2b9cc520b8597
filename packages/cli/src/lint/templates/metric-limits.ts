import { refusalOf } from '../../controllers/argo/limits.js';
import type { ResolvedRun, TemplateSpec } from '../../controllers/argo/runs.js';
import { CONSECUTIVE_ERROR_LIMIT, type RawMetric } from '../../controllers/argo/template.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { secondsIn } from '../../go/duration.js';
import { fillIn, type Values, wholeIn } from './arguments.js';
import type { Report, Setting } from './findings.js';
import { reportInvalidDuration } from './invalid-duration.js';
import { parseQuery } from './query.js';

/** How and where a metric is measured. */
export interface MetricUses {
  readonly uses: readonly ResolvedRun[];
  /** The values of arguments that have one. */
  readonly values: Values;
  /** Whether the measurements decide nothing. */
  readonly isDryRun: boolean;
}

/** Lints how often a metric is measured, and how many measurements may go wrong. */
export function lintLimits(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  { uses, values, isDryRun }: MetricUses,
  { report }: Setting,
): void {
  lintDurations(object, path, metric, values, report);
  const count = wholeIn(metric.count, values) ?? 0;
  const isInterval = metric.interval !== undefined && metric.interval !== '';
  if (count > 1 && !isInterval) {
    const message = `count is ${count}, but there is no interval: the controller refuses the template`;
    report('interval-missing', object.at([...path, 'count']), message, 'interval: 60s');
  }
  const limits = limitsOf(metric, values);
  const { failureLimit, inconclusiveLimit, consecutiveSuccessLimit } = limits;
  const refusal = refusalOf({ count, ...limits });
  for (const [limit, most] of [
    ['failureLimit', failureLimit],
    ['inconclusiveLimit', inconclusiveLimit],
  ] as const) {
    // Without enough successes in a row the metric is not a success.
    if (count <= 0 || !(most >= count) || consecutiveSuccessLimit > 0) continue;
    report(
      'limit-beyond-count',
      object.at([...path, limit]),
      most > count
        ? `${most} of ${count} measurements cannot go wrong: the controller refuses the metric, because count must be at least ${limit}`
        : `never more than ${most} of ${count} measurements are ${limit === 'failureLimit' ? 'failures' : 'inconclusive'}: the metric always ends as a success`,
      `${limit}: ${count - 1}`,
    );
  }
  if (count < 0) {
    const message = `count is ${count}, which the first measurement reaches: the metric is then a success, unless that measurement passed a limit`;
    report('limit-beyond-count', object.at([...path, 'count']), message, isInterval ? 'count: 5' : 'count: 1');
  }
  const isSaid = refusal !== undefined && Number(metric[refusal.field]) > count && consecutiveSuccessLimit === 0;
  if (refusal !== undefined && !isSaid) {
    const message = `the controller refuses the metric: ${refusal.reason}`;
    report('refused-count', object.at([...path, refusal.field]), message, 'write a value that the controller accepts');
  }
  const query = metric.provider?.prometheus?.query;
  if (!isDryRun && failureLimit === 0 && query !== undefined && !asksSeveralSpans(String(query), values)) {
    report(
      'one-failure-aborts',
      object.at(path),
      'one failed measurement aborts the rollout, even if only one of three requests failed',
      count > 1 || (isInterval && count === 0) ? 'failureLimit: 1' : 'interval: 60s\ncount: 3\nfailureLimit: 1',
    );
  }
  const step = uses.find(({ role }) => /^(?:a step|\w+PromotionAnalysis)$/.test(role));
  if (isInterval && step !== undefined) lintCountByArgument(object, path, metric, step, report);
  if (isInterval && count === 0 && step !== undefined) {
    const message = `an interval without a count means measurements without end, and ${step.object.name} waits for it as ${step.role}: it never ends`;
    report('endless-step', object.at([...path, 'interval']), message, 'count: 5');
  }
}

/**
 * Lints a count that an argument sets. Argo Rollouts checks the templates of a step and of a promotion before it fills the
 * arguments in: an argument without a value in the template counts as the text `dummy-value`, which is 0 as a number.
 */
function lintCountByArgument(
  object: SourceObject,
  path: Path,
  { count }: RawMetric,
  step: ResolvedRun,
  report: Report,
): void {
  const [, name] = /^\s*\{\{\s*args\.(.*?)\s*\}\}\s*$/.exec(String(count ?? '')) ?? [];
  const { args = [] } = object.spec as TemplateSpec;
  const argument = args.find((each) => each.name === name);
  if (argument === undefined || (argument.value !== undefined && argument.valueFrom === undefined)) return;
  report(
    'endless-step',
    object.at([...path, 'count']),
    `args.${name} has no value in the template, so Argo Rollouts takes the count for 0 and refuses ${step.object.name}, because ${step.role} would never end: the value that ${step.object.name} gives does not change this`,
    `give args.${name} a value in the template, such as value: "5"`,
  );
}

function lintDurations(object: SourceObject, path: Path, metric: RawMetric, values: Values, report: Report): void {
  for (const field of ['initialDelay', 'interval'] as const) {
    const text = fillIn(String(metric[field] ?? ''), values);
    if (text === '' || text.includes('{{') || !Number.isNaN(secondsIn(text))) continue;
    const repair = Number.isFinite(Number(text)) ? `${field}: ${text}s` : `${field}: 60s`;
    const consequence = 'the controller refuses the template';
    reportInvalidDuration({ object, path: [...path, field], text, consequence, repair }, report);
  }
}

function limitsOf(metric: RawMetric, values: Values) {
  return {
    failureLimit: wholeIn(metric.failureLimit, values) ?? 0,
    inconclusiveLimit: wholeIn(metric.inconclusiveLimit, values) ?? 0,
    consecutiveErrorLimit: wholeIn(metric.consecutiveErrorLimit, values) ?? CONSECUTIVE_ERROR_LIMIT,
    consecutiveSuccessLimit: wholeIn(metric.consecutiveSuccessLimit, values) ?? 0,
  };
}

/** Whether a query combines several spans of time by a sum or a minimum: then one measurement counts as several. */
function asksSeveralSpans(source: string, values: Values): boolean {
  const query = parseQuery(source, values);
  if ('error' in query) return false;
  return query.parts.some(
    (part) => part.kind === 'call' && /^(?:sum|min)_over_time$/.test(part.name) && part.args[0]?.kind === 'subquery',
  );
}
