import { describe, expect, it } from 'vitest';
import { checkAnalysis } from './check-analysis.js';
import { type Limits, refusalOf } from './limits.js';

const limits = (given: Partial<Limits>): Limits => ({
  count: 0,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 4,
  consecutiveSuccessLimit: 0,
  ...given,
});

describe('Argo Rollouts', () => {
  it.each<[Partial<Limits>, string]>([
    [{ consecutiveSuccessLimit: -1 }, 'consecutiveSuccessLimit: consecutiveSuccessLimit must be 0 or more'],
    [{ failureLimit: -2 }, 'failureLimit: failureLimit must be 0 or more, or -1 for none'],
    [{ failureLimit: -1 }, 'failureLimit: without a failureLimit there must be a consecutiveSuccessLimit'],
    [{ inconclusiveLimit: -1 }, 'inconclusiveLimit: inconclusiveLimit must be 0 or more'],
    [{ consecutiveErrorLimit: -1 }, 'consecutiveErrorLimit: consecutiveErrorLimit must be 0 or more'],
    [{ count: 2, failureLimit: 3 }, 'failureLimit: count must be at least failureLimit'],
    [
      { count: 4, failureLimit: 3, consecutiveSuccessLimit: 2 },
      'consecutiveSuccessLimit: count must be at least failureLimit and consecutiveSuccessLimit together',
    ],
    [
      { count: 1, failureLimit: -1, consecutiveSuccessLimit: 2 },
      'consecutiveSuccessLimit: count must be at least failureLimit and consecutiveSuccessLimit together',
    ],
    [
      { count: 1, consecutiveSuccessLimit: 2 },
      'consecutiveSuccessLimit: count must be at least failureLimit and consecutiveSuccessLimit together',
    ],
    [{ count: 2, inconclusiveLimit: 3 }, 'inconclusiveLimit: count must be at least inconclusiveLimit'],
  ])('refuses %j', (given, refusal) => {
    const { field, reason } = refusalOf(limits(given)) ?? {};
    expect(`${field}: ${reason}`).toBe(refusal);
  });

  it.each<[Partial<Limits>]>([
    [{}],
    [{ consecutiveErrorLimit: 0 }],
    [{ failureLimit: -1, consecutiveSuccessLimit: 1 }],
    [{ count: 1, failureLimit: -1, consecutiveSuccessLimit: 1 }],
    [{ count: 3, failureLimit: 3 }],
    [{ count: 5, failureLimit: 3, consecutiveSuccessLimit: 2 }],
    [{ count: 3, inconclusiveLimit: 3 }],
    // Without a count, no limit is too high.
    [{ failureLimit: 3, inconclusiveLimit: 3 }],
    [{ count: -1, failureLimit: 3 }],
  ])('accepts %j', (given) => {
    expect(refusalOf(limits(given))).toBeUndefined();
  });

  it('refuses the numbers that the check of an AnalysisTemplate refuses, and no others', () => {
    const isRefused = (given: Limits): boolean =>
      checkAnalysis({ spec: { metrics: [{ name: 'errors', ...given }] } }).length > 0;
    const all = combinations();
    expect(all.length).toBeGreaterThan(1000);
    expect(all.filter((given) => isRefused(given) !== (refusalOf(given) !== undefined))).toEqual([]);
  });
});

function combinations(): readonly Limits[] {
  return range(-1, 3).flatMap((count) =>
    range(-2, 3).flatMap((failureLimit) =>
      range(-1, 3).flatMap((inconclusiveLimit) =>
        range(-1, 0).flatMap((consecutiveErrorLimit) =>
          range(-1, 2).map((consecutiveSuccessLimit) => ({
            count,
            failureLimit,
            inconclusiveLimit,
            consecutiveErrorLimit,
            consecutiveSuccessLimit,
          })),
        ),
      ),
    ),
  );
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
