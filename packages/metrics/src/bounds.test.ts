import { describe, expect, it } from 'vitest';
import { parseBounds } from './bounds.js';
import type { Objective } from './objective.js';

const objective = (latency: number, patience = 4 * latency): Objective => ({ latency, patience });

describe('the bounds of the buckets', () => {
  it('are few around the objective, unless given', () => {
    expect(parseBounds(undefined, objective(0.5))).toEqual([0.05, 0.125, 0.25, 0.5, 2]);
    expect(parseBounds(undefined, objective(0.3))).toEqual([0.03, 0.075, 0.15, 0.3, 1.2]);
    expect(parseBounds(undefined, objective(0.123456, 1))).toEqual([0.0123, 0.0309, 0.0617, 0.123456, 1]);
    expect(parseBounds(undefined, objective(1, 1))).toEqual([0.1, 0.25, 0.5, 1]);
    expect(parseBounds([0.5, 1], objective(0.5))).toEqual([0.5, 1]);
  });

  it('always have the objective among them, in its place', () => {
    expect(parseBounds([0.1, 1], objective(0.05))).toEqual([0.05, 0.1, 1]);
    expect(parseBounds([0.1, 1], objective(20))).toEqual([0.1, 1, 20]);
  });

  it('are a copy: the given list does not change', () => {
    const buckets = [0.1, 1];
    parseBounds(buckets, objective(0.3));
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
    expect(() => parseBounds(buckets as never, objective(0.5))).toThrow(
      expect.objectContaining({
        code: 'COALMINE_INVALID_OPTION',
        message: `buckets must be an ascending list of finite numbers of seconds above 0, got ${shown}`,
      }),
    );
  });
});
