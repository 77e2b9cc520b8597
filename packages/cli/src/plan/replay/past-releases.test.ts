import { describe, expect, it } from 'vitest';
import type { AnalysisResult } from '../../analyze/result.js';
import { parseRelease } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import type { Reader } from '../history/reader.js';
import { judgePastReleases } from './past-releases.js';
import { createSharing } from './sharing.js';
import type { Template } from './template.js';

const HOUR = 3600;

const pod = (name: string, hash: string, from: number, to: number, isOlder = false): Pod => ({
  name,
  hash,
  from,
  to,
  isOlder,
});

interface History {
  /** The verdicts on the analyses, in their order; promote after them. */
  readonly ended?: readonly Partial<AnalysisResult>[];
  /** The series that pods may have in memory at a time. */
  readonly series?: number;
  readonly hasCounters?: boolean;
  readonly left?: number;
  readonly controller?: 'argo' | 'flagger';
  readonly strategy?: 'canary' | 'blue-green';
}

/** Judges the releases of pods in a history of ten hours, by analyses that take half an hour. */
async function judge(pods: readonly Pod[], history: History = {}) {
  const { ended = [], series = 1, hasCounters = true, left = 100, controller = 'argo', strategy = 'canary' } = history;
  const release = parseRelease({ name: 'shop', strategy });
  const { names } = release;
  const progress: string[] = [];
  const runs: { startedAt: number; without: readonly string[]; read: number }[] = [];
  let read = 0;
  const template = {
    controller,
    seconds: HOUR / 2,
    lookbackSeconds: 600,
    series: [names.requests],
    metrics: ['traffic', 'instrumentation', 'routes-failing', 'routes-slow', 'error-ratio'].map((name) => ({
      name,
      series: [],
    })),
    parsing: createSharing(),
    labelsOf: () => ({}),
    async run(_: unknown, startedAt: number, without: ReadonlySet<string>) {
      runs.push({ startedAt, without: [...without], read });
      return {
        verdict: 'promote',
        message: 'all is well',
        finishedAt: startedAt + HOUR / 2,
        metrics: [],
        ...ended[runs.length - 1],
      };
    },
  } as unknown as Template;
  const reader = {
    counted: async () => (hasCounters ? { series, since: 0 } : undefined),
    async stored(selector: string, span: { start: number; end: number }) {
      const named = (/pod=~"([^"]*)"/.exec(selector)?.[1] ?? '').split('|');
      read = named.length;
      return pods
        .filter(({ name }) => named.includes(name))
        .flatMap(({ name, from }) =>
          [names.requests, names.failed, names.timed, names.slow].map((metric) => ({
            labels: { __name__: metric, pod: name, method: 'GET', route: '/', status_code: '200' },
            samples: [0, 15, 30].map((after) => ({ at: Math.max(from, span.start) + after, value: 1 })),
          })),
        );
    },
    left: () => left,
  } as unknown as Reader;
  const judged = await judgePastReleases({
    release,
    template,
    pods,
    span: { start: 0, end: 10 * HOUR },
    stepSeconds: 15,
    bound: undefined,
    objective: 0.5,
    appObjective: undefined,
    reader,
    onProgress: (what) => progress.push(what),
  });
  return { ...judged, progress, runs, remarks: judged.notReplayed.map(({ what, why }) => `${what}: ${why}`) };
}

const BAD = { verdict: 'rollback' as const, decidedBy: 'routes-failing', message: 'it failed' };
const OLD = pod('a1', 'a', 0, 3 * HOUR, true);

