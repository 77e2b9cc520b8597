import { describe, expect, it } from 'vitest';
import { quantiles } from './histogram.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Returns a quantile of the one histogram with these buckets. */
function quantileOf(quantile: number, buckets: readonly (readonly [le: string, count: number])[]): number | undefined {
  return quantiles(
    quantile,
    buckets.map(([le, value]) => ({ labels: { le }, value })),
  )[0]?.value;
}

const BUCKETS = [
  ['0.1', 10],
  ['0.5', 30],
  ['1', 30],
  ['+Inf', 40],
] as const;

describe('a quantile of a histogram', () => {
  it.each<[quantile: number, value: number]>([
    [0, 0],
    [0.125, 0.05],
    [0.25, 0.1],
    [0.5, 0.3],
    [0.75, 0.5],
    // Above the last finite bound, nothing more is known.
    [0.76, 1],
    [1, 1],
    [-0.1, -inf],
    [1.1, inf],
    [nan, nan],
  ])('%d is %d', (quantile, value) => {
    expect(Number(quantileOf(quantile, BUCKETS)?.toFixed(9))).toBe(value);
  });

  it('does not depend on the order of the buckets', () => {
    expect(quantileOf(0.5, [...BUCKETS].reverse())).toBeCloseTo(0.3, 12);
  });

  it('begins at a lowest bound that is not above zero', () => {
    expect(
      quantileOf(0.1, [
        ['-1', 10],
        ['1', 20],
        ['+Inf', 20],
      ]),
    ).toBe(-1);
    expect(
      quantileOf(0.1, [
        ['0', 10],
        ['1', 20],
        ['+Inf', 20],
      ]),
    ).toBe(0);
    expect(
      quantileOf(0.75, [
        ['-1', 10],
        ['1', 20],
        ['+Inf', 20],
      ]),
    ).toBe(0);
  });

  it('adds buckets of the same bound, and never counts down', () => {
    expect(
      quantileOf(0.5, [
        ['1', 5],
        ['1.0', 5],
        ['2', 8],
        ['+Inf', 20],
      ]),
    ).toBe(1);
    // 8 at the bound 2 counts as 10, so the rank 12 is two fifths of the way from 10 to 15.
    const falling = [
      ['1', 10],
      ['2', 8],
      ['3', 15],
      ['+Inf', 20],
    ] as const;
    expect(quantileOf(0.6, falling)).toBeCloseTo(2.4, 12);
  });

  it.each<[what: string, buckets: readonly (readonly [string, number])[]]>([
    [
      'has no bucket for everything',
      [
        ['0.1', 1],
        ['1', 2],
      ],
    ],
    ['has no finite bucket', [['+Inf', 2]]],
    [
      'has observed nothing',
      [
        ['1', 0],
        ['+Inf', 0],
      ],
    ],
    [
      'has no number as its total',
      [
        ['1', 1],
        ['+Inf', nan],
      ],
    ],
  ])('is not a number if it %s', (_what, buckets) => {
    expect(quantileOf(0.5, buckets)).toBeNaN();
  });

  it('is taken for each set of the other labels, from buckets with a bound', () => {
    const element = (pod: string, le: string, value: number) => ({ labels: { pod, le }, value });
    const elements = [
      element('a', '1', 1),
      element('b', '1', 1),
      element('a', '+Inf', 1),
      element('b', '+Inf', 2),
      element('a', 'much', 9),
      { labels: { pod: 'c' }, value: 1 },
    ];
    expect(quantiles(1, elements)).toEqual([
      { labels: { pod: 'a' }, value: 1 },
      { labels: { pod: 'b' }, value: 1 },
    ]);
    expect(quantiles(0.5, elements)[1]?.value).toBe(1);
    expect(quantiles(0.5, [])).toEqual([]);
  });
});
