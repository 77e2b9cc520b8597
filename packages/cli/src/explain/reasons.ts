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
      const bad = metric.measurements.filter(({ phase }) => phase === metric.phase);
      const since = bad[0]?.at;
      const { traces = [] } = metric;
      return {
        metrics: [metric.name],
        run: result.name,
        phase: metric.phase,
        says: metric.words ?? saysOf(metric, bad.at(-1)),
        evidence: evidenceOf(metric, bad),
        ...(since === undefined ? {} : { since }),
        ...(traces.length === 0 ? {} : { traces }),
      };
    }),
  );
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

/** Returns what to look at first for each of some metrics, without repetition. */
export function lookingAt(
  reasons: readonly Reason[],
  metrics: readonly Pick<MetricResult, 'name' | 'measurements'>[],
): readonly string[] {
  const looks = reasons.flatMap(({ metrics: [metric], phase }) => {
    if (phase === 'Error') return ['Run the query of the metric by hand: Prometheus, its address or the query fails.'];
    const measured = metrics.find(({ name }) => name === metric);
    const last = measured?.measurements.findLast((measurement) => measurement.phase === phase);
    return lookAt(metric, last !== undefined && isUnanswered(last)) ?? [];
  });
  return [...new Set(looks)];
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
    return `the metric could not be measured: ${last?.message ?? metric.message ?? 'no reason is on record'}`;
  const value = last?.values[0];
  const meaning =
    last === undefined || !(isUnanswered(last) || value !== undefined) ? undefined : meaningOf(metric.name, value);
  if (meaning !== undefined) return meaning;
  if (last === undefined) return metric.message ?? 'no measurement is on record';
  if (last.values.length === 0 && last.message !== undefined) return [last.message, ...boundsOf(metric)].join(', ');
  return [
    `the query returned ${showResult(last)}`,
    ...boundsOf(metric),
    ...(last.message === undefined ? [] : [last.message]),
  ].join(', ');
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
  const name = LIMITS[metric.phase];
  const { used, limit } = metric.limits.find((each) => each.name === name) ?? { used: bad.length, limit: bad.length };
  const values = bad.slice(-MOST).map(showResult);
  const listed = values.length === 0 ? '' : `: ${bad.length > MOST ? '…; ' : ''}${values.join('; ')}`;
  const allowed = used > limit ? ` (${name} ${limit})` : '';
  return `${used} ${used === 1 ? 'measurement' : 'measurements'} ${metric.phase}${allowed}${listed}`;
}

const MOST = 5;
const LIMITS: Readonly<Record<string, string>> = {
  Failed: 'failureLimit',
  Inconclusive: 'inconclusiveLimit',
  Error: 'consecutiveErrorLimit',
};
