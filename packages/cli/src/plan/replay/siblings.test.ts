import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import type { Reader } from '../history/reader.js';
import { type ReplaySource, replaySiblings, upperBound } from './siblings.js';
import type { Template } from './template.js';

const HOUR = 3600;

/** A pod that nothing speaks against, but for what is given. */
const pod = (name: string, more: Partial<Pod> = {}): Pod => ({
  name,
  hash: 'a',
  from: HOUR,
  to: 10 * HOUR,
  isOlder: false,
  ...more,
});

/** Returns what is not replayed of pods, none of which can be a canary: a release takes half an hour. */
async function notReplayed(pods: readonly Pod[], bad: readonly string[] = []): Promise<readonly string[]> {
  const source: ReplaySource = {
    release: parseRelease({ name: 'shop' }),
    template: { seconds: HOUR / 2 - 15 } as Template,
    pods,
    span: { start: 0, end: 20 * HOUR },
    stepSeconds: 15,
    bound: undefined,
    objective: 0.5,
    appObjective: undefined,
    reader: {} as Reader,
    onProgress: () => {},
  };
  const replays = await replaySiblings(source, 100, new Set(bad));
  expect(replays).toMatchObject({ judged: 0, falseAlarmRate: undefined, falseAlarmRateAtMost: undefined });
  return replays.notReplayed.map(({ what, why }) => `${what}: ${why}`);
}

describe('a pod is not treated as a canary', () => {
  it('if it started before the history', async () => {
    expect(await notReplayed([pod('x', { isOlder: true }), pod('y', { isOlder: true })])).toEqual([
      '2 pods: they started before the history, so the time of their start is not known',
    ]);
  });

  it('if its build is known to be bad', async () => {
    expect(await notReplayed([pod('x'), pod('y')], ['a'])).toEqual([
      '2 pods: the release a would have been rolled back: a verdict on its pods is not a false alarm',
    ]);
  });

  it('if it did not live as long as a release, or not yet', async () => {
    expect(
      await notReplayed([pod('x', { to: 1.5 * HOUR - 1 }), pod('y', { from: 19.6 * HOUR, to: 20 * HOUR - 15 })]),
    ).toEqual([
      '1 pod: they lived for less than the duration of a release (30 min)',
      '1 pod: they are younger than the duration of a release',
    ]);
  });

  it.each<[what: string, other: Partial<Pod>]>([
    ['is of another build', { hash: 'b' }],
    ['started too late', { from: HOUR + 301 }],
    ['ended too early', { to: 1.5 * HOUR - 1 }],
  ])('if the only other pod %s', async (_, other) => {
    const remarks = await notReplayed([pod('x'), pod('y', { ...other, isOlder: true })]);
    expect(remarks).toContain(
      '1 pod: no other pod of the same build served at the same time: with one pod there is nothing to compare with',
    );
  });
});

describe('the highest rate of false alarms', () => {
  // The upper end of the one-sided interval of Clopper and Pearson at 95 %, as scipy.stats.beta.ppf gives it.
  it.each([
    [0, 1, 0.95],
    [0, 59, 0.0495],
    [1, 10, 0.3942],
    [5, 100, 0.1023],
    [50, 100, 0.5864],
    [10, 10, 1],
  ])('of %d alarms in %d pods', (alarms, pods, rate) => {
    expect(upperBound(alarms, pods)).toBeCloseTo(rate, 4);
  });
});
