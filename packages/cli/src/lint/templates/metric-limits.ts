import type { RawMetric } from '../../analyze/argo/template.js';
import { filled, type Values, wholeIn } from './arguments.js';
import { secondsIn } from './duration.js';
import { parseQuery } from './query.js';
import type { TemplateUse } from './rollout.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';

/** Lints how often a metric is measured, and how many measurements may go wrong. */
export function lintLimits(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  uses: readonly TemplateUse[],
  values: Values,
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
  const query = metric.provider?.prometheus?.query;
  if (
    (wholeIn(metric.failureLimit, values) ?? 0) === 0 &&
    query !== undefined &&
    !asksSeveralSpans(String(query), values)
  ) {
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

/** Whether a query adds up or takes the least of what several spans of time say: then one measurement is several. */
function asksSeveralSpans(source: string, values: Values): boolean {
  const query = parseQuery(source, values);
  if ('error' in query) return false;
  return query.parts.some(
    (part) => part.kind === 'call' && /^(?:sum|min)_over_time$/.test(part.name) && part.args[0]?.kind === 'subquery',
  );
}