describe('a release of the past', () => {
  it('is each new build, beside the one that had the users before', async () => {
    const { releases, bad, progress, runs } = await judge([
      pod('a1', 'a', 0, 3 * HOUR, true),
      pod('b1', 'b', 2 * HOUR, 6 * HOUR),
      pod('b2', 'b', 2 * HOUR + 60, 6 * HOUR),
      pod('c1', 'c', 5 * HOUR, 10 * HOUR),
    ]);
    expect(
      releases.map(({ hash, before, pods, verdict, overlapSeconds }) => [hash, before, pods, verdict, overlapSeconds]),
    ).toEqual([
      ['b', 'a', 2, 'promote', HOUR],
      ['c', 'b', 1, 'promote', HOUR],
    ]);
    expect(bad).toEqual([]);
    expect(progress).toEqual(['release 1 of 2, b', 'release 2 of 2, c']);
    expect(runs[0]).toMatchObject({ startedAt: 2 * HOUR, without: [] });
  });

  it('is bad if it would have been rolled back', async () => {
    const { releases, bad } = await judge([OLD, pod('b1', 'b', 2 * HOUR, 6 * HOUR)], { ended: [BAD] });
    expect(bad).toEqual(['b']);
    expect(releases).toMatchObject([{ hash: 'b', verdict: 'rollback', metric: 'routes-failing', why: 'it failed' }]);
    expect(
      (await judge([OLD, pod('b1', 'b', 2 * HOUR, 6 * HOUR)], { ended: [{ ...BAD, verdict: 'pause' }] })).bad,
    ).toEqual([]);
  });

  it('has the pods of its first half hour, without those of an autoscaler', async () => {
    const started = [0, 1800, 1801].map((after, i) => pod(`b${i}`, 'b', 2 * HOUR + after, 6 * HOUR));
    expect((await judge([OLD, ...started])).releases).toMatchObject([{ pods: 2 }]);
  });

  it('is compared with the build that had the most pods', async () => {
    const before = [
      pod('x1', 'x', 0, 3 * HOUR, true),
      pod('a2', 'a', 0, 3 * HOUR, true),
      pod('a3', 'a', 0, 3 * HOUR, true),
    ];
    expect((await judge([...before, pod('b1', 'b', 2 * HOUR, 6 * HOUR)])).releases).toMatchObject([{ before: 'a' }]);
  });

  it('is none if it came back, or was there from the start', async () => {
    expect((await judge([OLD, pod('a9', 'a', 2 * HOUR, 6 * HOUR)])).releases).toEqual([]);
    expect((await judge([pod('a1', 'a', 0, 9 * HOUR), pod('b1', 'b', 0, 9 * HOUR)])).releases).toEqual([]);
  });

  it('is none if its pods are the primary of Flagger', async () => {
    const primary = pod('shop-primary-7d9c8b654f-x2k9z', 'p', 2 * HOUR, 6 * HOUR);
    expect((await judge([OLD, primary])).releases).toHaveLength(1);
    expect((await judge([OLD, primary], { controller: 'flagger' })).releases).toHaveLength(0);
    const promoted = [pod('shop-primary-7d9c8b654f-x2k9z', 'b', 0, 6 * HOUR, true), pod('b1', 'b', 2 * HOUR, 3 * HOUR)];
    expect((await judge([OLD, ...promoted], { controller: 'flagger' })).releases).toHaveLength(0);
  });

  it('has nothing to compare with if it is the first, or if the others were gone', async () => {
    expect((await judge([pod('a1', 'a', 60, 3 * HOUR)])).remarks).toEqual([
      'the release a: it is the first in the history of this name: there is nothing to compare it with',
    ]);
    expect((await judge([pod('a1', 'a', 0, HOUR, true), pod('b1', 'b', 2 * HOUR, 6 * HOUR)])).remarks[0]).toBe(
      'the release b: the pods before it were gone when it started: there is nothing to compare it with',
    );
  });
});

