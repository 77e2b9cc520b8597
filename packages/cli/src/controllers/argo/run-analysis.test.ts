import { describe, expect, it } from 'vitest';
import type { Answer, Asked } from '../../prometheus.js';
import { createPastClock } from '../clock.js';
import type { RunVerdict } from '../verdict.js';
import { type ArgoRun, runArgoAnalysis } from './run-analysis.js';
import type { ArgoMetric } from './template.js';

type Reply = readonly number[] | Error;

const GUARDED = {
  successCondition: 'len(result) == 1 && result[0] <= 1',
  failureCondition: 'len(result) == 1 && result[0] > 1',
};
const [GOOD, BAD, NONE, BROKEN]: readonly Reply[] = [[0], [2], [], new Error('away')] as const;

const metricOf = ({
  provider,
  ...given
}: Omit<Partial<ArgoMetric>, 'provider'> & { provider?: object }): ArgoMetric => ({
  name: 'errors',
  initialDelay: 0,
  interval: 60,
  count: undefined,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 4,
  consecutiveSuccessLimit: 0,
  ...GUARDED,
  isDryRun: false,
  ...given,
  provider: {
    address: 'http://prometheus',
    query: given.name ?? 'errors',
    timeoutSeconds: 30,
    headers: { 'x-scope-orgid': 'eu' },
    range: undefined,
    fault: undefined,
    ...provider,
  },
});

interface Play {
  readonly verdict: RunVerdict;
  /** What was asked of whom, with which options. */
  readonly asked: readonly unknown[];
}

/** Plays a run from the second 1000 on; each query gets the next of its replies, and the last one again and again. */
async function play(
  metrics: readonly ArgoMetric[],
  replies: Readonly<Record<string, readonly Reply[]>>,
  run: Omit<ArgoRun, 'clock'> = {},
): Promise<Play> {
  const asked: unknown[] = [];
  const times: Record<string, number> = {};
  const answerTo = (query: string): Answer => {
    const script = replies[query] ?? [];
    times[query] = (times[query] ?? -1) + 1;
    const reply = script[Math.min(times[query], script.length - 1)] ?? [];
    if (reply instanceof Error) throw reply;
    return { type: 'vector', values: reply.map((value) => ({ labels: {}, value })) };
  };
  const client = (address: string): Asked => ({
    async query(query, at, options) {
      asked.push({ address, query, at, options });
      return answerTo(query);
    },
    async queryRange(query, range, options) {
      asked.push({ address, query, range, options });
      return answerTo(query);
    },
  });
  const verdict = await runArgoAnalysis({ name: 'gate', metrics, client, clock: createPastClock(1000), ...run });
  return { verdict, asked };
}

const timesOf = ({ metrics }: RunVerdict): readonly (readonly number[])[] =>
  metrics.map(({ measurements }) => measurements.map(({ at }) => at - 1000));

