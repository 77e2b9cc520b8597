import { describe, expect, it } from 'vitest';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { argumentsOfRun, findDecidingMetrics, resultOfRun } from './argo-run.js';
import { type Fields, recordOf } from './record.js';

const at = (minute: number): string => `2026-01-20T14:${String(minute).padStart(2, '0')}:00Z`;
const secondsAt = (minute: number): number => Date.parse(at(minute)) / 1000;

const resultOf = (spec: Fields, status: Fields, metadata: Fields = { name: 'run' }): AnalysisResult =>
  resultOfRun(recordOf({ kind: 'AnalysisRun', metadata, spec, status }));

/** Returns the record of a metric, of which the run has this spec and this status. */
const metricOf = (spec: Fields, status: Fields = {}, args: readonly Fields[] = []): MetricResult =>
  resultOf(
    { args, metrics: [{ name: 'errors', provider: { prometheus: { query: 'up' } }, ...spec }] },
    { phase: 'Failed', metricResults: [{ name: 'errors', phase: 'Failed', ...status }] },
  ).metrics[0] as MetricResult;

describe('the record of a run', () => {
  it.each([
    ['Successful', 'promote'],
    ['Failed', 'rollback'],
    ['Error', 'rollback'],
    ['Inconclusive', 'pause'],
    ['Running', 'pause'],
  ])('that is %s means %s', (phase, verdict) => {
    expect(resultOf({}, { phase })).toMatchObject({ phase, verdict, message: `the run is ${phase}` });
  });

  it.each([{}, { phase: '' }, { phase: 'Pending' }])('that has not started is running: %j', (status) => {
    expect(resultOf({}, status).phase).toBe('Running');
  });

  it('with another phase is refused', () => {
    expect(() => resultOf({}, { phase: 'Done' })).toThrow('the phase "Done" is not known here: it is none of Running,');
  });

  it('has its message and its times', () => {
    const status = { phase: 'Failed', message: 'Metric "errors"', startedAt: at(1), completedAt: at(2) };
    expect(resultOf({}, status)).toMatchObject({
      name: 'run',
      message: 'Metric "errors"',
      startedAt: secondsAt(1),
      finishedAt: secondsAt(2),
    });
  });

  it('has times by its creation and its measurements otherwise', () => {
    const spec = { metrics: [{ name: 'a' }] };
    const status = { metricResults: [{ name: 'a', measurements: [{ startedAt: at(5) }, { finishedAt: at(7) }] }] };
    expect(resultOf(spec, status, { creationTimestamp: at(3) })).toMatchObject({
      name: '(unnamed)',
      startedAt: secondsAt(3),
      finishedAt: secondsAt(7),
    });
    expect(resultOf(spec, status)).toMatchObject({ startedAt: secondsAt(5), finishedAt: secondsAt(7) });
    expect(resultOf(spec, {})).toMatchObject({ startedAt: 0, finishedAt: 0 });
    expect(resultOf(spec, {}, { creationTimestamp: at(3) }).finishedAt).toBe(secondsAt(3));
  });

  it('names the first metric that ended as the run did, if it counts', () => {
    const spec = { metrics: ['a', 'b', 'c', 'd'].map((name) => ({ name })) };
    const metricResults = [
      { name: 'a', phase: 'Successful' },
      { name: 'b', phase: 'Failed', dryRun: true },
      { name: 'c', phase: 'Failed' },
      { name: 'd', phase: 'Failed' },
    ];
    expect(resultOf(spec, { phase: 'Failed', metricResults }).decidedBy).toBe('c');
    expect(resultOf(spec, { phase: 'Successful', metricResults })).not.toHaveProperty('decidedBy');
    expect(resultOf(spec, { phase: 'Running', metricResults: [] })).not.toHaveProperty('decidedBy');
  });
});

