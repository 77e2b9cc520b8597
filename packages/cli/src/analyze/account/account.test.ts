import { describe, expect, it } from 'vitest';
import type { Measurement, Phase } from '../../controllers/verdict.js';
import { parseRelease } from '../../release/release.js';
import { analysisResult, metricResult } from '../fixtures/results.js';
import type { AnalysisResult, MetricResult } from '../result.js';
import { type AccountSource, withAccount } from './account.js';

const release = parseRelease({ name: 'shop', accept: ['GET /old 3xx'] });
const WINDOW = release.analysis.windowSeconds;
const [CANARY, STABLE] = ['pod="c"', 'pod="s"'];

const measured = (at: number, phase: Phase, ...values: readonly number[]): Measurement => ({ at, phase, values });
const metric = (name: string, rest: Partial<MetricResult> = {}): MetricResult =>
  metricResult({ name, measurements: [measured(2000, 'Failed', 2)], ...rest });
const result = (...metrics: readonly MetricResult[]): AnalysisResult =>
  analysisResult({ startedAt: 1000, finishedAt: 3000, metrics });

interface Served {
  readonly canary?: number | ((at: number) => number) | undefined;
  readonly stable?: number | undefined;
  /** When the canary was ready, and the slow requests of a hundred at a time. */
  readonly readyAt?: number;
  readonly slowAt?: (at: number) => number;
}

/** Returns a source that has counted requests of both sides, and notes what it is asked, and when. */
function sourceOf(served: Served = {}, more: Partial<AccountSource> = {}) {
  const { canary, stable, readyAt, slowAt = () => 0 } = { canary: 100, stable: 900, ...served };
  const asked: { promql: string; at: number }[] = [];
  const source: AccountSource = {
    release,
    canary: CANARY,
    stable: STABLE,
    stableEarlier: 0,
    weight: undefined,
    async query(promql, at) {
      asked.push({ promql, at });
      const vector = (labels: Readonly<Record<string, string>>[], values: readonly number[]) => ({
        type: 'vector' as const,
        values: labels.map((each, i) => ({ labels: each, value: values[i] as number })),
      });
      if (promql.includes('ready_timestamp')) return vector(readyAt === undefined ? [] : [{}], [readyAt ?? 0]);
      if (!promql.includes('coalmine_what')) return vector([], []);
      const ofCanary = typeof canary === 'function' ? canary(at) : canary;
      const requests = promql.includes(CANARY) ? ofCanary : stable;
      if (requests === undefined) return vector([], []);
      const labels = { method: 'GET', route: '/a' };
      const what = ['requests', 'failed', 'timed', 'slow'];
      return vector(
        what.map((each) => ({ coalmine_what: each, ...labels })),
        [requests, requests / 10, requests, (requests * slowAt(at)) / 100],
      );
    },
    ...more,
  };
  return { source, asked };
}

describe('the account of an analysis', () => {
  it('has the requests of both sides and of each route, and what was meant to differ', async () => {
    const { account } = await withAccount(result(metric('errors')), sourceOf().source);
    const canary = { requests: 100, failed: 10, timed: 100, slow: 0, answers: {} };
    const stable = { requests: 900, failed: 90, timed: 900, slow: 0, answers: {} };
    expect(account).toEqual({
      canary,
      stable,
      routes: [{ method: 'GET', route: '/a', canary, stable }],
      notes: ['intended differences, which are not judged: GET /old 3xx'],
    });
  });

  it('covers the analysis, or a window if the analysis was shorter', async () => {
    const rangeOf = async (...times: readonly number[]) => {
      const { source, asked } = sourceOf();
      await withAccount(
        result(metric('errors', { measurements: times.map((at) => measured(at, 'Failed', 1)) })),
        source,
      );
      return asked.find(({ promql }) => promql.includes('increase('));
    };
    expect(await rangeOf(1000 + WINDOW, 1001 + 2 * WINDOW)).toMatchObject({
      at: 1001 + 2 * WINDOW,
      promql: expect.stringContaining(`[${2 * WINDOW + 1}s]`),
    });
    expect(await rangeOf()).toMatchObject({ at: 1000 });
    const short = await rangeOf(1010);
    expect(short?.at).toBe(1010);
    expect(short?.promql).not.toContain('[10s]');
  });

  it('has a remark if stable is silent', async () => {
    const { account } = await withAccount(result(metric('errors')), sourceOf({ stable: undefined }).source);
    expect(account?.notes[0]).toBe('stable has no series of Coalmine: only its objectives judge the canary');
    expect(account).not.toHaveProperty('stable');
    const none = await withAccount(result(metric('errors')), sourceOf({}, { stable: undefined }).source);
    expect(none.account?.notes).toEqual(['intended differences, which are not judged: GET /old 3xx']);
  });

  it('is missing without a source, without series, or without Prometheus', async () => {
    const told = result(metric('errors'));
    expect(await withAccount(told, undefined)).toBe(told);
    expect(await withAccount(told, sourceOf({ canary: undefined }).source)).not.toHaveProperty('account');
    const { source } = sourceOf({}, { query: () => Promise.reject(new Error('away')) });
    expect(await withAccount(told, source)).toBe(told);
  });
});

