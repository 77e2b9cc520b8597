import { refusalOf } from '../../controllers/argo/limits.js';
import type { ResolvedRun } from '../../controllers/argo/runs.js';
import { CONSECUTIVE_ERROR_LIMIT, type RawMetric } from '../../controllers/argo/template.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { secondsIn } from '../../go/duration.js';
import { filled, type Values, wholeIn } from './arguments.js';
import { parseQuery } from './query.js';
import type { Report, Setting } from './rules.js';

/** What is known of where a metric is measured. */
export interface MetricUses {
  readonly uses: readonly ResolvedRun[];
  /** Of the arguments that have one. */
  readonly values: Values;
  /** Whether nothing comes of what is measured. */
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
    const message = `count is ${count}, and nothing says how far apart: the controller refuses the template`;
    report('interval-missing', object.at([...path, 'count']), message, 'interval: 60s');
  }
  const limits = limitsOf(metric, values);
  const { failureLimit, inconclusiveLimit, consecutiveSuccessLimit } = limits;
  const refusal = refusalOf({ count, ...limits });
  for (const [limit, most] of [
    ['failureLimit', failureLimit],
    ['inconclusiveLimit', inconclusiveLimit],
  ] as const) {
    // Without enough successes in a row the metric is no success.
    if (count <= 0 || !(most >= count) || consecutiveSuccessLimit > 0) continue;
    report(
      'limit-beyond-count',
      object.at([...path, limit]),
      most > count
        ? `of ${count} measurements ${most} cannot go wrong: the controller refuses the metric, because count must be at least ${limit}`
        : `of ${count} measurements never more than ${most} are ${limit === 'failureLimit' ? 'failures' : 'inconclusive'}: the metric ends as a success whatever it sees`,
      `${limit}: ${count - 1}`,
    );
  }
  if (count < 0) {
    const message = `count is ${count}, which the first measurement has reached: the metric then is a success, unless that measurement passed a limit`;
    report('limit-beyond-count', object.at([...path, 'count']), message, isInterval ? 'count: 5' : 'count: 1');
  }
  const isSaid = refusal !== undefined && Number(metric[refusal.field]) > count && consecutiveSuccessLimit === 0;
  if (refusal !== undefined && !isSaid) {
    const message = `the controller refuses the metric: ${refusal.reason}`;
    report('refused-count', object.at([...path, refusal.field]), message, 'write what the controller takes');
  }
  const query = metric.provider?.prometheus?.query;
  if (!isDryRun && failureLimit === 0 && query !== undefined && !asksSeveralSpans(String(query), values)) {
    report(
      'one-failure-aborts',
      object.at(path),
      'one measurement that fails aborts the rollout, be it by one request of three that failed',
      count > 1 || (isInterval && count === 0) ? 'failureLimit: 1' : 'interval: 60s\ncount: 3\nfailureLimit: 1',
    );
  }
  const step = uses.find(({ role }) => /^(?:a step|\w+PromotionAnalysis)$/.test(role));
  if (isInterval && count === 0 && step !== undefined) {
    const message = `an interval without a count is measured for ever, and ${step.object.name} waits for it as ${step.role}: it never ends`;
    report('endless-step', object.at([...path, 'interval']), message, 'count: 5');
  }
}

function lintDurations(object: SourceObject, path: Path, metric: RawMetric, values: Values, report: Report): void {
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
}

function limitsOf(metric: RawMetric, values: Values) {
  return {
    failureLimit: wholeIn(metric.failureLimit, values) ?? 0,
    inconclusiveLimit: wholeIn(metric.inconclusiveLimit, values) ?? 0,
    consecutiveErrorLimit: wholeIn(metric.consecutiveErrorLimit, values) ?? CONSECUTIVE_ERROR_LIMIT,
    consecutiveSuccessLimit: wholeIn(metric.consecutiveSuccessLimit, values) ?? 0,
  };
}

/** Whether a query adds up or takes the least of what several spans of time say: then one measurement is several. */
function asksSeveralSpans(source: string, values: Values): boolean {
  const query = parseQuery(source, values);
  if ('error' in query) return false;
  return query.parts.some(
    (part) => part.kind === 'call' && /^(?:sum|min)_over_time$/.test(part.name) && part.args[0]?.kind === 'subquery',
  );
}
