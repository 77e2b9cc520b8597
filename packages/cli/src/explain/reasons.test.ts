import { describe, expect, it } from 'vitest';
import { analysisResult, metricResult } from '../analyze/fixtures/results.js';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import type { Measurement, Phase } from '../controllers/verdict.js';
import type { Reason } from './explanation.js';
import { hasGeneratedConditions, lookingAt, reasonsOf } from './reasons.js';

const measured = (at: number, phase: Phase, value?: number, message?: string): Measurement => ({
  at,
  phase,
  values: value === undefined ? [] : [value],
  ...(message === undefined ? {} : { message }),
});
const limit = (name: string, used: number, most: number): MetricResult['limits'][number] => ({
  name,
  used,
  limit: most,
});
const metricOf = (rest: Partial<MetricResult> = {}): MetricResult =>
  metricResult({
    name: 'latency',
    limits: [limit('failureLimit', 1, 0)],
    measurements: [measured(60, 'Failed', 2)],
    ...rest,
  });
const resultOf = (metrics: readonly MetricResult[], rest: Partial<AnalysisResult> = {}): AnalysisResult =>
  analysisResult({ name: 'run', phase: metrics[0]?.phase ?? 'Failed', finishedAt: 600, metrics, ...rest });
const reasonOf = (rest: Partial<MetricResult> = {}): Reason => reasonsOf(resultOf([metricOf(rest)]))[0] as Reason;

describe('the reason of a run', () => {
  it('has the metric, what it says, its measurements and their first time', () => {
    expect(reasonOf()).toEqual({
      metrics: ['latency'],
      run: 'run',
      phase: 'Failed',
      says: 'the query returned 2',
      evidence: '1 measurement Failed (failureLimit 0): 2',
      since: 60,
    });
  });

  it('is first the one that the run names', () => {
    const metrics = ['a', 'b', 'c'].map((name, i) =>
      metricOf({ name, measurements: [measured(60 * i + 60, 'Failed', i)] }),
    );
    const names = (message: string) => reasonsOf(resultOf(metrics, { message })).flatMap((reason) => reason.metrics);
    expect(names('Metric "c" assessed Failed')).toEqual(['c', 'a', 'b']);
    expect(names('c')).toEqual(['a', 'b', 'c']);
  });

  it('is said once for metrics that share it', () => {
    const metrics = ['a', 'b', 'c'].map((name) =>
      metricOf({ name, measurements: [measured(60, 'Failed', name === 'b' ? 3 : 2)] }),
    );
    expect(reasonsOf(resultOf(metrics)).map((reason) => reason.metrics)).toEqual([['a', 'c'], ['b']]);
  });

  it('has earlier measurements than those on record, if more were counted', () => {
    expect(reasonOf({ limits: [limit('failureLimit', 3, 2)] })).toMatchObject({ since: 60, hasEarlier: true });
    expect(reasonOf({ limits: [limit('failureLimit', 1, 0)] })).not.toHaveProperty('hasEarlier');
  });

  it('has no time if its measurement has none', () => {
    expect(reasonOf({ measurements: [measured(0, 'Failed', 2)] })).not.toHaveProperty('since');
    expect(reasonOf({ measurements: [] })).not.toHaveProperty('since');
  });

  it('has the words of the requests, and their traces', () => {
    const traces = [{ traceId: 'a', at: 1, value: 1, labels: {} }];
    expect(reasonOf({ words: '5 of 9 requests failed', traces })).toMatchObject({
      says: '5 of 9 requests failed',
      traces,
    });
    expect(reasonOf({ traces: [] })).not.toHaveProperty('traces');
  });
});