describe('the words of a metric', () => {
  const wordsOf = async (served: Served, ...metrics: readonly MetricResult[]) =>
    (await withAccount(result(...metrics), sourceOf(served).source)).metrics.map(({ words }) => words);

  it('are about the requests of Coalmine, and about no other metric', async () => {
    const [ours, other] = await wordsOf({}, metric('error-ratio'), metric('mine'));
    expect(ours).toContain('10 of 100');
    expect(other).toBeUndefined();
    const { metrics } = await withAccount(result(metric('mine')), sourceOf().source);
    expect(metrics[0]).not.toHaveProperty('words');
  });

  it('are about the last measurement that decided', async () => {
    const askedAt = async (...measurements: readonly Measurement[]) => {
      const { source, asked } = sourceOf();
      await withAccount(result(metric('error-ratio', { measurements })), source);
      return asked
        .filter(({ promql }) => promql.includes('coalmine_what') && !promql.includes('increase('))
        .map(({ at }) => at);
    };
    expect(
      await askedAt(measured(1500, 'Failed', 2), measured(1600, 'Failed', 2), measured(1700, 'Successful', 0)),
    ).toEqual([1600, 1600]);
    expect(await askedAt(measured(1500, 'Successful', 2), measured(1700, 'Successful', 0))).toEqual([1700, 1700]);
    expect(await askedAt()).toEqual([]);
  });

  it('say that nothing is judged where app and templates differ', async () => {
    const empty = { phase: 'Inconclusive' as const, measurements: [measured(2000, 'Inconclusive')] };
    const instrumentation = (value: number) =>
      metric('instrumentation', { measurements: [measured(2000, 'Failed', value)] });
    expect((await wordsOf({}, instrumentation(1), metric('error-ratio', empty)))[1]).toContain(
      'app and templates differ',
    );
    expect((await wordsOf({}, instrumentation(0), metric('error-ratio', empty)))[1]).toContain('a series or a label');
    expect((await wordsOf({}, metric('error-ratio', empty)))[0]).toContain('a series or a label');
    const once = metric('instrumentation', { measurements: [measured(1, 'Failed', 1), measured(2, 'Successful', 0)] });
    expect((await wordsOf({}, once, metric('error-ratio', empty)))[1]).toContain('app and templates differ');
  });
});

describe('slowness that fades', () => {
  const READY = 1000;
  const notesOf = async (at: number, slowAt: (at: number) => number, served: Served = {}) => {
    const measurements = [measured(at, 'Failed', 2)];
    const source = sourceOf({ readyAt: READY, slowAt, ...served }).source;
    const { account } = await withAccount(result(metric('slow-ratio', { measurements })), source);
    return account?.notes.slice(1);
  };
  const FIRST = READY + WINDOW + release.analysis.scrapeSeconds;
  const early = (first: number, last: number) => (at: number) => (at === FIRST ? first : last);

  it('is told with its shares', async () => {
    expect(await notesOf(READY + 2 * WINDOW, early(40, 20))).toEqual([
      'slowness fades with the age of the pods: 40 % of their requests were slow at the start, 20 % at the end; a longer warmup.minSeconds leaves the start out',
    ]);
  });

  it('is told of as many requests as a verdict needs', async () => {
    const served = { canary: release.analysis.minRequests };
    expect(await notesOf(READY + 2 * WINDOW, early(40, 20), served)).toHaveLength(1);
  });

  it.each<[string, number, (at: number) => number, Served?]>([
    ['it lasts', READY + 2 * WINDOW, early(40, 21)],
    ['nothing was slow', READY + 2 * WINDOW, early(100 * release.objective.overShare, 0)],
    ['the pods are young', READY + 2 * WINDOW - 1, early(40, 20)],
    ['the pods are older than the release', READY + release.analysis.lookbackSeconds + 1, early(40, 20)],
    ['the pods are not known', READY + 2 * WINDOW, early(40, 20), { readyAt: undefined as unknown as number }],
    ['there are few requests', READY + 2 * WINDOW, early(40, 20), { canary: release.analysis.minRequests - 1 }],
    [
      'there were few requests at first',
      READY + 2 * WINDOW,
      early(40, 20),
      { canary: (at) => (at === FIRST ? 1 : 100) },
    ],
  ])('is not told if %s', async (_, at, slowAt, served) => {
    expect(await notesOf(at, slowAt, served)).toEqual([]);
  });
});
