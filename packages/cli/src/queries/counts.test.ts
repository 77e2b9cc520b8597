import { describe, expect, it } from 'vitest';
import { parseRelease } from '../release/release.js';
import { readCounts, recordedCounts, recordsCounts } from './counts.js';

const sides = { canary: 'pod="a"', stable: 'pod="b"' };
const FOUR = { requests: 393, failed: 24, timed: 390, slow: 3 };

describe('the numbers of a record', () => {
  it('are four of the canary, then four of stable', () => {
    expect(readCounts([393, 24, 390, 3, 1204, 0, 1200, 1])).toEqual({
      canary: FOUR,
      stable: { requests: 1204, failed: 0, timed: 1200, slow: 1 },
    });
    expect(readCounts([393, 24, 390, 3])).toEqual({ canary: FOUR, stable: undefined });
  });

  it('are unknown, and not 0, for a side without a series', () => {
    expect(readCounts([393, 24, 390, 3, -1, -1, -1, -1])).toEqual({ canary: FOUR, stable: undefined });
    expect(readCounts([393, 24, 390, 3, 1204, -1, 1200, 1])).toEqual({ canary: FOUR, stable: undefined });
    expect(readCounts([-1, -1, -1, -1, 0, 0, 0, 0])).toEqual({
      canary: undefined,
      stable: { requests: 0, failed: 0, timed: 0, slow: 0 },
    });
  });

  it.each([[[]], [[393]], [[393, 24, 390, 3, 1204]], [[Number.NaN, 0, 0, 0]]])('are unknown from %j', (values) => {
    expect(readCounts(values)).toEqual({ canary: undefined, stable: undefined });
  });
});

it('the query of a record reads stable only if the canary is compared with it', () => {
  const numbersOf = (compareWithStable: boolean): readonly number[] =>
    recordedCounts(parseRelease({ name: 'shop', analysis: { compareWithStable } }), sides).map(
      ({ query }) => query.match(/label_replace/g)?.length ?? 0,
    );
  expect(numbersOf(true)).toEqual([8, 8]);
  expect(numbersOf(false)).toEqual([4, 4]);
});

it('recordsCounts() recognizes the query of a record', () => {
  const [window] = recordedCounts(parseRelease({ name: 'shop' }), sides);
  expect(recordsCounts(window?.query ?? '')).toBe(true);
  expect(recordsCounts('sum(increase(coalmine_counts[5m]))')).toBe(false);
});
