import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { inexact } from './inexact.js';

const names = parseNames(undefined);
const BETWEEN = 'between two bounds of the histogram, the share over a latency is not known';

/** What is not exact about an app that counts failures but not slowness. */
const of = (objective: number, bounds: readonly number[], more = {}): readonly string[] =>
  inexact({
    failed: true,
    slowShare: undefined,
    bounds,
    service: [0.2, 0.1, 0.05].slice(0, bounds.length),
    objective,
    names,
    ...more,
  });

describe('a history', () => {
  it('is exact at a bound of the histogram', () => {
    expect(of(0.25, [0.1, 0.25, 0.5])).toEqual([BETWEEN]);
  });

  it.each([
    [0.3, 'between 5 % (over 0.5 s) and 10 % (over 0.25 s)'],
    [0.05, 'between 20 % (over 0.1 s) and 100 %'],
    [1, 'between 0 % and 5 % (over 0.5 s)'],
  ])('knows the share over an objective of %d s only to be %s', (objective, share) => {
    expect(of(objective, [0.1, 0.25, 0.5])).toEqual([
      `${objective} s is not a bound of the histogram, so the share over the objective is only known to be ${share}`,
      BETWEEN,
    ]);
  });

  it('is exact where the app counts slow requests', () => {
    expect(of(0.3, [0.1], { slowShare: 0 })[0]).toBe(
      'the share over the objective is exact: the app counts it in http_requests_slow_total, route by route',
    );
  });

  it('says what it lacks: counters of failures, or a histogram', () => {
    expect(of(0.3, [], { failed: false })).toEqual([
      'errors are the responses with a status of 5xx: http_requests_failed_total, which also counts requests that hung, broken bodies and failures with another status, does not exist',
      'there are no buckets of http_request_duration_seconds, so the share over other latencies is not known',
    ]);
  });
});
