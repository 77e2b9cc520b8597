import { describe, expect, it } from 'vitest';
import { parseBounds } from './bounds.js';

const DEFAULTS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

describe('the bounds of the buckets', () => {
  it('are those that dashboards know, unless given', () => {
    expect(parseBounds(undefined, 0.5)).toEqual(DEFAULTS);
    expect(parseBounds([0.5, 1], 0.5)).toEqual([0.5, 1]);
  });

  it('always have the objective among them, in its place', () => {
    expect(parseBounds(undefined, 0.3)).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.3, 0.5, 1, 2.5, 5, 10]);
    expect(parseBounds([0.1, 1], 0.05)).toEqual([0.05, 0.1, 1]);
    expect(parseBounds([0.1, 1], 20)).toEqual([0.1, 1, 20]);
  });

  it('are a copy: the list that was given stays as it is', () => {
    const buckets = [0.1, 1];
    parseBounds(buckets, 0.3);
    expect(buckets).toEqual([0.1, 1]);
  });

  it.each<[unknown, string]>([
    [[], '[]'],
    [[1, 0.5], '[1, 0.5]'],
    [[0.5, 0.5], '[0.5, 0.5]'],
    [[0, 1], '[0, 1]'],
    [[-1, 1], '[-1, 1]'],
    [[1, Number.POSITIVE_INFINITY], '[1, Infinity]'],
    [[Number.NaN], '[NaN]'],
    [['0.5'], '["0.5"]'],
    [[undefined], '[undefined]'],
    [0.5, '0.5'],
    [null, 'null'],
    ['0.5', '"0.5"'],
    [{ 0: 1, length: 1 }, 'an object'],
  ])('refuse %j in one sentence', (buckets, shown) => {
    expect(() => parseBounds(buckets as never, 0.5)).toThrow(
      expect.objectContaining({
        code: 'COALMINE_INVALID_OPTION',
        message: `buckets must be an ascending list of finite numbers of seconds above 0, got ${shown}`,
      }),
    );
  });
});