describe('a reason says', () => {
  const OURS = { name: 'error-ratio', failureCondition: 'len(result) == 1 && result[0] > 1' };

  it.each<[string, Partial<MetricResult>, string]>([
    [
      'the meaning of a generated metric',
      { name: 'error-ratio' },
      'too many requests failed in a window: what is proven is 2 times what is allowed',
    ],
    [
      'no meaning of a metric that only has such a name',
      { ...OURS, failureCondition: 'result[0] > 1' },
      'the query returned 2, and is bad where result[0] > 1',
    ],
    [
      'the conditions',
      { successCondition: 'a', failureCondition: 'b' },
      'the query returned 2, and is good where a, and is bad where b',
    ],
    [
      'the thresholds before the conditions',
      {
        successCondition: 'a',
        thresholds: [
          { good: 'below', bound: 1 },
          { good: 'above', bound: 0 },
        ],
      },
      'the query returned 2, and is good below 1 and above 0',
    ],
    [
      'one threshold',
      { thresholds: [{ good: 'below', bound: 1 }], failureCondition: 'b' },
      'the query returned 2, and is good below 1',
    ],
    [
      'the message of a measurement after its value',
      { measurements: [measured(60, 'Failed', 2, 'why')] },
      'the query returned 2, why',
    ],
    [
      'the message of a measurement without a value',
      { measurements: [measured(60, 'Failed', undefined, 'why')], failureCondition: 'b' },
      'why, and is bad where b',
    ],
    ['that nothing was returned', { measurements: [measured(60, 'Failed')] }, 'the query returned nothing'],
    [
      'the last bad measurement',
      { measurements: [measured(1, 'Failed', 2), measured(2, 'Failed', 3), measured(3, 'Successful', 4)] },
      'the query returned 3',
    ],
    ['the message of a metric without measurements', { measurements: [], message: 'why' }, 'why'],
    ['that nothing is on record', { measurements: [] }, 'no measurement is on record'],
    [
      'that too few were good in a row',
      { limits: [limit('failureLimit', 1, -1), limit('consecutiveSuccessLimit', 2, 4)] },
      'of the last measurements, 2 in a row were good, and 4 are required (consecutiveSuccessLimit)',
    ],
    [
      'nothing of a row if another limit was exceeded',
      { limits: [limit('failureLimit', 1, 0), limit('consecutiveSuccessLimit', 2, 4)] },
      'the query returned 2',
    ],
    [
      'nothing of a row that was long enough',
      { limits: [limit('consecutiveSuccessLimit', 4, 4)] },
      'the query returned 2',
    ],
  ])('%s', (_, metric, says) => {
    expect(reasonOf(metric).says).toBe(says);
  });

  it.each<[Partial<MetricResult>, string]>([
    [{ measurements: [measured(1, 'Error', undefined, 'away')] }, 'away'],
    [{ measurements: [], message: 'gone' }, 'gone'],
    [{ measurements: [] }, 'no reason is on record'],
    [{ measurements: [], limits: [limit('consecutiveSuccessLimit', 0, 2)] }, 'no reason is on record'],
    [{ measurements: [measured(1, 'Error', undefined, 'x'.repeat(501))] }, `${'x'.repeat(500)}…`],
    [{ measurements: [measured(1, 'Error', undefined, 'x'.repeat(500))] }, 'x'.repeat(500)],
  ])('why a metric could not be measured: %#', (metric, why) => {
    expect(reasonOf({ phase: 'Error', ...metric }).says).toBe(`the metric could not be measured: ${why}`);
  });
});

describe('the evidence', () => {
  const failed = (count: number): readonly Measurement[] =>
    Array.from({ length: count }, (_, i) => measured(i + 1, 'Failed', i + 1));

  it.each<[string, Partial<MetricResult>, string]>([
    [
      'has the last five values',
      { measurements: failed(6), limits: [limit('failureLimit', 6, 5)] },
      '6 measurements Failed (failureLimit 5): …; 2; 3; 4; 5; 6',
    ],
    ['has all of five values', { measurements: failed(5), limits: [] }, '5 measurements Failed: 1; 2; 3; 4; 5'],
    ['has no limit that was not exceeded', { limits: [limit('failureLimit', 3, 3)] }, '3 measurements Failed: 2'],
    ['has no negative limit', { limits: [limit('failureLimit', 3, -1)] }, '3 measurements Failed: 2'],
    [
      'has no other limit',
      { limits: [limit('inconclusiveLimit', 3, 0), limit('failureLimit', 1, 0)] },
      '1 measurement Failed (failureLimit 0): 2',
    ],
    [
      'has no value of a measurement with a message alone',
      { measurements: [measured(1, 'Failed', undefined, 'why'), measured(2, 'Failed')], limits: [] },
      '2 measurements Failed: nothing',
    ],
    [
      'has only the errors at the end',
      {
        phase: 'Error',
        measurements: [measured(1, 'Error'), measured(2, 'Successful', 1), measured(3, 'Error', undefined, 'x')],
        limits: [],
      },
      '1 measurement Error',
    ],
    [
      'has every measurement if too few were good in a row',
      {
        measurements: [measured(1, 'Successful', 1), measured(2, 'Failed', 2)],
        limits: [limit('consecutiveSuccessLimit', 0, 2)],
      },
      '2 measurements on record: 1; 2',
    ],
  ])('%s', (_, metric, evidence) => {
    expect(reasonOf(metric).evidence).toBe(evidence);
  });
});