describe('one metric', () => {
  it.each<[string, Partial<ArgoMetric>, readonly Reply[], string, readonly number[], string]>([
    [
      'good in as many measurements as count',
      { count: 2 },
      [GOOD],
      'Successful',
      [0, 60],
      'no metric was over a limit',
    ],
    [
      'at its limit of failures, then over it',
      { failureLimit: 1, count: 9 },
      [BAD, GOOD, BAD],
      'Failed',
      [0, 60, 120],
      'metric "errors" assessed Failed due to failed (2) > failureLimit (1): failureCondition len(result) == 1 && result[0] > 1 holds',
    ],
    [
      'at its limit of failures',
      { failureLimit: 1, count: 2 },
      [BAD, GOOD],
      'Successful',
      [0, 60],
      'no metric was over a limit',
    ],
    [
      'over its limit of doubts',
      { inconclusiveLimit: 1, count: 9 },
      [NONE, NONE],
      'Inconclusive',
      [0, 60],
      'metric "errors" assessed Inconclusive due to inconclusive (2) > inconclusiveLimit (1): neither condition holds',
    ],
    [
      'over its limit of errors in a row',
      { consecutiveErrorLimit: 1, count: 9 },
      [GOOD, BROKEN, GOOD, BROKEN, BROKEN],
      'Error',
      [0, 60, 70, 130, 140],
      'metric "errors" assessed Error due to errors in a row (2) > consecutiveErrorLimit (1): away',
    ],
    [
      'good twice in a row',
      { consecutiveSuccessLimit: 2, failureLimit: 9 },
      [GOOD, BAD, GOOD],
      'Successful',
      [0, 60, 120, 180],
      'no metric was over a limit',
    ],
    [
      'never good twice in a row',
      { consecutiveSuccessLimit: 2, failureLimit: 0, inconclusiveLimit: 9, count: 3 },
      [GOOD, NONE, GOOD],
      'Inconclusive',
      [0, 60, 120],
      'metric "errors" assessed Inconclusive due to no 2 successes in a row within 3 measurements',
    ],
    [
      'never good twice in a row, without a limit of failures',
      { consecutiveSuccessLimit: 2, failureLimit: -1, count: 3 },
      [GOOD, BAD],
      'Failed',
      [0, 60, 120],
      'metric "errors" assessed Failed due to no 2 successes in a row within 3 measurements: failureCondition len(result) == 1 && result[0] > 1 holds',
    ],
    [
      'good, and has no interval, which is 10 s then',
      { interval: undefined, count: 2 },
      [GOOD],
      'Successful',
      [0, 10],
      'no metric was over a limit',
    ],
    [
      'good after its initial delay',
      { initialDelay: 90, count: 1 },
      [GOOD],
      'Successful',
      [90],
      'no metric was over a limit',
    ],
  ])('ends as $3 if it is %s', async (_, given, replies, phase, times, message) => {
    const { verdict } = await play([metricOf(given)], { errors: replies });
    expect(verdict).toMatchObject({ controller: 'argo', name: 'gate', startedAt: 1000, phase, message });
    expect(timesOf(verdict)).toEqual([times]);
    expect(verdict.finishedAt).toBe(1000 + (times.at(-1) ?? 0));
    expect(verdict.verdict).toBe({ Successful: 'promote', Inconclusive: 'pause' }[phase] ?? 'rollback');
    expect(verdict.decidedBy).toBe(phase === 'Successful' ? undefined : 'errors');
  });

  it('shows its conditions, its bounds, and how much of each limit was used', async () => {
    const { verdict } = await play([metricOf({ failureLimit: 3, inconclusiveLimit: 4, count: 4 })], {
      errors: [BAD, NONE, GOOD, BROKEN, GOOD],
    });
    expect(verdict.metrics).toEqual([
      expect.objectContaining({
        ...GUARDED,
        name: 'errors',
        query: 'errors',
        dryRun: false,
        thresholds: [{ good: 'below', bound: 1 }],
        limits: [
          { name: 'failureLimit', used: 1, limit: 3 },
          { name: 'inconclusiveLimit', used: 1, limit: 4 },
          { name: 'consecutiveErrorLimit', used: 0, limit: 4 },
        ],
      }),
    ]);
    expect(verdict.metrics[0]?.measurements.map(({ phase, values }) => [phase, values])).toEqual([
      ['Failed', [2]],
      ['Inconclusive', []],
      ['Successful', [0]],
      ['Error', []],
      ['Successful', [0]],
    ]);
    expect('message' in (verdict.metrics[0] ?? {})).toBe(false);
  });

  it('shows no conditions if it has none', async () => {
    const metric = metricOf({ successCondition: '', failureCondition: '', count: 1 });
    const [shown] = (await play([metric], { errors: [BAD] })).verdict.metrics;
    expect([shown?.phase, shown?.successCondition, shown?.failureCondition]).toEqual([
      'Successful',
      undefined,
      undefined,
    ]);
  });
});

describe('a measurement', () => {
  it('queries the Prometheus of the metric at the current time', async () => {
    const { asked } = await play([metricOf({ count: 1 })], {});
    expect(asked).toEqual([
      {
        address: 'http://prometheus',
        query: 'errors',
        at: 1000,
        options: { timeoutSeconds: 30, headers: { 'x-scope-orgid': 'eu' } },
      },
    ]);
  });

  it('queries a range, and can be aborted', async () => {
    const range = { start: 'now() - duration("5m")', end: 'now()', step: 60 };
    const { signal } = new AbortController();
    const { asked } = await play([metricOf({ count: 1, provider: { range } })], {}, { signal });
    expect(asked).toEqual([
      expect.objectContaining({
        range: { start: 700, end: 1000, step: 60 },
        options: { timeoutSeconds: 30, headers: { 'x-scope-orgid': 'eu' }, signal },
      }),
    ]);
  });

  it.each([
    [{ fault: 'the timeout is negative' }, 'the timeout is negative'],
    [{ range: { start: 'now()', end: 'now()', step: Number.NaN } }, 'rangeQuery.step is not a duration such as 30s'],
  ])('is an Error, if the provider has %j', async (provider, message) => {
    const { verdict, asked } = await play([metricOf({ provider, consecutiveErrorLimit: 0 })], {});
    expect(verdict.metrics[0]?.measurements).toEqual([{ at: 1000, phase: 'Error', values: [], message }]);
    expect(asked).toEqual([]);
  });
});

