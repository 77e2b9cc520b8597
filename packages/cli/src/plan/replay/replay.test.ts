import { describe, expect, it } from 'vitest';
import type { AnalysisResult, RouteCounts } from '../../analyze/result.js';
import type { Asked } from '../../prometheus.js';
import { parseRelease } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import { type Replayed, replay } from './replay.js';
import { createSharing } from './sharing.js';
import type { StoredSeries } from './store.js';
import type { Template } from './template.js';

const release = parseRelease({ name: 'shop' });
const [CANARY, STABLE] = ['c', 's'].map((name) => ({ name }) as Pod) as [Pod, Pod];
const LABELS = { method: 'GET', route: '/', status_code: '200' };

/** Returns a series with a sample each 15 seconds from a time on. */
const series = (
  metric: string,
  pod: string,
  { from = 1000, count = 5, every = 15, value = 1, labels = LABELS as StoredSeries['labels'] } = {},
): StoredSeries => ({
  metric,
  labels: { pod, ...labels },
  samples: Array.from({ length: count }, (_, i) => ({ at: from + every * i, value })),
});
const requests = (pod: string, more: Parameters<typeof series>[2] = {}) => series('http_requests_total', pod, more);
const ready = (pod: string, value: number) =>
  series('coalmine_pod_ready_timestamp_seconds', pod, { value, labels: {} });
const objective = (value: number) => series('coalmine_objective_latency_seconds', 'c', { value, labels: {} });
const BOTH = [requests('c'), requests('s')];

interface Run {
  readonly asked: Asked;
  readonly startedAt: number;
  readonly without: readonly string[];
}

/** Replays an analysis that ends in a result, and says how it was run. */
async function play(
  all: readonly StoredSeries[],
  more: Partial<Parameters<typeof replay>[0]> & {
    readonly ended?: Partial<AnalysisResult>;
    readonly isStandIn?: boolean;
  } = {},
): Promise<{ readonly replayed: Replayed; readonly run: Run | undefined }> {
  const { ended = {}, isStandIn = false, ...rest } = more;
  let run: Run | undefined;
  const template = {
    parsing: createSharing(),
    metrics: [
      { name: 'instrumentation', series: ['gone'] },
      { name: 'errors', series: ['http_requests_total'] },
      { name: 'hangs', series: ['http_requests_total', 'http_requests_overdue'] },
    ],
    labelsOf: (side: string, index: number) => ({ side: `${side} ${index}` }),
    async run(asked: Asked, startedAt: number, without: ReadonlySet<string>) {
      run = { asked, startedAt, without: [...without] };
      return { verdict: 'promote', message: 'all is well', finishedAt: startedAt + 600, metrics: [], ...ended };
    },
  } as unknown as Template;
  const replayed = await replay({
    release,
    template,
    appObjective: undefined,
    samples: { series: all, isStandIn },
    canary: [CANARY],
    stable: [STABLE],
    ...rest,
  });
  return { replayed, run };
}
const whyNot = async (...args: Parameters<typeof play>): Promise<string> => {
  const { replayed } = await play(...args);
  return 'why' in replayed ? replayed.why : 'none';
};

describe('a release of the past', () => {
  it('starts when its first pod is ready and scraped', async () => {
    const startOf = async (...args: Parameters<typeof play>) => (await play(...args)).run?.startedAt;
    expect(await startOf(BOTH)).toBe(1000);
    expect(await startOf([...BOTH, requests('c', { from: 1010 })])).toBe(1000);
    expect(await startOf([...BOTH, ready('c', 1030)])).toBe(1030);
    const two = { canary: [CANARY, { name: 'd' } as Pod] };
    expect(await startOf([...BOTH, requests('d', { from: 990 })], two)).toBe(990);
    expect(await startOf([...BOTH, ready('c', 900)])).toBe(1000);
    expect(await startOf([...BOTH, ready('c', 4599)])).toBe(4599);
    expect(await startOf([...BOTH, ready('c', 4600)])).toBe(1000);
    expect(await startOf([...BOTH, ready('s', 1030)])).toBe(1000);
    expect(await startOf([...BOTH, ready('c', 1030)], { from: 1200 })).toBe(1200);
  });

  it('has its pods on their sides, and no others', async () => {
    const { run } = await play([...BOTH, requests('other')]);
    const answer = await run?.asked.query('http_requests_total', 1060);
    expect(answer).toMatchObject({
      type: 'vector',
      values: [{ labels: { side: 'canary 0', pod: 'c' } }, { labels: { side: 'stable 0', pod: 's' } }],
    });
    expect(await run?.asked.query('1', 1060)).toEqual({ type: 'scalar', value: 1 });
  });

  it('is not asked what the samples of the past cannot answer', async () => {
    const { run } = await play(BOTH);
    await expect(run?.asked.query('sum(', 1060)).rejects.toThrow('not known here: a part of the query sum(');
    await expect(run?.asked.queryRange('up', { start: 0, end: 1, step: 1 })).rejects.toThrow('a part of the query up');
  });

  it('is measured by all metrics, or by some', async () => {
    expect((await play(BOTH)).run?.without).toEqual([]);
    expect((await play(BOTH, { measured: ['errors'] })).run?.without).toEqual(['instrumentation', 'hangs']);
  });

  it('is not measured by what a histogram cannot replace', async () => {
    const { replayed, run } = await play(BOTH, { isStandIn: true });
    expect(run?.without).toEqual(['hangs']);
    expect(replayed).toMatchObject({ without: ['hangs'] });
  });
});

