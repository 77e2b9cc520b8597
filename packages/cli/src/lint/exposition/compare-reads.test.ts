import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { compareFormats, compareReads } from './compare-reads.js';
import type { Exposition } from './exposition.js';
import { parseExposition } from './parse-exposition.js';

const read = (lines: readonly string[], format: Format = 'text'): Exposition =>
  parseExposition(`${lines.join('\n')}\n`, format);
const compared = (before: readonly string[], after: readonly string[]): readonly string[] =>
  compareReads(read(before), read(after)).map(({ rule, line }) => `${rule} ${line}`);

const COUNTER = '# TYPE a_total counter';
const HISTOGRAM = '# TYPE h histogram';
const SUMMARY = '# TYPE s summary';
const START = '# TYPE process_start_time_seconds gauge';

describe('two reads of a process', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['that rise', [COUNTER, 'a_total 1'], [COUNTER, 'a_total 2'], []],
    ['that stay', [COUNTER, 'a_total 1'], [COUNTER, 'a_total 1'], []],
    ['with a new series', [], [COUNTER, 'a_total 1'], []],
    ['with a counter that fell', [COUNTER, 'a_total 2'], ['', COUNTER, 'a_total 1'], ['counter-decreased 3']],
    [
      'with a series that is gone',
      [COUNTER, 'a_total 2', 'a_total{b="1"} 1'],
      [COUNTER, 'a_total 2'],
      ['series-vanished 1'],
    ],
    ['with a gauge that fell', ['# TYPE a gauge', 'a 2'], ['# TYPE a gauge', 'a 1'], []],
    ['with a gauge that is gone', ['# TYPE a gauge', 'a 2'], [], []],
    [
      'with a bucket that fell',
      [HISTOGRAM, 'h_bucket{le="1"} 2'],
      [HISTOGRAM, 'h_bucket{le="1.0"} 1'],
      ['counter-decreased 2'],
    ],
    ['with a count that fell', [HISTOGRAM, 'h_count 2'], [HISTOGRAM, 'h_count 1'], ['counter-decreased 2']],
    ['with a sum that fell', [HISTOGRAM, 'h_sum 2'], [HISTOGRAM, 'h_sum 1'], []],
    ['with a count of a summary that fell', [SUMMARY, 's_count 2'], [SUMMARY, 's_count 1'], ['counter-decreased 2']],
    ['with a quantile that fell', [SUMMARY, 's{quantile="0.5"} 2'], [SUMMARY, 's{quantile="0.5"} 1'], []],
  ])('%s', (_, before, after, rules) => {
    expect(compared(before, after)).toEqual(rules);
  });

  it('are of two processes if these started at two times, whatever else differs', () => {
    const started = (at: number) => [START, `process_start_time_seconds ${at}`, COUNTER, `a_total ${2e9 - at}`];
    expect(compared(started(1), started(2))).toEqual(['two-processes 2']);
    expect(compared(started(1), started(1))).toEqual([]);
    expect(compared(started(1), [COUNTER, 'a_total 1'])).toEqual(['counter-decreased 2']);
    expect(compareReads(read(started(1)), read(started(1e20)))[0]?.message).toContain(
      'started at 1970-01-01T00:00:01.000Z and at 100000000000000000000.',
    );
  });

  it('tell the series, and the first fall', () => {
    const [fall] = compareReads(
      read([COUNTER, 'a_total{b="1"} 5', 'a_total{b="2"} 6']),
      read([COUNTER, 'a_total{b="1"} 3', 'a_total{b="2"} 4']),
    );
    expect(fall?.message).toMatch(
      /^a_total\{b="1"\}, a_total\{b="2"\} went backwards between two reads, the first from 5 to 3\. .* all of 3 again$/,
    );
  });

  it('of OpenMetrics do not compare when a series was created', () => {
    const at = (created: number) =>
      read(['# TYPE a counter', 'a_total 1', `a_created ${created}`, '# EOF'], 'openmetrics');
    expect(compareReads(at(2), at(1))).toEqual([]);
  });
});

describe('two formats', () => {
  const formats = (texts: readonly (readonly string[])[], openMetrics: readonly string[]): string | undefined =>
    compareFormats(
      texts.map((text) => read(text)),
      read([...openMetrics, '# EOF'], 'openmetrics'),
    )[0]?.message;

  it('of the same series', () => {
    expect(formats([[COUNTER, 'a_total 1']], ['# TYPE a counter', 'a_total 1', 'a_created 1'])).toBeUndefined();
  });

  it('of other series', () => {
    expect(formats([['a 1', 'c 1']], ['b 1', 'c 1'])).toContain(
      'The formats name different series: only the text has a; only OpenMetrics has b. Prometheus',
    );
    expect(formats([['a 1']], [])).toContain('series: only the text has a. Prometheus');
    expect(formats([[]], ['b 1'])).toContain('series: only OpenMetrics has b. Prometheus');
  });

  it('with series that come and go', () => {
    expect(formats([['a 1'], []], [])).toBeUndefined();
    expect(formats([[], ['b 1']], ['b 1'])).toBeUndefined();
    expect(formats([['a 1']], ['# TYPE a gauge'])).toBeUndefined();
    expect(formats([['# TYPE b gauge']], ['# TYPE b gauge', 'b 1'])).toBeUndefined();
    expect(formats([], ['b 1'])).toContain('only OpenMetrics has b');
  });
});
