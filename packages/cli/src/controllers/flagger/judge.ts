import type { Answer } from '../../prometheus.js';
import type { Measurement } from '../verdict.js';
import type { CanaryMetric } from './canary.js';

/**
 * Returns Flagger's verdict on a result: the last element counts, and an empty result, `NaN` and an unreadable result
 * all fail.
 */
export function judge(
  metric: Pick<CanaryMetric, 'isDuration' | 'min' | 'max'>,
  answer: Answer,
): Omit<Measurement, 'at'> {
  if (answer.type !== 'vector') {
    return {
      phase: 'Error',
      values: [],
      message: `a ${answer.type} cannot be decoded: the query must return a vector`,
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
