import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { showNumber, showResult } from '../controllers/shown.js';
import type { Measurement } from '../controllers/verdict.js';
import { findDecidingMetrics } from './argo-run.js';
import type { Reason } from './explanation.js';
import { lookAt, meaningOf } from './meaning.js';

/** Returns why a run of Argo Rollouts ended as it did, the first decided metric first. */
export function reasonsOf(result: AnalysisResult): readonly Reason[] {
  const deciding = findDecidingMetrics(result);
  const isNamed = ({ name }: MetricResult): boolean => result.message.includes(`"${name}"`);
  return together(
    [...deciding.filter(isNamed), ...deciding.filter((metric) => !isNamed(metric))].map((metric): Reason => {
      const bad = badOf(metric);
      const since = bad[0]?.at;
      const hasEarlier = bad.length < (exceededLimitOf(metric)?.used ?? 0);
      const { traces = [] } = metric;
      return {
        metrics: [metric.name],
        run: result.name,
        phase: metric.phase,
        says: metric.words ?? saysOf(metric, bad.at(-1)),
        evidence: evidenceOf(metric, bad),
        // A measurement without a time has 0.
        ...(since === undefined || since === 0 ? {} : { since, ...(hasEarlier ? { hasEarlier } : {}) }),
        ...(traces.length === 0 ? {} : { traces }),
      };
    }),
  );
}

/** Returns the measurements that count against a metric: of the errors, only those in a row at the end. */
function badOf({ measurements, phase }: MetricResult): readonly Measurement[] {
  if (phase !== 'Error') return measurements.filter((measurement) => measurement.phase === phase);
  return measurements.slice(measurements.findLastIndex((measurement) => measurement.phase !== phase) + 1);
}

/** Returns the limit that a metric has exceeded; `undefined` if none, or if its limits are not on record. */
function exceededLimitOf({ limits, phase }: MetricResult): MetricResult['limits'][number] | undefined {
  // A negative limit is none.
  return limits.find(({ name, used, limit }) => name === LIMITS[phase] && limit >= 0 && used > limit);
}

/** Returns the required number of good measurements in a row, if a metric ended because it did not reach that number. */
function missedLimitOf(metric: MetricResult): MetricResult['limits'][number] | undefined {
  if (metric.phase === 'Error' || exceededLimitOf(metric) !== undefined) return undefined;
  return metric.limits.find(({ name, used, limit }) => name === 'consecutiveSuccessLimit' && used < limit);
}

/** Returns reasons without repetition: a text that several metrics share, such as an empty result, is said once. */
function together(reasons: readonly Reason[]): readonly Reason[] {
  const bySays = new Map<string, Reason>();
  for (const reason of reasons) {
    const known = bySays.get(reason.says);
    bySays.set(
      reason.says,
      known === undefined ? reason : { ...known, metrics: [...known.metrics, ...reason.metrics] },
    );
  }
  return [...bySays.values()];
}

/**
 * Returns what to look at first for each of some metrics, without repetition. `isOurs` tells the metrics of the
 * generated templates from other metrics with the same name.
 */
export function lookingAt(
  reasons: readonly Reason[],
  metrics: readonly Pick<MetricResult, 'name' | 'measurements'>[],
  isOurs: (metric: string) => boolean,
): readonly string[] {
  const looks = reasons.flatMap(({ metrics: [metric], phase }) => {
    const measured = metrics.find(({ name }) => name === metric);
    const last = measured?.measurements.findLast((measurement) => measurement.phase === phase);
    if (phase === 'Error') return NO_VALUE.test(last?.message ?? '') ? LOOK_AT_LABELS : LOOK_AT_PROVIDER;
    const isEmpty = last !== undefined && isUnanswered(last);
    return isEmpty || isOurs(metric) ? (lookAt(metric, isEmpty) ?? []) : [];
  });
  return [...new Set(looks)];
}

const LOOK_AT_PROVIDER =
  'Run the query of the metric by hand: Prometheus (or another provider of the metric), its address or the query fails.';
