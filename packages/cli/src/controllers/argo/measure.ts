import { AnalysisError } from '../../analysis-error.js';
import { createCondition, type Result, timeOf } from '../../expr/argo.js';
import { memoize } from '../../memoize.js';
import { NotKnownHereError } from '../../not-known-here.js';
import type { Answer, Asked } from '../../prometheus.js';
import type { Measurement, Phase } from '../verdict.js';
import type { ArgoMetric } from './template.js';

/**
 * Takes one measurement, as the Prometheus provider of Argo Rollouts does. An error is a phase. Rejects with
 * `AnalysisError` if a condition has a part that is not known here.
 */
export async function measure(
  metric: ArgoMetric,
  client: Asked,
  at: number,
  signal: AbortSignal | undefined,
): Promise<Measurement> {
  const { query, timeoutSeconds, headers, range, fault } = metric.provider;
  const options = { timeoutSeconds, headers, ...(signal === undefined ? {} : { signal }) };
  try {
    if (fault !== undefined) throw new Error(fault);
    if (Number.isNaN(range?.step)) throw new Error('rangeQuery.step is not a duration such as 30s');
    const answer =
      range === undefined
        ? await client.query(query, at, options)
        : await client.queryRange(
            query,
            { start: timeOf(range.start, at), end: timeOf(range.end, at), step: range.step },
            options,
          );
    return { at, ...judgeOf(metric)(answer) };
  } catch (error) {
    // The controller's verdict is not known, so there is no verdict, unless the metric is a dry run.
    if (error instanceof NotKnownHereError && !metric.isDryRun)
      throw new AnalysisError(`metric ${metric.name}: ${error.message}`);
    return { at, phase: 'Error', values: [], message: (error as Error).message };
  }
}

/** Returns the judge of a metric, whose conditions are compiled once for all measurements. */
const judgeOf = memoize<ArgoMetric, Judge>(createJudge);

/** The verdict of the conditions of a metric on a result. */
interface Judgement {
  readonly phase: Phase;
  readonly values: readonly number[];
  readonly message?: string;
}

/** Judges a result by the conditions of a metric. */
type Judge = (answer: Answer) => Judgement;

/**
 * Returns a function that judges results by the conditions of a metric. The function throws an `Error` if the controller
 * cannot evaluate a condition, and `NotKnownHereError` if that is not known.
 */
export function createJudge({
  successCondition,
  failureCondition,
}: Pick<ArgoMetric, 'successCondition' | 'failureCondition'>): Judge {
  const isSuccess = createNamedCondition('successCondition', successCondition);
  const isFailure = createNamedCondition('failureCondition', failureCondition);
  return (answer) => {
    if (answer.type === 'string') throw new Error('Prometheus metric type not supported');
    const values = valuesOf(answer);
    const result = answer.type === 'scalar' ? answer.value : values;
    const succeeded = successCondition !== '' && isSuccess(result);
    const failed = failureCondition !== '' && isFailure(result);
    if (failed) return { phase: 'Failed', values, message: `failureCondition ${failureCondition} holds` };
    if (succeeded || successCondition === '') return { phase: 'Successful', values };
    if (failureCondition === '')
      return { phase: 'Failed', values, message: `successCondition ${successCondition} does not hold` };
    return { phase: 'Inconclusive', values, message: 'neither condition holds' };
  };
}

/** Returns a condition whose errors name the condition. */
function createNamedCondition(name: string, condition: string): (result: Result) => boolean {
  const holds = createCondition(condition);
  return (result) => {
    try {
      return holds(result);
    } catch (error) {
      const which = `${name} ${JSON.stringify(condition)}`;
      if (error instanceof NotKnownHereError) throw new NotKnownHereError(`${error.what}, in ${which}`);
      throw new Error(`could not evaluate ${which}: ${(error as Error).message}`);
    }
  };
}

function valuesOf(answer: Exclude<Answer, { type: 'string' }>): readonly number[] {
  if (answer.type === 'scalar') return [answer.value];
  if (answer.type === 'matrix') return answer.values;
  // Argo reads 0 for a native histogram, which has no value.
  return answer.values.map(({ value = 0 }) => value);
}

/** Returns the seconds before a time at which a range query starts. */
export function reachOf({ provider: { range } }: ArgoMetric, at: number): number {
  return range === undefined ? 0 : at - timeOf(range.start, at);
}
