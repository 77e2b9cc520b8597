import { describe, expect, it } from 'vitest';
import type { Asked } from '../../prometheus.js';
import { createPastClock } from '../clock.js';
import type { RunVerdict } from '../verdict.js';
import type { CanaryAnalysis, CanaryMetric } from './canary.js';
import { type FlaggerRun, runFlaggerAnalysis, thresholdsOf } from './run-analysis.js';

const metricOf = (name: string, rest: Partial<CanaryMetric> = {}): CanaryMetric => ({
  name,
  address: 'http://prometheus',
  query: name,
  isDuration: false,
  min: undefined,
  max: 1,
  ...rest,
});
const analysisOf = (metrics: readonly CanaryMetric[], rest: Partial<CanaryAnalysis> = {}): CanaryAnalysis => ({
  name: 'shop',
  target: 'shop',
  interval: 60,
  isSkipped: false,
  threshold: 2,
  weights: [20, 40],
  metrics,
  ...rest,
});

/** Plays an analysis from the second 1000 on; each query gets the next of its values, then 0; text is an error. */
async function play(
  analysis: CanaryAnalysis,
  values: Readonly<Record<string, readonly (number | string)[]>> = {},
  options: Partial<FlaggerRun> = {},
): Promise<RunVerdict & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const client = (address: string): Asked => ({
    async query(query, at, askOptions) {
      const times = asked.filter((each) => each.startsWith(`${query} `)).length;
      asked.push(`${query} ${at} ${address} ${askOptions?.timeoutSeconds}`);
      const value = values[query]?.[times] ?? 0;
      if (typeof value === 'string') throw new Error(value);
      return { type: 'vector', values: [{ labels: {}, value }] };
    },
    queryRange: () => Promise.reject(new Error('Flagger queries no range')),
  });
  const run = { clock: createPastClock(1000), client, ...options };
  return { ...(await runFlaggerAnalysis(analysis, run)), asked };
}

describe('Flagger', () => {
  it('promotes after every weight has passed a check', async () => {
    const { asked, metrics, ...verdict } = await play(analysisOf([metricOf('errors')]));
    expect(verdict).toEqual({
      controller: 'flagger',
      name: 'shop',
      verdict: 'promote',
      phase: 'Successful',
      message: 'all checks passed up to 40 %',
      startedAt: 1000,
      finishedAt: 1120,
      steps: [
        { at: 1000, weight: 20, failedChecks: 0 },
        { at: 1060, weight: 40, failedChecks: 0 },
      ],
    });
    expect(asked).toEqual(['errors 1060 http://prometheus 5', 'errors 1120 http://prometheus 5']);
    expect(metrics).toMatchObject([
      { name: 'errors', phase: 'Successful', query: 'errors', dryRun: false, limits: [] },
    ]);
  });

  it('rolls back at the check after the one that reached the threshold', async () => {
    const verdict = await play(analysisOf([metricOf('errors')]), { errors: [2, 3] });
    expect(verdict).toMatchObject({
      verdict: 'rollback',
      phase: 'Failed',
      message: '2 failed checks reached the threshold of 2: errors: 3 > 1',
      decidedBy: 'errors',
      finishedAt: 1180,
      steps: [
        { at: 1000, weight: 20, failedChecks: 0 },
        { at: 1060, weight: 20, failedChecks: 1 },
        { at: 1120, weight: 20, failedChecks: 2 },
      ],
    });
  });

  it('keeps its weight after a failed check, and does not forget the check', async () => {
    const { steps, verdict, decidedBy } = await play(analysisOf([metricOf('errors')]), { errors: [2] });
    expect(steps?.map(({ weight, failedChecks }) => [weight, failedChecks])).toEqual([
      [20, 0],
      [20, 1],
      [40, 1],
    ]);
    expect([verdict, decidedBy]).toEqual(['promote', undefined]);
  });

  it('queries nothing after the first metric that fails', async () => {
    const { asked, metrics } = await play(analysisOf([metricOf('a'), metricOf('b')]), { a: [0, 2, 2] });
    expect(asked.map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
      'a 1060',
      'b 1060',
      'a 1120',
      'a 1180',
    ]);
    expect(metrics.map(({ phase, message }) => [phase, message])).toEqual([
      ['Failed', '2 > 1'],
      ['Successful', undefined],
    ]);
  });

  it('takes an error of Prometheus, and a query that it cannot render, for a failed check', async () => {
    const away = await play(analysisOf([metricOf('a')], { threshold: 1 }), { a: ['away'] });
    expect(away.message).toBe('1 failed checks reached the threshold of 1: a: away');
    expect(away.metrics[0]?.measurements).toEqual([{ at: 1060, phase: 'Error', values: [], message: 'away' }]);
    const fault = await play(analysisOf([metricOf('a', { fault: 'no function' })], { threshold: 1 }));
    expect([fault.message, fault.asked]).toEqual(['1 failed checks reached the threshold of 1: a: no function', []]);
  });

  it('says the remark of a metric beside a reason', async () => {
    const analysis = analysisOf([metricOf('a', { note: 'as Istio' })], { threshold: 1 });
    expect((await play(analysis, { a: [2] })).metrics[0]?.message).toBe('2 > 1; as Istio');
    expect((await play(analysis)).metrics[0]).not.toHaveProperty('message');
  });

  it('promotes at once what is not analysed', async () => {
    const { asked, metrics, ...verdict } = await play(analysisOf([metricOf('a')], { isSkipped: true }));
    expect(verdict).toMatchObject({ verdict: 'promote', finishedAt: 1000, steps: [] });
    expect(verdict.message).toBe('spec.skipAnalysis promotes without a check');
    expect(metrics[0]?.phase).toBe('Running');
    expect(asked).toEqual([]);
  });

  it.each<[string, Partial<FlaggerRun>, string, number]>([
    ['where the data ends', { cutAt: 1070 }, '40 %, 0 failed checks of 2', 1070],
    ['at the check that is due then', { cutAt: 1060 }, '40 %, 0 failed checks of 2', 1060],
    ['before its first weight', { cutAt: 999 }, '0 %, 0 failed checks of 2', 1000],
    ['when it is stopped', { signal: AbortSignal.abort() }, '0 %, 0 failed checks of 2', 1000],
  ])('decides nothing %s', async (_, options, says, at) => {
    const verdict = await play(analysisOf([metricOf('a')]), {}, options);
    expect(verdict).toMatchObject({ verdict: 'pause', phase: 'Running', finishedAt: at });
    expect(verdict.message).toBe(`nothing is decided yet: ${says}`);
  });

  it('needs the address of a Prometheus, which may be another than the one of the metric', async () => {
    const own = analysisOf([metricOf('a', { address: undefined })]);
    await expect(play(own)).rejects.toThrow('metric a: give the address of a Prometheus');
    const { asked } = await play(analysisOf([metricOf('a')]), {}, { prometheus: 'http://other' });
    expect(asked[0]).toBe('a 1060 http://other 5');
  });

  it('tells of each measurement when it is taken', async () => {
    const told: string[] = [];
    await play(
      analysisOf([metricOf('a')]),
      {},
      {
        onMeasurement: ({ name, measurements }, { at }) => told.push(`${name} ${at}: ${measurements.length}`),
      },
    );
    expect(told).toEqual(['a 1060: 1', 'a 1120: 2']);
  });
});

it('bounds become thresholds, a minimum first', () => {
  expect(thresholdsOf({ min: 1, max: 2 })).toEqual([
    { good: 'above', bound: 1 },
    { good: 'below', bound: 2 },
  ]);
  expect(thresholdsOf({ min: undefined, max: undefined })).toEqual([]);
});