describe('a release of the past has a remark', () => {
  const notesOf = async (...args: Parameters<typeof judge>) => (await judge(...args)).releases[0]?.notes;

  it('if the build before it was gone before it was decided', async () => {
    const gone = (after: number) => [pod('a1', 'a', 0, 2 * HOUR + after, true), pod('b1', 'b', 2 * HOUR, 6 * HOUR)];
    expect(await notesOf(gone(1800))).toEqual([]);
    expect(await notesOf(gone(1799))).toEqual(['a was gone after 30 min: from then on, the objectives alone decide']);
    expect(await notesOf(gone(120))).toEqual(['a was gone after 2 min: from then on, the objectives alone decide']);
    expect((await judge(gone(0))).releases).toMatchObject([{ overlapSeconds: 0 }]);
    expect(await notesOf(gone(119))).toEqual(['a was gone after 119 s: from then on, the objectives alone decide']);
  });

  it('about the build before it only if that was gone before the history ended', async () => {
    const gone = (to: number) => [pod('a1', 'a', 0, to, true), pod('b1', 'b', 9.6 * HOUR, 10 * HOUR)];
    expect(await notesOf(gone(10 * HOUR - 15))).toEqual([]);
    expect(await notesOf(gone(10 * HOUR - 16))).toEqual([
      'a was gone after 24 min: from then on, the objectives alone decide',
    ]);
  });

  it('if it was gone itself, unless the history ends there', async () => {
    const lived = (from: number) => [pod('a1', 'a', 0, 10 * HOUR, true), pod('b1', 'b', from, from + 600)];
    expect(await notesOf(lived(2 * HOUR))).toEqual(['b was gone after 10 min, before the release would have ended']);
    expect(await notesOf(lived(9.6 * HOUR))).toEqual([]);
  });

  it('if not all of its pods fit in memory', async () => {
    const pods = [1, 2, 3, 4].map((i) => pod(`b${i}`, 'b', 2 * HOUR, 6 * HOUR));
    const { releases, runs } = await judge([OLD, pod('a2', 'a', 0, 3 * HOUR, true), ...pods], { series: 100_000 });
    expect(releases[0]?.notes).toEqual([
      '1 of its 4 pods were read, and 1 of the 2 pods of a: more would not fit in memory',
    ]);
    expect(runs[0]?.read).toBe(2);
    const more = await judge([OLD, pod('a2', 'a', 0, 3 * HOUR, true), ...pods], { series: 20_000 });
    expect(more.releases[0]?.notes).toEqual([
      '3 of its 4 pods were read, and 2 of the 2 pods of a: more would not fit in memory',
    ]);
  });
});

describe('a release of the past is not replayed', () => {
  it.each<[string, History, string]>([
    [
      'without series',
      { hasCounters: false },
      'the history has neither the counters of Coalmine nor a histogram with buckets',
    ],
    [
      'beyond the limit of samples',
      { hasCounters: false, left: 0 },
      'the limit of samples is reached: give --max-samples to read more',
    ],
  ])('%s', async (_, history, why) => {
    const { releases, remarks } = await judge([OLD, pod('b1', 'b', 2 * HOUR, 6 * HOUR)], history);
    expect(releases).toEqual([]);
    expect(remarks[0]).toBe(`the release b: ${why}`);
    expect(remarks[1]).toMatch(/^the release a: it began before the history, so whether it was bad is not known/);
  });
});

describe('a release that started before the history', () => {
  const PODS = [OLD, pod('b1', 'b', 2 * HOUR, 6 * HOUR)];

  it('is judged by the one after it, by its routes and by nothing else', async () => {
    const { bad, remarks, runs } = await judge(PODS);
    expect(runs.map(({ without }) => without)).toEqual([[], ['error-ratio']]);
    expect([bad, remarks]).toEqual([[], []]);
  });

  it('is bad if its routes were worse', async () => {
    const { bad, remarks } = await judge(PODS, { ended: [{}, BAD] });
    expect(bad).toEqual(['a']);
    expect(remarks).toEqual([
      'the release a: it began before the history. Beside b, which followed, it would have been rolled back (routes-failing: it failed), so the proposal leaves out the hours in which it served',
    ]);
  });

  it('is not known if something else ended the comparison, or after a switch', async () => {
    const unknown =
      'the release a: it began before the history, so whether it was bad is not known. The proposal counts the hours in which it served';
    const other = await judge(PODS, { ended: [{}, { ...BAD, decidedBy: 'traffic' }] });
    expect([other.bad, other.remarks]).toEqual([[], [unknown]]);
    expect((await judge(PODS, { strategy: 'blue-green' })).remarks).toEqual([unknown]);
  });

  it('is not known if the release after it was not beside it', async () => {
    const { remarks } = await judge([
      pod('a1', 'a', 0, HOUR, true),
      pod('b1', 'b', 2 * HOUR, 4 * HOUR),
      pod('c1', 'c', 3 * HOUR, 6 * HOUR),
    ]);
    expect(remarks).toEqual([
      expect.stringMatching(/^the release b: the pods before it were gone/),
      expect.stringMatching(/^the release a: it began before the history/),
    ]);
  });

  it('is judged once', async () => {
    const { runs } = await judge([
      pod('a1', 'a', 0, 9 * HOUR, true),
      pod('b1', 'b', 2 * HOUR, 3 * HOUR),
      pod('c1', 'c', 5 * HOUR, 6 * HOUR),
    ]);
    expect(runs).toHaveLength(3);
  });
});
