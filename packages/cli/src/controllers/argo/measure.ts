import type { Answer, PrometheusClient } from '../../analyze/prometheus.js';
import type { Measurement, Phase } from '../../analyze/verdict.js';
import { compile } from '../../expr/compile.js';
import type { Type, Value } from '../../expr/type.js';
import type { ArgoMetric } from './template.js';

/** Takes one measurement, as the Prometheus provider of Argo Rollouts does. Never rejects: an error is a phase. */
export async function measure(
  metric: ArgoMetric,
  client: PrometheusClient,
  at: number,
  signal: AbortSignal | undefined,
): Promise<Measurement> {
  const { query, timeoutSeconds, headers, range } = metric.provider;
  const options = { timeoutSeconds, headers, ...(signal === undefined ? {} : { signal }) };
  try {
    const answer =
      range === undefined
        ? await client.query(query, at, options)
        : await client.queryRange(
            query,
            { start: timeOf(range.start, at), end: timeOf(range.end, at), step: range.step },
            options,
          );
    return { at, ...judged(metric, answer) };
  } catch (error) {
    return { at, phase: 'Error', values: [], message: (error as Error).message };
  }
}

/** What the conditions make of an answer. Throws where one cannot be evaluated. */
export function judged(
  { successCondition, failureCondition }: Pick<ArgoMetric, 'successCondition' | 'failureCondition'>,
  answer: Answer,
): { readonly phase: Phase; readonly values: readonly number[]; readonly message?: string } {
  if (answer.type === 'string') throw new Error('Prometheus metric type not supported');
  const values = valuesOf(answer);
  const [type, result]: [Type, Value] = answer.type === 'scalar' ? ['float', answer.value] : [{ of: 'float' }, values];
  const holds = (name: string, condition: string): boolean => {
    try {
      const program = compile(condition, { result: type });
      const holding = program.run({ result });
      if (typeof holding !== 'boolean') throw new Error('it must be true or false');
      return holding;
    } catch (error) {
      throw new Error(`could not evaluate ${name} ${JSON.stringify(condition)}: ${(error as Error).message}`);
    }
  };
  const failed = failureCondition !== '' && holds('failureCondition', failureCondition);
  const succeeded = successCondition !== '' && holds('successCondition', successCondition);
  if (failed) return { phase: 'Failed', values, message: `failureCondition ${failureCondition} holds` };
  if (succeeded || (successCondition === '' && failureCondition === '')) return { phase: 'Successful', values };
  if (failureCondition === '')
    return { phase: 'Failed', values, message: `successCondition ${successCondition} does not hold` };
  if (successCondition === '') return { phase: 'Successful', values };
  return { phase: 'Inconclusive', values, message: 'neither condition holds' };
}

function valuesOf(answer: Exclude<Answer, { type: 'string' }>): readonly number[] {
  if (answer.type === 'scalar') return [answer.value];
  if (answer.type === 'matrix') return answer.values;
  // Of a native histogram Argo reads the value that it does not have.
  return answer.values.map(({ value = 0 }) => value);
}

/** Seconds before a time at which a range query asks from there. */
export function reachOf({ provider: { range } }: ArgoMetric, at: number): number {
  return range === undefined ? 0 : at - timeOf(range.start, at);
}

/** A time of a range query, such as `now() - duration("5m")`, in epoch seconds. */
function timeOf(source: string, at: number): number {
  const time = compile(source, {}).run({}, new Date(1000 * at));
  if (!(time instanceof Date)) throw new Error(`${source} must be a time`);
  return time.getTime() / 1000;
}
