import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { checkDurations, checkObjective } from './check-durations.js';
import { parseExposition } from './parse-exposition.js';
import { trafficIn } from './traffic.js';

const histogram = (bounds: readonly number[], name = 'http_request_duration_seconds'): string =>
  `# TYPE ${name} histogram\n${bounds.map((bound) => `${name}_bucket{le="${bound}"} 1\n`).join('')}${bounds.length === 0 ? '' : `${name}_bucket{le="+Inf"} 1\n`}${name}_count 1\n`;
const COUNTER = '# TYPE http_requests_total counter\nhttp_requests_total 1\n';
const SUMMARY = '# TYPE http_request_duration_seconds summary\nhttp_request_duration_seconds_count 1\n';

/** Returns the rules that an exposition breaks, with their severities, for an objective of 0.5 s and a patience. */
const found = (text: string, patience = 2) =>
  checkDurations(trafficIn(parseExposition(text, 'text'), parseNames(undefined)), { latency: 0.5, patience });
const rulesOf = (...args: Parameters<typeof found>) =>
  found(...args).map(({ rule, severity }) => `${rule} ${severity}`);

describe('the durations of an exposition', () => {
  it.each<[string, string, readonly string[], number?]>([
    ['with a bound at the objective', histogram([0.25, 0.5, 1, 2.5]), []],
    ['with a highest bound at the patience', histogram([0.5, 2]), []],
    ['none at all', COUNTER, []],
    ['without such a bound', histogram([0.25, 1, 2.5]), ['no-bound-at-objective error']],
    ['that end at the objective', histogram([0.25, 0.5]), ['top-bucket-low error']],
    ['that end before the patience', histogram([0.5, 1]), ['top-bucket-low warning']],
    [
      'that end before the patience, without a bound',
      histogram([0.4, 1]),
      ['no-bound-at-objective error', 'top-bucket-low warning'],
    ],
    ['that end before a long patience', histogram([0.5, 2.5]), ['top-bucket-low warning'], 5],
    ['without buckets', `${histogram([])}`, ['native-histogram error']],
    ['as a summary', SUMMARY, ['summary-instead-of-histogram error']],
    [
      'as both',
      `${histogram([0.5, 2])}${SUMMARY.replaceAll('http_request_duration', 'http_request_summary')}`,
      ['summary-instead-of-histogram warning'],
    ],
    ['in milliseconds, by name', histogram([0.5, 500, 2000], 'http_request_duration_ms'), ['milliseconds error']],
    ['in milliseconds, by their size', histogram([1, 500, 2000]), ['milliseconds error']],
    ['of long jobs, in seconds', histogram([1, 299]), ['no-bound-at-objective error']],
    ['of long jobs that start fast', histogram([0.5, 300]), []],
  ])('%s', (_, text, rules, patience) => {
    expect(rulesOf(text, patience)).toEqual(rules);
  });

  it.each<[string, string, number?]>([
    [histogram([0.25, 1, 2.5]), 'no bound at the objective of 0.5 s; the nearest bounds are 0.25 s and 1 s'],
    [histogram([0.25, 1, 2.5]), 'histogram_quantile(0.95) returns 0.9625 s, over the objective'],
    [histogram([0.25, 1, 2.5]), 'a query by le="0.5" is empty'],
    [histogram([1, 2.5]), 'the nearest bounds are 0 s and 1 s'],
    [histogram([0.4, 0.501, 2.5]), 'returns 0.49595 s, within the objective, however'],
    [histogram([0.25, 0.5]), 'is 0.5 s, and the objective is 0.5 s'],
    [histogram([0.5, 1]), 'is 1 s, below the patience of 2 s'],
    [histogram([0.5, 1]), 'waits of 2 s, such as a hang, are read as 1 s'],
    [histogram([0.5, 2.5]), 'is 2.5 s, below the patience of 5 s', 5],
    [histogram([500, 1000], 'http_request_duration_ms'), 'its bounds go to 1000'],
    [`${COUNTER}${histogram([])}`, 'http_request_duration_seconds (beside http_requests_total) has no buckets'],
    [histogram([]), 'http_request_duration_seconds has no buckets'],
  ])('are told: %#', (text, says, patience) => {
    expect(found(text, patience)[0]?.message).toContain(says);
  });

  it('in milliseconds have their bounds told in seconds', () => {
    const [, bound] = found(histogram([250, 1000, 2500], 'http_request_duration_ms'));
    expect(bound?.message).toContain('the objective of 0.5 s; the nearest bounds are 0.25 s and 1 s');
    expect(bound?.message).toContain('a query by le="500" is empty');
  });
});

it('the objective of an app is the one of the templates, if it tells one', () => {
  const text = '# TYPE coalmine_objective_latency_seconds gauge\ncoalmine_objective_latency_seconds 0.5\n';
  const check = (exposition: string, expected: number) =>
    checkObjective(trafficIn(parseExposition(exposition, 'text'), parseNames(undefined)), expected);
  expect(check(text, 0.5)).toEqual([]);
  expect(check('', 0.5)).toEqual([]);
  expect(check(text, 0.25)).toMatchObject([{ rule: 'objective-differs', line: 1 }]);
  expect(check(`${text}${COUNTER}`, 0.25)).toMatchObject([{ line: 3 }]);
});
