import { describe, expect, it } from 'vitest';
import type { SampledSeries } from '../../prometheus.js';
import { sharesOver, sumByRoute, sumByTime } from './sums.js';

const LABELS = { method: 'verb', route: 'pattern' };

/** Returns a series with a value at 60, 120, … seconds. */
function series(pattern: string, values: readonly number[], le?: string): SampledSeries {
  return {
    labels: { verb: 'GET', pattern, ...(le === undefined ? {} : { le }) },
    samples: values.map((value, i) => ({ at: 60 * (i + 1), value })),
  };
}

describe('the series of a history', () => {
  it('are summed at each time, without values that are not numbers', () => {
    const sums = sumByTime([series('/a', [1, 2]), series('/b', [10, Number.NaN, 30])]);
    expect([...sums]).toEqual([
      [60, 11],
      [120, 2],
      [180, 30],
    ]);
  });

  it('are summed for each route, by the names that the labels have', () => {
    const sums = sumByRoute(
      [series('/a', [1, Number.POSITIVE_INFINITY]), series('/b', [5]), series('/a', [3])],
      LABELS,
    );
    expect([...sums]).toEqual([
      ['GET /a', 4],
      ['GET /b', 5],
    ]);
  });
});

describe('the share of the requests over a bound', () => {
  it('is known for each route, and for the service', () => {
    const shares = sharesOver(
      [
        series('/a', [4, 2], '0.1'),
        series('/a', [8, 4], '0.5'),
        series('/a', [8, 4], '+Inf'),
        series('/b', [0], '0.1'),
        series('/b', [0], '0.5'),
        series('/b', [4], '+Inf'),
      ],
      [0.1, 0.5],
      LABELS,
    );
    expect(Object.fromEntries(shares)).toEqual({ '': [0.625, 0.25], 'GET /a': [0.5, 0], 'GET /b': [1, 1] });
  });

  it('is not below 0 if the buckets were read a moment apart', () => {
    const shares = sharesOver([series('/a', [11], '0.1'), series('/a', [10], '+Inf')], [0.1], LABELS);
    expect(shares.get('GET /a')).toEqual([0]);
  });

  it('is not known without requests', () => {
    const shares = sharesOver([series('/a', [0], '0.1'), series('/a', [0], '+Inf')], [0.1], LABELS);
    expect(shares.get('GET /a')).toEqual([]);
  });
});