describe('a condition that coalmine does not know', () => {
  const successCondition = 'len(keys({})) == 0';

  it('ends the run without a verdict, and names the metric', async () => {
    await expect(play([metricOf({ successCondition })], { errors: [GOOD] })).rejects.toThrow(
      /^metric errors: not known here: the function keys of expr-lang, in successCondition/,
    );
  });

  it('is an Error in a dry run, whose verdict does not matter', async () => {
    const trial = metricOf({ name: 'trial', isDryRun: true, successCondition, consecutiveErrorLimit: 0 });
    const { verdict } = await play([metricOf({ count: 1 }), trial], { errors: [GOOD], trial: [GOOD] });
    expect(verdict.metrics.map(({ phase }) => phase)).toEqual(['Successful', 'Error']);
    expect(verdict.verdict).toBe('promote');
  });
});

describe('several metrics', () => {
  it('end with the first bad metric, and the worst metric decides', async () => {
    const metrics = ['good', 'doubt', 'failed', 'broken'].map((name) =>
      metricOf({ name, consecutiveErrorLimit: 0, ...(name === 'good' ? {} : { initialDelay: 60 }) }),
    );
    const { verdict } = await play(metrics, { good: [GOOD], doubt: [NONE], failed: [BAD], broken: [BROKEN] });
    expect(verdict).toMatchObject({ phase: 'Failed', verdict: 'rollback', decidedBy: 'failed', finishedAt: 1060 });
    expect(verdict.metrics.map(({ phase }) => phase)).toEqual(['Successful', 'Inconclusive', 'Failed', 'Error']);
    const without = await play(
      metrics.filter(({ name }) => name !== 'failed'),
      { good: [GOOD], doubt: [NONE], broken: [BROKEN] },
    );
    expect(without.verdict.decidedBy).toBe('broken');
  });

  it('go on until all have ended if only a dry run is bad', async () => {
    const metrics = [metricOf({ count: 3 }), metricOf({ name: 'trial', isDryRun: true })];
    const { verdict } = await play(metrics, { errors: [GOOD], trial: [BAD] });
    expect(verdict).toMatchObject({ phase: 'Successful', verdict: 'promote', finishedAt: 1120 });
    expect(timesOf(verdict)).toEqual([[0, 60, 120], [0]]);
    expect(verdict.metrics.map(({ phase, dryRun }) => [phase, dryRun])).toEqual([
      ['Successful', false],
      ['Failed', true],
    ]);
  });

  it('decide nothing if all of them are dry runs', async () => {
    const { verdict } = await play([metricOf({ isDryRun: true })], { errors: [BAD] });
    expect(verdict).toMatchObject({ phase: 'Successful', message: 'every metric is a dry run' });
  });
});

describe('a run that is ended', () => {
  it('by the last step is a success, with or without evidence', async () => {
    const { verdict } = await play([metricOf({})], { errors: [GOOD] }, { endAt: 1100 });
    expect(verdict).toMatchObject({
      phase: 'Successful',
      verdict: 'promote',
      finishedAt: 1100,
      message: 'the run was ended before a metric was over a limit',
    });
    expect(timesOf(verdict)).toEqual([[0, 60]]);
  });

  it('measures once more at its end', async () => {
    expect(timesOf((await play([metricOf({})], { errors: [GOOD] }, { endAt: 1120 })).verdict)).toEqual([[0, 60, 120]]);
    expect(timesOf((await play([metricOf({})], { errors: [GOOD] }, { cutAt: 1120 })).verdict)).toEqual([[0, 60, 120]]);
  });

  it('by the end of the data is undecided', async () => {
    const { verdict } = await play([metricOf({})], { errors: [GOOD] }, { cutAt: 1100 });
    expect(verdict).toMatchObject({
      phase: 'Running',
      verdict: 'pause',
      finishedAt: 1100,
      message: 'nothing is decided yet: metric "errors" was still being measured',
    });
    const ended = await play([metricOf({})], { errors: [GOOD] }, { endAt: 1050, cutAt: 1100 });
    expect(ended.verdict.phase).toBe('Successful');
  });

  it('by its user is undecided, and says nothing about the query that was under way', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const { verdict } = await play(
      [metricOf({})],
      { errors: [GOOD] },
      {
        signal: abort.signal,
        onMeasurement: (metric, { at }) => {
          seen.push(at);
          expect(metric.measurements).toHaveLength(seen.length);
          if (seen.length === 2) abort.abort();
        },
      },
    );
    expect(verdict).toMatchObject({ phase: 'Running', verdict: 'pause' });
    expect(seen).toEqual([1000, 1060]);
  });
});
