import { describe, expect, it } from 'vitest';
import { judge } from './judge.js';

type Answer = Parameters<typeof judge>[1];
const vector = (...values: readonly (number | undefined)[]): Answer =>
  ({
    type: 'vector',
    values: values.map((value) => ({ labels: {}, ...(value === undefined ? {} : { value }) })),
  }) as Answer;
const judged = (answer: Answer, range: { min?: number; max?: number } = {}, isDuration = false): string => {
  const { phase, values, message } = judge({ isDuration, min: range.min, max: range.max }, answer);
  return `${phase} [${values}]${message === undefined ? '' : ` ${message}`}`;
};

describe('Flagger', () => {
  it.each<[string, Answer, { min?: number; max?: number }, string]>([
    ['at its upper bound', vector(1), { max: 1 }, 'Successful [1]'],
    ['above it', vector(1.5), { max: 1 }, 'Failed [1.5] 1.5 > 1'],
    ['at its lower bound', vector(99), { min: 99 }, 'Successful [99]'],
    ['below it', vector(98), { min: 99 }, 'Failed [98] 98 < 99'],
    ['between both', vector(5), { min: 1, max: 9 }, 'Successful [5]'],
    ['without bounds', vector(-7), {}, 'Successful [-7]'],
    ['that is infinite', vector(Number.POSITIVE_INFINITY), { max: 1 }, 'Failed [Infinity] Infinity > 1'],
    ['that is no number', vector(Number.NaN), { max: 1 }, 'Error [NaN] no values found'],
    ['that is the last of several', vector(9, 0), { max: 1 }, 'Successful [9,0]'],
    ['after which a bad one comes', vector(0, 9), { max: 1 }, 'Failed [0,9] 9 > 1'],
    ['that is missing', vector(), { max: 1 }, 'Error [] no values found'],
    ['that is a histogram', vector(1, undefined), { max: 1 }, 'Error [1] a native histogram makes Flagger panic'],
    ['after a histogram', vector(undefined, 1), { max: 1 }, 'Successful [1]'],
    [
      'that is a scalar',
      { type: 'scalar', value: 1 } as Answer,
      { max: 1 },
      'Error [] a scalar cannot be decoded: the query must return a vector',
    ],
  ])('judges a value %s', (_, answer, range, verdict) => {
    expect(judged(answer, range)).toBe(verdict);
  });

  it('cuts the fraction off a duration', () => {
    expect(judged(vector(500.9), { max: 500 }, true)).toBe('Successful [500.9]');
    expect(judged(vector(501.2), { max: 500 }, true)).toBe('Failed [501.2] 501 > 500');
  });
});
