import type { Answer } from '../../prometheus.js';
import type { Measurement } from '../verdict.js';
import type { CanaryMetric } from './canary.js';

/** What Flagger makes of an answer: the last element counts, and nothing, `NaN` and what it cannot read all fail. */
export function judged(
  metric: Pick<CanaryMetric, 'isDuration' | 'min' | 'max'>,
  answer: Answer,
): Omit<Measurement, 'at'> {
  if (answer.type !== 'vector') {
    return {
      phase: 'Error',
      values: [],
      message: `a ${answer.type} cannot be decoded: the query must answer a vector`,
    };
  }
  const last = answer.values.at(-1);
  const values = answer.values.flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (last !== undefined && last.value === undefined) {
    return { phase: 'Error', values, message: 'a native histogram makes Flagger panic' };
  }
  if (last?.value === undefined || Number.isNaN(last.value))
    return { phase: 'Error', values, message: 'no values found' };
  const value = metric.isDuration ? Math.trunc(last.value) : last.value;
  const { min, max } = metric;
  if (min !== undefined && value < min) return { phase: 'Failed', values, message: `${value} < ${min}` };
  if (max !== undefined && value > max) return { phase: 'Failed', values, message: `${value} > ${max}` };
  return { phase: 'Successful', values };
}
