import { CONSECUTIVE_ERROR_LIMIT, type RawMetric } from '../../controllers/argo/template.js';
import type { Path, Place, SourceObject } from '../../controllers/objects.js';
import { secondsIn } from '../../go/duration.js';
import type { Answer } from '../../prometheus.js';
import { seconds } from '../../queries/series.js';
import type { TemplateRule } from '../rules.js';
import { NOTHING, vectorOf } from './answer.js';
import { fillIn, type Values, wholeIn } from './arguments.js';
import { areRefused, type Conditions, comparisonIn, createPhaseOf, isNotKnown, lintConditions } from './conditions.js';
import type { Setting } from './findings.js';
import type { MetricUses } from './metric-limits.js';
import type { Query } from './query.js';
import { emptinessOf, isScalar, mayBeNaN } from './query-answers.js';
import { lintQuery, windowsIn } from './query-rules.js';

// The seconds that Argo Rollouts waits after an error.
const RETRY_SECONDS = 10;

/** Lints the query of a metric with its conditions, and the time of its first measurement. */
export function lintMetric(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  uses: MetricUses,
  setting: Setting,
): void {
  const { values, isDryRun } = uses;
  const { report, scrapeSeconds } = setting;
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
  const phaseOf = createPhaseOf(conditions);
  const isKnown =
    conditions.successCondition + conditions.failureCondition === given.successCondition + given.failureCondition;
  const bound = comparisonIn(conditions.successCondition) ?? comparisonIn(conditions.failureCondition);
  const isRange = metric.provider?.prometheus?.rangeQuery !== undefined;
  const hasConditions = written.successCondition + written.failureCondition !== '';
  const isRecord = isDryRun && conditions.successCondition.trim() === 'true' && conditions.failureCondition === '';
  const beyond = (['successCondition', 'failureCondition'] as const).find((field) => isNotKnown(conditions[field]));
  const areJudged = isKnown && hasConditions && beyond === undefined;
  const said = new Set<TemplateRule>();
  const query = lintQuery({
    controller: 'argo',
    object,
    path: [...path, 'provider', 'prometheus', 'query'],
    source,
    address: fillIn(String(metric.provider?.prometheus?.address ?? ''), values),
    values,
    report(rule, ...finding) {
      said.add(rule);
      report(rule, ...finding);
    },
    scrapeSeconds,
    isRecord,
    judgesAll:
      hasConditions &&
      !/\b(?:result\s*\[|(?:first|last|get)\s*\()/.test(`${written.successCondition} ${written.failureCondition}`),
    ...(areJudged ? { judge: (answer: Answer) => phaseOf(answer).phase } : {}),
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
  const emptiness = emptinessOf(query);
  const isUsable =
    isRecord ||
    lintConditions({
      conditions,
      phaseOf,
      written,
      isScalar: !isRange && query !== undefined && isScalar(query),
      isRange,
      isKnown,
      isCondemned: said.has('condemns-health'),
      mayBeNaN: canBeNaN,
      emptiness,
      abortingErrors: 1 + errorLimitOf(metric, values),
      isDryRun,
      place: object.at(first === undefined ? path : [...path, first]),
      report,
    });
  if (!isUsable) return;

  const asked: AskedMetric = { place: object.at(path), metric, uses, setting };
  const withoutData = emptiness.mayBeEmpty ? phaseOf(NOTHING).phase : undefined;
  const pauses = withoutData === 'Inconclusive' || (canBeNaN && phaseOf(vectorOf(Number.NaN)).phase === 'Inconclusive');
  if (pauses && !isDryRun) lintPause(asked);
  const delayText = fillIn(String(metric.initialDelay ?? ''), values);
  const delay = delayText === '' ? 0 : secondsIn(delayText);
  if (Number.isNaN(delay)) return;
  if (withoutData === 'Error' && !isDryRun) lintRetries(asked, delay);
  if (query !== undefined) lintDelay(asked, delay, query);
}

/** Returns how many Errors in a row are allowed; `NaN` for an argument without a value. */
function errorLimitOf({ consecutiveErrorLimit }: RawMetric, values: Values): number {
  return wholeIn(consecutiveErrorLimit, values) ?? CONSECUTIVE_ERROR_LIMIT;
}

/** A metric, with its place and its uses. */
interface AskedMetric {
  readonly place: Place;
  readonly metric: RawMetric;
  readonly uses: MetricUses;
  readonly setting: Setting;
}

/** Lints whether one measurement without data pauses the rollout. */
function lintPause({ place, metric, uses: { values }, setting: { report } }: AskedMetric): void {
  if ((wholeIn(metric.inconclusiveLimit, values) ?? 0) !== 0) return;
  const count = wholeIn(metric.count, values) ?? 0;
  report(
    'pauses-at-first',
    place,
    'the first measurement without data pauses the rollout until somebody looks',
    count > 1 || (metric.interval !== undefined && count === 0)
      ? `inconclusiveLimit: ${count === 2 ? 1 : 2}`
      : 'interval: 60s\ncount: 3\ninconclusiveLimit: 2',
  );
}

/** Lints whether the errors of a start without data abort the rollout. */
function lintRetries({ place, metric, uses: { uses, values }, setting }: AskedMetric, delay: number): void {
  const { report, scrapeSeconds, startSeconds } = setting;
  const retries = errorLimitOf(metric, values);
  // When a step or a promotion measures, the pods have started.
  const isStarted = uses.length > 0 && !uses.some((use) => use.isFromStart);
  const start = (isStarted ? 0 : startSeconds) + 2 * scrapeSeconds;
  const lasts = delay + retries * RETRY_SECONDS;
  if (lasts >= start) return;
  report(
    'too-few-retries',
    place,
    `after ${seconds(lasts)} without data the rollout is aborted: ${isStarted ? 'a pod needs' : `a pod needs ${seconds(startSeconds)} to start, and`} two scrapes, each ${seconds(scrapeSeconds)}`,
    `consecutiveErrorLimit: ${Math.ceil((start - delay) / RETRY_SECONDS)}`,
    // A template alone does not show whether its run begins with the rollout.
    uses.length === 0 ? 'warning' : 'error',
  );
}

/** Lints whether the first measurement looks back to a time before the release. */
function lintDelay({ place, uses: { uses }, setting }: AskedMetric, delay: number, query: Query): void {
  const { report, scrapeSeconds, startSeconds } = setting;
  // A subquery looks back on purpose.
  const windows = windowsIn(query).filter((each) => !each.isRepeated && !Number.isNaN(each.seconds));
  const window = Math.max(0, ...windows.map((each) => each.seconds));
  const least = window + 2 * scrapeSeconds + (uses.some((use) => use.isFromStart) ? startSeconds : 0);
  if (window === 0 || delay >= least) return;
  report(
    'delay-shorter-than-window',
    place,
    `the first measurement comes ${delay === 0 ? 'at once' : `${seconds(delay)} after the run begins`}, and looks back ${seconds(window)}: at a time before the pods, or at the previous step`,
    `initialDelay: ${seconds(least)}`,
  );
}

/** Returns conditions with a text in place of each argument that has no value. */
function fillWith({ successCondition, failureCondition }: Conditions, text: string): Conditions {
  const withText = (condition: string): string => condition.replace(/\{\{.*?\}\}/g, text);
  return { successCondition: withText(successCondition), failureCondition: withText(failureCondition) };
}