const LOOK_AT_LABELS =
  'The query returned nothing, and the condition of the metric needs a value. Check that the canary is measured, and the labels of the query.';
// Argo Rollouts 1.10, and the versions before.
const NO_VALUE = /no data returned from the metric provider|array length is 0|index out of range/;

/** Whether a metric of a run has the conditions of the generated templates, which its name alone does not tell. */
export function hasGeneratedConditions({ successCondition, failureCondition }: MetricResult): boolean {
  if (successCondition === undefined && failureCondition === undefined) return true;
  return successCondition?.startsWith('len(result) == 1 && result[0] ') ?? false;
}

/**
 * Whether a query returned no series. Flagger says so in words, and providers other than Prometheus have only words.
 */
function isUnanswered({ values, message }: Measurement): boolean {
  return values.length === 0 && (message === undefined || message === 'no values found');
}

/** Returns what a bad measurement says, in plain words. */
function saysOf(metric: MetricResult, last: Measurement | undefined): string {
  if (metric.phase === 'Error')
    return `the metric could not be measured: ${brief(last?.message ?? metric.message ?? 'no reason is on record')}`;
  const missed = missedLimitOf(metric);
  if (missed !== undefined)
    return `of the last measurements, ${missed.used} in a row were good, and ${missed.limit} are required (consecutiveSuccessLimit)`;
  const value = last?.values[0];
  const meaning =
    last === undefined || !hasGeneratedConditions(metric) || !(isUnanswered(last) || value !== undefined)
      ? undefined
      : meaningOf(metric.name, value);
  if (meaning !== undefined) return meaning;
  if (last === undefined) return brief(metric.message ?? 'no measurement is on record');
  if (last.values.length === 0 && last.message !== undefined)
    return [brief(last.message), ...boundsOf(metric)].join(', ');
  return [
    `the query returned ${showResult(last)}`,
    ...boundsOf(metric),
    ...(last.message === undefined ? [] : [brief(last.message)]),
  ].join(', ');
}

/** Returns the start of a message: a provider may pass on a whole page. */
function brief(message: string): string {
  return message.length > MOST_CHARACTERS ? `${message.slice(0, MOST_CHARACTERS)}…` : message;
}

function boundsOf({ thresholds, successCondition, failureCondition }: MetricResult): readonly string[] {
  if (thresholds.length > 0)
    return [`and is good ${thresholds.map(({ good, bound }) => `${good} ${showNumber(bound)}`).join(' and ')}`];
  return [
    ...(successCondition === undefined ? [] : [`and is good where ${successCondition}`]),
    ...(failureCondition === undefined ? [] : [`and is bad where ${failureCondition}`]),
  ];
}

/** Returns the measurements that count against a metric, and how many of them it may have. */
function evidenceOf(metric: MetricResult, bad: readonly Measurement[]): string {
  const { phase, measurements } = metric;
  if (missedLimitOf(metric) !== undefined) {
    return `${measurements.length} measurements on record: ${measurements.slice(-MOST).map(showResult).join('; ')}`;
  }
  const exceeded = exceededLimitOf(metric);
  const used = exceeded?.used ?? metric.limits.find(({ name }) => name === LIMITS[phase])?.used ?? bad.length;
  // A measurement with a message alone, such as an error, has no value to list.
  const measured = bad.filter(({ values, message }) => values.length > 0 || message === undefined);
  const values = measured.slice(-MOST).map(showResult);
  const listed = values.length === 0 ? '' : `: ${measured.length > MOST ? '…; ' : ''}${values.join('; ')}`;
  const allowed = exceeded === undefined ? '' : ` (${exceeded.name} ${exceeded.limit})`;
  return `${used} ${used === 1 ? 'measurement' : 'measurements'} ${phase}${allowed}${listed}`;
}

const MOST = 5;
const MOST_CHARACTERS = 500;
const LIMITS: Readonly<Record<string, string>> = {
  Failed: 'failureLimit',
  Inconclusive: 'inconclusiveLimit',
  Error: 'consecutiveErrorLimit',
};
