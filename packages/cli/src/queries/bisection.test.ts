import { describe, expect, it } from 'vitest';
import { leastThat } from './bisection.js';

describe('the least number for which a condition holds', () => {
  it.each<[least: number]>([[0], [0.3], [0.999], [1]])('is found up to the precision, never below it: %d', (least) => {
    const found = leastThat((value) => value >= least, 0, 1, 0.001);
    expect(found).toBeGreaterThanOrEqual(least);
    expect(found - least).toBeLessThanOrEqual(0.001);
  });

  it('is the upper end if the condition holds nowhere below', () => {
    expect(leastThat(() => false, 0, 8, 0.5)).toBe(8);
    expect(leastThat(() => true, 3, 3, 0.5)).toBe(3);
  });

  it('is found in as few steps as halving takes', () => {
    let steps = 0;
    leastThat((value) => ++steps > 0 && value >= 0.7, 0, 1, 1 / 1024);
    expect(steps).toBe(10);
  });
});
