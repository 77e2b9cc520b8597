import { describe, expect, it } from 'vitest';
import { NotKnown } from './elements.js';
import { meanOf, mostOf, quantileOf, type Sample, timesWithin, varianceOf, windowValue } from './windows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Returns samples from values that are 10 s apart, the first at `from`; `undefined` for a missing one. */
function every10(from: number, ...values: readonly (number | undefined)[]): readonly Sample[] {
  return values.flatMap((value, i) => (value === undefined ? [] : [{ at: from + 10 * i, value }]));
}

const resultOf = (name: string, samples: readonly Sample[], start = 0, end = 60): number | undefined =>
  windowValue(name, { labels: {}, start, end, samples });

describe('the times of the steps within a window', () => {
  it.each<[start: number, end: number, step: number, times: number[]]>([
    [0, 0, 15, []],
    [0, 14, 15, []],
    [0, 15, 15, [15]],
    [15, 45, 15, [30, 45]],
    [-31, 1, 15, [-30, -15, 0]],
    [1, 2, 0.5, [1.5, 2]],
    [30, 0, 15, []],
  ])('after %d up to %d, each %d s', (start, end, step, times) => {
    // A step before zero must not become -0.
    expect(timesWithin(start, end, step).map((time) => time + 0)).toEqual(times);
  });
});

describe('a function of the samples in a window', () => {
  it.each<[name: string, values: number[], value: number | undefined]>([
    ['count_over_time', [nan], 1],
    ['present_over_time', [nan], 1],
    ['first_over_time', [3, 2, 1], 3],
    ['last_over_time', [3, 2, 1], 1],
    ['max_over_time', [nan, 1, 5, nan, 3], 5],
    ['min_over_time', [nan, 4, -inf, nan], -inf],
    ['max_over_time', [nan, nan], nan],
    ['sum_over_time', [1, 2, 4], 7],
    ['avg_over_time', [1, 2, 6], 3],
    ['stdvar_over_time', [1, 3], 1],
    ['stddev_over_time', [2, 6], 2],
    ['changes', [1, 1, 2, 2, 1], 2],
    ['changes', [nan, nan, 1, nan], 2],
    ['resets', [5, 1, 3, 2, 2, nan, 0], 2],
    ['idelta', [1, 7, 4], -3],
    ['irate', [1, 7, 4], 0.4],
    ['irate', [1, 4, 7], 0.3],
    ['deriv', [1, 2, 3, 4], 0.1],
    ['deriv', [4, 4], 0],
    // Nothing grows between two samples that are not there.
    ['irate', [1], undefined],
    ['rate', [1], undefined],
    ['delta', [1], undefined],
  ])('%s of %j is %s', (name, values, value) => {
    const result = resultOf(name, every10(10, ...values));
    expect(result === undefined ? result : Number(result.toFixed(9))).toBe(value);
  });

  it('is not known if Prometheus does not have it', () => {
    expect(() => resultOf('holt_winters', every10(10, 1))).toThrow(NotKnown);
  });
});

describe('the increase in a window', () => {
  it.each<[what: string, samples: readonly Sample[], increase: number]>([
    // Samples at 5, 15, ..., 55 s: half a step is missing on both sides.
    ['is extrapolated to both ends', every10(5, 100, 110, 120, 130, 140, 150), 60],
    ['of samples on both ends is what they grew by', every10(0, 1, 2, 3, 4, 5, 6, 7), 6],
    ['of a series that begins late is extrapolated by half a step', every10(30, 100, 110, 120, 130), 35],
    ['of a series that ends early is extrapolated by half a step', every10(0, 100, 110, 120), 25],
    ['begins at the start, if its first sample is about one step late', every10(10.5, 100, 110, 120, 130, 140), 60],
    ['is not extrapolated below zero', every10(5, 1, 11, 21, 31, 41, 51), 56],
    ['of a counter that begins at zero is not extrapolated to the start', every10(5, 0, 10, 20, 30, 40, 50), 55],
    ['of a counter that does not grow is nothing', every10(5, 7, 7, 7, 7, 7, 7), 0],
    ['counts what came before and after a reset', every10(0, 10, 20, 5, 15, 0, 10, 20), 10 + 5 + 10 + 0 + 10 + 10],
  ])('%s', (_what, samples, increase) => {
    expect(resultOf('increase', samples)).toBeCloseTo(increase, 9);
    expect(resultOf('rate', samples)).toBeCloseTo(increase / 60, 9);
  });

  it('of a gauge has no resets and no zero', () => {
    expect(resultOf('delta', every10(5, 50, 40, 30, 20, 10, 0))).toBeCloseTo(-60, 9);
    expect(resultOf('delta', every10(5, 1, 11, 21, 31, 41, 51))).toBeCloseTo(60, 9);
  });
});

describe('a statistic', () => {
  it.each<[quantile: number, values: number[], value: number]>([
    [0.5, [], nan],
    [0.5, [3], 3],
    [0.5, [4, 1, 2, 3], 2.5],
    [0, [2, 1], 1],
    [1, [2, 1], 2],
    [0.25, [0, 4], 1],
    [-0.1, [1], -inf],
    [1.1, [1], inf],
    [nan, [1], nan],
    // NaN counts as the smallest.
    [0, [1, nan], nan],
    [1, [nan, 1], 1],
  ])('quantile %d of %j is %d', (quantile, values, value) => {
    expect(quantileOf(quantile, values)).toBe(value);
  });

  it('is over all of the values', () => {
    expect([meanOf([1, 2, 6]), varianceOf([5]), mostOf([2, 3, 1]), mostOf([2, 3, 1], -1)]).toEqual([3, 0, 3, 1]);
    expect([mostOf([1, nan]), mostOf([nan, 1])]).toEqual([1, 1]);
  });
});