describe('what to look at', () => {
  const reason = (phase: Phase, ...metrics: readonly [string, ...string[]]): Reason => ({
    metrics,
    phase,
    says: '',
    evidence: '',
  });
  const look = (phase: Phase, measurement: Measurement, name = 'error-ratio', isOurs = true): readonly string[] =>
    lookingAt([reason(phase, name)], [{ name, measurements: [measurement] }], () => isOurs);
  const PROVIDER = [expect.stringMatching(/^Run the query of the metric by hand/)];
  const LABELS = [expect.stringMatching(/^The query returned nothing/)];

  it.each([
    ['no data returned from the metric provider', LABELS],
    ['reflect: array length is 0', LABELS],
    ['index out of range: 0', LABELS],
    ['connection refused', PROVIDER],
    [undefined, PROVIDER],
  ])('is the query of an error: %s', (message, looks) => {
    expect(look('Error', measured(1, 'Error', undefined, message))).toEqual(looks);
  });

  it('is what the last such measurement says', () => {
    const measurements = [
      measured(1, 'Error', undefined, 'index out of range'),
      measured(2, 'Error', undefined, 'connection refused'),
      measured(3, 'Failed', undefined, 'index out of range'),
    ];
    expect(lookingAt([reason('Error', 'a')], [{ name: 'a', measurements }], () => true)).toEqual(PROVIDER);
  });

  it('is what a generated metric means', () => {
    expect(look('Failed', measured(1, 'Failed', 2))).toEqual([
      expect.stringMatching(/^Find the routes and the statuses/),
    ]);
    expect(look('Failed', measured(1, 'Failed', 2), 'error-ratio', false)).toEqual([]);
    expect(look('Failed', measured(1, 'Failed', 2), 'mine')).toEqual([]);
  });

  it('is why a metric has no value, whoever wrote it', () => {
    const empty = look('Failed', measured(1, 'Failed'), 'mine', false);
    expect(empty).toHaveLength(1);
    expect(look('Failed', measured(1, 'Failed', undefined, 'no values found'), 'mine', false)).toEqual(empty);
    expect(look('Failed', measured(1, 'Failed', undefined, 'a job failed'), 'mine', false)).toEqual([]);
    expect(look('Failed', measured(1, 'Successful'), 'mine', false)).toEqual([]);
  });

  it('is said once, for the first metric of each reason', () => {
    const metrics = ['error-ratio', 'slow-ratio'].map((name) => ({ name, measurements: [measured(1, 'Failed', 2)] }));
    const reasons = [reason('Failed', 'error-ratio', 'slow-ratio'), reason('Failed', 'error-ratio')];
    expect(lookingAt(reasons, metrics, () => true)).toHaveLength(1);
  });
});

it.each<[Partial<MetricResult>, boolean]>([
  [{}, true],
  [{ successCondition: 'len(result) == 1 && result[0] <= 1' }, true],
  [{ successCondition: 'result[0] <= 1' }, false],
  [{ failureCondition: 'len(result) == 1 && result[0] > 1' }, false],
])('conditions are the generated ones: %j %s', (metric, areOurs) => {
  expect(hasGeneratedConditions(metricOf(metric))).toBe(areOurs);
});
