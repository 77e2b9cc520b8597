import { describe, expect, it } from 'vitest';
import { chance } from '../chance.js';
import { createDraws } from './draws.js';
import { differenceZ, increase, isEvidence, leastShare } from './evidence.js';
import { FAULTS, KINDS, KINDS_AFTER_SWITCH, SERVICES } from './experiments.js';
import { simulateRelease } from './release.js';
import { decide } from './rule.js';
import { tallyReleases } from './tally.js';
import { RULE, SWITCHED_RULE, settingOf, switchedSettingOf } from './template.js';

const [, , , SERVICE] = SERVICES;

describe('the draws of the simulation', () => {
  const draws = createDraws(chance(1));
  const of = (draw: () => number): { readonly mean: number; readonly variance: number } => {
    const values = Array.from({ length: 20_000 }, draw);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
  };

  it.each([0.3, 5, 100])('have the mean and the variance of Poisson: %d', (mean) => {
    const drawn = of(() => draws.poisson(mean));
    expect(drawn.mean / mean).toBeCloseTo(1, 1);
    expect(drawn.variance / mean).toBeCloseTo(1, 1);
  });

  it.each([
    [20, 0.1],
    [20, 0.7],
    [1000, 0.2],
    [30, 1],
  ])('have the mean of the binomial distribution: %d trials at %d', (trials, share) => {
    expect(of(() => draws.successes(trials, share)).mean / (trials * share)).toBeCloseTo(1, 1);
    const counts = new Int32Array(20_000);
    draws.addSuccesses(new Int32Array(20_000).fill(trials), 20_000 * trials, counts, share);
    expect(counts.reduce((sum, count) => sum + count, 0) / (20_000 * trials * share)).toBeCloseTo(1, 1);
  });
});

describe('the evidence', () => {
  it('extrapolates as increase() does', () => {
    expect(increase(Int32Array.of(100, 110, 120, 130, 140), 5, 5, 0)).toBeCloseTo(50);
    // Does not extrapolate to before the counter was 0, a tenth of a scrape before the range.
    expect(increase(Int32Array.of(1, 11, 21, 31, 41), 5, 5, 0)).toBeCloseTo(44.33);
    // A series that starts with its first event does not show that event.
    expect(increase(Int32Array.of(0, 0, 1, 1, 1), 5, 5, 0, false)).toBe(0);
  });

  it('is the same as in textbooks', () => {
    // The pooled test of two proportions returns 2.357 and 3.380.
    expect(differenceZ(15, 100, 5, 100)).toBeCloseTo(2.357, 1);
    expect(differenceZ(150, 1000, 100, 1000)).toBeCloseTo(3.38, 1);
    expect(leastShare(10, 100, 1.96)).toBeCloseTo(0.0552, 4);
  });

  it.each([true, false])('is never one event, and is two events of two (a large difference: %s)', (isLarge) => {
    // increase() extrapolates one event of four scrapes to five.
    expect(isEvidence(RULE.persistence, isLarge, 1.25, 1.25, 0, 1e9)).toBe(false);
    expect(isEvidence(RULE.persistence, isLarge, 2, 2, 0, 20)).toBe(true);
  });
});

describe('the template, simulated', () => {
  it('decides the same release in the same way', () => {
    const fault = { class: '404', share: 1, ofTraffic: 0.1 };
    const decided = () => decide(simulateRelease(settingOf(SERVICE, { fault }), chance(7)), RULE);
    expect(decided()).toEqual(decided());
  });

  it.each(KINDS)('rolls back no good release of 200: $name', ({ disturbances }) => {
    const { rolledBackAt, by } = tallyReleases(settingOf(SERVICE, { disturbances }), RULE, { from: 0, to: 200 });
    expect(rolledBackAt, JSON.stringify(by)).toEqual([]);
  });

  it.each(KINDS_AFTER_SWITCH)(
    'rolls back no good release of 200 after a blue-green switch: $name',
    ({ disturbances }) => {
      const setting = switchedSettingOf(SERVICE, { disturbances });
      const { rolledBackAt, by } = tallyReleases(setting, SWITCHED_RULE, { from: 0, to: 200 });
      expect(rolledBackAt, JSON.stringify(by)).toEqual([]);
    },
  );

  // Without a weight, nothing says how many users a middleware refuses.
  const foundAfterSwitch = FAULTS.filter(({ fault, isGross }) => isGross && fault.unmatched === undefined);
  it.each(foundAfterSwitch)('finds after a blue-green switch: $name', ({ fault }) => {
    const setting = switchedSettingOf(SERVICE, { fault });
    expect(tallyReleases(setting, SWITCHED_RULE, { from: 0, to: 50 }).rolledBackAt.length).toBeGreaterThan(45);
  });

  it.each(FAULTS.filter(({ isGross }) => isGross))('finds before the second step ends: $name', ({ fault }) => {
    const { rolledBackAt } = tallyReleases(settingOf(SERVICE, { fault }), RULE, { from: 0, to: 50 });
    expect(rolledBackAt.filter((at) => at <= 2 * RULE.pace.step).length).toBeGreaterThan(45);
  });
});
