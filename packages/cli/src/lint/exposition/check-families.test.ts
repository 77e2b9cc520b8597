import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { checkFamilies } from './check-families.js';
import { parseExposition } from './parse-exposition.js';

/** Returns the rules that the samples of families break, with their lines. */
const rulesOf = (lines: readonly string[], format: Format = 'text'): readonly string[] =>
  checkFamilies(parseExposition(`${lines.join('\n')}\n`, format)).map(({ rule, line }) => `${rule} ${line}`);

const COUNTER = '# TYPE a_total counter';
const HISTOGRAM = '# TYPE h histogram';
const bucket = (le: string, value: number): string => `h_bucket{le="${le}"} ${value}`;

describe('a family', () => {
  it.each<[string, readonly string[], readonly string[], Format?]>([
    ['of other series', [COUNTER, 'a_total{x="1"} 1', 'a_total{x="2"} 1'], []],
    ['of the same series', [COUNTER, 'a_total 1', 'b 1', 'a_total 1', 'a_total 1'], ['duplicate-series 4']],
    ['of a counter', [COUNTER, 'a_total 0'], []],
    ['of a counter below 0', [COUNTER, 'a_total{x="1"} -1', 'a_total{x="2"} -2'], ['negative-counter 2']],
    ['of a counter that is no number', [COUNTER, 'a_total NaN'], ['nan-value 2']],
    ['of a gauge', ['# TYPE a gauge', 'a -1', 'a{x="1"} NaN'], []],
    ['of a sum below 0', [HISTOGRAM, bucket('+Inf', 1), 'h_sum -1', 'h_count 1'], []],
    ['of a sum that is no number', [HISTOGRAM, bucket('+Inf', 1), 'h_sum NaN', 'h_count 1'], ['nan-value 3']],
    [
      'of a count below 0',
      [HISTOGRAM, bucket('+Inf', -1), 'h_count -1'],
      ['buckets-not-cumulative 2', 'negative-counter 2'],
    ],
    ['of a start below 0', ['# TYPE a counter', 'a_total 1', 'a_created -5', '# EOF'], [], 'openmetrics'],
    [
      'of a counter without its suffix',
      ['# TYPE a counter', 'a 1', '# EOF'],
      ['counter-without-total 2'],
      'openmetrics',
    ],
    ['of a counter without a suffix, as text', ['# TYPE a counter', 'a 1'], []],
  ])('%s', (_, lines, rules, format) => {
    expect(rulesOf(lines, format)).toEqual(rules);
  });

  it('says where a series was, and how many more are like it', () => {
    const messages = checkFamilies(
      parseExposition(`${COUNTER}\na_total{x="1"} -1\na_total{x="1"} -1\na_total{x="2"} -1\n`, 'text'),
    ).map(({ message }) => message);
    expect(messages[0]).toContain('a_total{x="1"} is in line 2 already');
    expect(messages[0]).not.toContain('more like it');
    expect(messages[1]).toContain('(and 2 more like it)');
    const [bound] = checkFamilies(parseExposition(`${HISTOGRAM}\n${bucket('one', 1)}\n${bucket('+Inf', 1)}\n`, 'text'));
    expect(bound?.message).toContain('A bucket of h has le="one", which is not a number');
  });
});

describe('a histogram', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['that is fine', [bucket('1', 1), bucket('+Inf', 2), 'h_count 2'], []],
    ['in any order', [bucket('+Inf', 2), bucket('1', 1), 'h_count 2'], []],
    ['without a count', [bucket('+Inf', 2)], []],
    ['with another count', [bucket('+Inf', 2), 'h_count 3'], ['count-differs 3']],
    ['without its last bucket', [bucket('1', 1), 'h_count 2'], ['bucket-without-inf 2']],
    ['that falls', [bucket('1', 3), bucket('2', 2), bucket('+Inf', 3)], ['buckets-not-cumulative 3']],
    ['that starts below 0', [bucket('1', -1), bucket('+Inf', 3)], ['buckets-not-cumulative 2', 'negative-counter 2']],
    ['with a bound that is no number', [bucket('one', 1), bucket('+Inf', 3)], ['bound-not-number 2']],
    ['with only such a bound', [bucket('one', 1)], ['bound-not-number 2', 'bucket-without-inf 2']],
    [
      'of two series, each for itself',
      [
        'h_bucket{x="1",le="1"} 5',
        'h_bucket{x="1",le="+Inf"} 5',
        'h_bucket{x="2",le="1"} 1',
        'h_bucket{le="+Inf",x="2"} 1',
        'h_count{x="1"} 5',
        'h_count{x="2"} 1',
      ],
      [],
    ],
    [
      'of two series, of which one differs',
      ['h_bucket{x="1",le="+Inf"} 5', 'h_count{x="1"} 5', 'h_bucket{x="2",le="+Inf"} 1', 'h_count{x="2"} 2'],
      ['count-differs 5'],
    ],
  ])('%s', (_, lines, rules) => {
    expect(rulesOf([HISTOGRAM, ...lines])).toEqual(rules);
  });
});