describe('the record of a metric', () => {
  it('has the default limits, and what was used of them', () => {
    expect(metricOf({}, { failed: 1, inconclusive: 2, consecutiveError: 3, consecutiveSuccess: 4 }).limits).toEqual([
      { name: 'failureLimit', used: 1, limit: 0 },
      { name: 'inconclusiveLimit', used: 2, limit: 0 },
      { name: 'consecutiveErrorLimit', used: 3, limit: 4 },
    ]);
  });

  it('has the written limits, as numbers, texts and arguments', () => {
    const limits = {
      failureLimit: 2,
      inconclusiveLimit: '3',
      consecutiveErrorLimit: '{{ args.most }}',
      consecutiveSuccessLimit: 5,
    };
    expect(metricOf(limits, { consecutiveSuccess: 4 }, [{ name: 'most', value: '7' }]).limits).toEqual([
      { name: 'failureLimit', used: 0, limit: 2 },
      { name: 'inconclusiveLimit', used: 0, limit: 3 },
      { name: 'consecutiveErrorLimit', used: 0, limit: 7 },
      { name: 'consecutiveSuccessLimit', used: 4, limit: 5 },
    ]);
  });

  it('has its conditions and its query with arguments', () => {
    const spec = {
      successCondition: 'result[0] < {{args.most}}',
      failureCondition: 'result[0] > {{ args.none }}',
      provider: { prometheus: { query: 'up{a="{{ args.most }}"}' } },
    };
    expect(metricOf(spec, {}, [{ name: 'most', value: '7' }])).toMatchObject({
      successCondition: 'result[0] < 7',
      failureCondition: 'result[0] > {{ args.none }}',
      query: 'up{a="7"}',
      dryRun: false,
    });
    const resolved = { metadata: { ResolvedPrometheusQuery: 'sent' }, dryRun: true, message: 'why' };
    expect(metricOf(spec, resolved)).toMatchObject({ query: 'sent', dryRun: true, message: 'why' });
    expect(Object.keys(metricOf({}, { message: '' }))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Condition|message/)]),
    );
  });

  it('is Running without a result', () => {
    expect(resultOf({ metrics: [{}] }, { phase: 'Running' }).metrics).toMatchObject([
      { name: '(unnamed)', phase: 'Running', measurements: [] },
    ]);
  });
});

describe('a measurement', () => {
  const measured = (measurement: Fields, provider: Fields = { prometheus: {} }) =>
    metricOf({ provider }, { measurements: [{ phase: 'Failed', finishedAt: at(1), ...measurement }] }).measurements[0];

  it.each<[string, Fields, Fields]>([
    ['of a vector', { value: '[0.5,NaN]' }, { values: [0.5, Number.NaN] }],
    ['of a scalar', { value: '2' }, { values: [2] }],
    ['of an empty vector', { value: '[]' }, { values: [] }],
    ['with spaces', { value: '[ 1, +Inf ]' }, { values: [1, Number.POSITIVE_INFINITY] }],
    ['without a number', { value: 'map[a:1]' }, { values: [], message: 'returned map[a:1]' }],
    ['with a reason', { value: 'x', message: 'refused' }, { values: [], message: 'refused' }],
    ['without anything', {}, { values: [] }],
  ])('%s', (_, measurement, expected) => {
    expect(measured(measurement)).toEqual({ at: secondsAt(1), phase: 'Failed', ...expected });
  });

  it('of another provider says how it ended, if it says nothing else', () => {
    expect(measured({}, { job: {} })?.message).toBe('the job ended as Failed');
    expect(measured({ value: '1' }, { web: {} })).not.toHaveProperty('message');
    expect(measured({}, {})).not.toHaveProperty('message');
  });

  it('is at its end, or at its start', () => {
    expect(measured({ startedAt: at(0) })?.at).toBe(secondsAt(1));
    expect(measured({ finishedAt: null, startedAt: at(0) })?.at).toBe(secondsAt(0));
    expect(measured({ finishedAt: null })?.at).toBe(0);
  });
});

it('the deciding metrics are in the order of their ends', () => {
  const metric = (name: string, minute: number): Fields => ({
    name,
    phase: 'Failed',
    measurements: [{ finishedAt: at(minute) }],
  });
  const metricResults = [metric('late', 9), metric('early', 2), { name: 'never', phase: 'Failed' }];
  const spec = { metrics: metricResults.map(({ name }) => ({ name })) };
  expect(findDecidingMetrics(resultOf(spec, { phase: 'Failed', metricResults })).map(({ name }) => name)).toEqual([
    'never',
    'early',
    'late',
  ]);
  expect(findDecidingMetrics(resultOf(spec, { phase: 'Error', metricResults }))).toEqual([]);
});

it('the arguments of a run have a value or none', () => {
  const run = recordOf({
    spec: {
      args: [
        { name: 'a', value: '1' },
        { name: 'b', valueFrom: {} },
      ],
    },
  });
  expect([...argumentsOfRun(run)]).toEqual([
    ['a', '1'],
    ['b', undefined],
  ]);
});
