import { CONSECUTIVE_ERROR_LIMIT, type RawMetric } from '../../controllers/argo/template.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { secondsIn } from '../../go/duration.js';
import type { Answer } from '../../prometheus.js';
import { seconds } from '../../queries/series.js';
import { fillIn, wholeIn } from './arguments.js';
import {
  areRefused,
  type Conditions,
  comparisonIn,
  isNotKnown,
  lintConditions,
  NOTHING,
  phaseOf,
  vectorOf,
} from './conditions.js';
import type { MetricUses } from './metric-limits.js';
import { isScalar, mayBeNaN } from './query-answers.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { Setting } from './rules.js';

// The seconds that Argo Rollouts waits after an error.
const RETRY_SECONDS = 10;

/** Lints the query of a metric with its conditions, and the time of its first measurement. */
export function lintMetric(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  { uses, values, isDryRun }: MetricUses,
  setting: Setting,
): void {
  const { report, scrapeSeconds, startSeconds } = setting;
  const source = String(metric.provider?.prometheus?.query ?? '');
  const written = {
    successCondition: String(metric.successCondition ?? ''),
    failureCondition: String(metric.failureCondition ?? ''),
  };
  const given: Conditions = {
    successCondition: fillIn(written.successCondition, values),
    failureCondition: fillIn(written.failureCondition, values),
  };
  // If an argument has no value, any number shows how missing data is judged, but none shows how much is too much.
  const conditions = fillWith(given, '0.5');
  const isKnown =
    conditions.successCondition + conditions.failureCondition === given.successCondition + given.failureCondition;
  const bound = comparisonIn(conditions.successCondition) ?? comparisonIn(conditions.failureCondition);
  const isRange = metric.provider?.prometheus?.rangeQuery !== undefined;
  const hasConditions = written.successCondition + written.failureCondition !== '';
  const beyond = (['successCondition', 'failureCondition'] as const).find((field) => isNotKnown(conditions[field]));
  const query = lintQuery({
    controller: 'argo',
    object,
    path: [...path, 'provider', 'prometheus', 'query'],
    source,
    values,
    report,
    scrapeSeconds,
    judgesAll:
      hasConditions &&
      !/\b(?:result\s*\[|(?:first|last|get)\s*\()/.test(`${written.successCondition} ${written.failureCondition}`),
    ...(isKnown && hasConditions && beyond === undefined
      ? { judge: (answer: Answer) => phaseOf(conditions, answer).phase }
      : {}),
    ...(isKnown && bound !== undefined && beyond === undefined ? { threshold: Number(bound.bound) } : {}),
  });
  if (beyond !== undefined) {
    report(
      'unknown-function',
      object.at([...path, beyond]),
      'the condition has a part that Coalmine does not evaluate: its verdict on a result is not known',
      'try it with the controller; the other parts of the metric were linted',
    );
    return;
  }
  // An argument may be more than a number, such as the whole condition. Then its value decides everything.
  const isOther = (text: string): boolean => !areRefused(fillWith(given, text));
  if (!isKnown && areRefused(conditions) && ['true', '"a"', '< 1'].some(isOther)) return;
  const [first] = (['successCondition', 'failureCondition'] as const).filter((field) => written[field] !== '');
  const canBeNaN = query === undefined || mayBeNaN(query);
  const isUsable = lintConditions({
    conditions,
    written,
    isScalar: !isRange && query !== undefined && isScalar(query),
    mayBeNaN: canBeNaN,
    isDryRun,
    place: object.at(first === undefined ? path : [...path, first]),
    report,
  });
  if (!isUsable) return;

  const phases = [NOTHING, ...(canBeNaN ? [vectorOf(Number.NaN)] : [])].map(
    (answer) => phaseOf(conditions, answer).phase,
  );
  if (!isDryRun && phases.includes('Inconclusive') && (wholeIn(metric.inconclusiveLimit, values) ?? 0) === 0) {
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

  const delayText = fillIn(String(metric.initialDelay ?? ''), values);
  const delay = delayText === '' ? 0 : secondsIn(delayText);
  if (Number.isNaN(delay)) return;
  const retries = wholeIn(metric.consecutiveErrorLimit, values) ?? CONSECUTIVE_ERROR_LIMIT;
  const isFromStart = uses.some((use) => use.isFromStart);
  // When a step or a promotion measures, the pods have started.
  const isStarted = uses.length > 0 && !isFromStart;
  const start = (isStarted ? 0 : startSeconds) + 2 * scrapeSeconds;
  if (!isDryRun && phases[0] === 'Error' && delay + retries * RETRY_SECONDS < start) {
    report(
      'too-few-retries',
      object.at(path),
      `after ${seconds(delay + retries * RETRY_SECONDS)} without data the rollout is aborted: ${isStarted ? 'a pod needs' : `a pod needs ${seconds(startSeconds)} to start, and`} two scrapes, each ${seconds(scrapeSeconds)}`,
      `consecutiveErrorLimit: ${Math.ceil((start - delay) / RETRY_SECONDS)}`,
      // A template alone does not show whether its run begins with the rollout.
      uses.length === 0 ? 'warning' : 'error',
    );
  }
  if (query === undefined) return;
  const window = Math.max(0, ...windowsIn(query).map((each) => (Number.isNaN(each.seconds) ? 0 : each.seconds)));
  const least = window + 2 * scrapeSeconds + (isFromStart ? startSeconds : 0);
  if (window > 0 && delay < least) {
    report(
      'delay-shorter-than-window',
      object.at(path),
      `the first measurement comes ${delay === 0 ? 'at once' : `${seconds(delay)} after the run begins`}, and looks back ${seconds(window)}: at a time before the pods, or at the previous step`,
      `initialDelay: ${seconds(least)}`,
    );
  }
}

/** Returns conditions with a text in place of each argument that has no value. */
function fillWith({ successCondition, failureCondition }: Conditions, text: string): Conditions {
  const withText = (condition: string): string => condition.replace(/\{\{.*?\}\}/g, text);
  return { successCondition: withText(successCondition), failureCondition: withText(failureCondition) };
}