describe('a release of the past is not replayed', () => {
  it.each<[string, Parameters<typeof play>, string]>([
    ['without requests', [[requests('s')]], 'the history has no requests of it by method, route and status'],
    [
      'without a label',
      [[requests('c', { labels: { method: 'GET' } }), requests('s')]],
      'its series have no label route, status_code: give --series-label with their names',
    ],
    [
      'without the label for the status',
      [[requests('c', { labels: { method: 'GET', route: '/' } }), requests('s')]],
      'its series have no label status_code: give --series-label with their names',
    ],
    [
      'if the app had another objective then',
      [
        [...BOTH, objective(0.25)],
        { appObjective: 0.5, release: parseRelease({ name: 'shop', objective: { latency: 0.5 } }) },
      ],
      'the app had the objective 0.25 s then, and these templates have the objective of today',
    ],
    [
      'if the app had the same objective then',
      [
        [...BOTH, objective(0.5)],
        { appObjective: 0.5, release: parseRelease({ name: 'shop', objective: { latency: 0.5 } }) },
      ],
      'none',
    ],
    ['if the templates have another objective anyway', [[...BOTH, objective(0.25)], { appObjective: 0.5 }], 'none'],
    [
      'if it was scraped too rarely',
      [[requests('c', { every: 120 }), requests('s')]],
      expect.stringMatching(
        /^the history has a sample each 120 s, and a window of \d+ s needs one each \d+ s at least/,
      ) as unknown as string,
    ],
    [
      'if there was nothing to compare with at first',
      [[requests('c'), requests('s', { from: 1000 + release.analysis.windowSeconds + 1 })]],
      'the other pods of the build started more than a window later: at first there was nothing to compare with',
    ],
    [
      'if there was something just in time',
      [[requests('c'), requests('s', { from: 1000 + release.analysis.windowSeconds })]],
      'none',
    ],
    ['if only some of its series lack a label', [[...BOTH, requests('c', { labels: {} })]], 'none'],
    ['if there is nothing beside it at all', [[requests('c')]], 'none'],
  ])('%s', async (_, args, why) => {
    expect(await whyNot(...args)).toEqual(why);
  });
});

describe('the judgement', () => {
  const route = (rest: Partial<RouteCounts['canary']> = {}, stable?: RouteCounts['canary']): RouteCounts => {
    const counts = { requests: 100, failed: 0, timed: 100, slow: 0, answers: {} };
    return { method: 'GET', route: '/a', canary: { ...counts, ...rest }, ...(stable === undefined ? {} : { stable }) };
  };
  const judged = async (decidedBy: string | undefined, ...routes: readonly RouteCounts[]) => {
    const account = { canary: route().canary, routes, notes: [] };
    const ended = {
      verdict: 'rollback' as const,
      message: 'why',
      ...(decidedBy === undefined ? {} : { decidedBy }),
      account,
    };
    const { replayed } = await play(BOTH, { ended });
    return 'judgement' in replayed ? replayed.judgement : undefined;
  };

  it('has its times, and says why', async () => {
    const { replayed } = await play(BOTH);
    expect(replayed).toEqual({
      judgement: { startedAt: 1000, verdict: 'promote', decidedAt: 1600, why: 'all is well' },
      without: [],
    });
    const metrics = [{ name: 'hangs', words: 'it hangs' }] as unknown as AnalysisResult['metrics'];
    const bad = await play(BOTH, { ended: { verdict: 'pause', decidedBy: 'hangs', metrics } });
    expect(bad.replayed).toMatchObject({ judgement: { metric: 'hangs', why: 'it hangs' } });
    const plain = await play(BOTH, { ended: { verdict: 'pause', message: 'as it is' } });
    expect(plain.replayed).toMatchObject({ judgement: { why: 'as it is' } });
  });

  it.each([
    ['routes-failing', 'GET /a'],
    ['error-ratio', 'GET /a'],
    ['slow-ratio', 'GET /a'],
    ['hangs', undefined],
    [undefined, undefined],
  ])('by %s names the worst route: %s', async (metric, worst) => {
    expect((await judged(metric, route()))?.route).toBe(worst);
    expect((await judged(metric))?.route).toBeUndefined();
  });

  it('names the responses by which a route differs most', async () => {
    const stable = route({ answers: { '3xx': 40 } }).canary;
    const canary = route({ answers: { '3xx': 50, '4xx': 20 } }, stable);
    expect((await judged('routes-differing', canary))?.difference).toBe('GET /a 4xx');
    expect((await judged('routes-turning-away', canary))?.difference).toBe('GET /a 4xx');
    expect((await judged('routes-failing', canary))?.difference).toBeUndefined();
    expect((await judged('routes-differing', route({ answers: { '3xx': 40 } }, stable)))?.difference).toBeUndefined();
    expect((await judged('routes-differing', route({ answers: { '3xx': 1 } })))?.difference).toBe('GET /a 3xx');
    expect((await judged('routes-differing', route({}, stable)))?.difference).toBeUndefined();
  });
});
