import { describe, expect, it } from 'vitest';
import { medianOf, nearest, ratioOf } from './numbers.js';

describe('the numbers of a history', () => {
  it('have one that is nearest to another, the first of two', () => {
    expect(nearest([0.1, 0.25, 0.5], 0.3)).toBe(0.25);
    expect(nearest([0.25, 0.75], 0.5)).toBe(0.25);
    expect(nearest([], 0.3)).toBeUndefined();
  });

  it('have a median, which does not depend on their order', () => {
    const values = [10, 9, 100];
    expect(medianOf(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
    expect(medianOf([])).toBeUndefined();
  });

  it('have a ratio of 1 at most, and none to nothing', () => {
    // Prometheus extrapolates both, so that a part may be larger than its whole.
    expect([ratioOf(1, 4), ratioOf(5, 4), ratioOf(0, 0)]).toEqual([0.25, 1, undefined]);
  });
});
