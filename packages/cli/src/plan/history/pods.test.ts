import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import { readPods } from './pods.js';
import type { Counted, Reader } from './reader.js';

const release = parseRelease({ name: 'shop' });
const HASH = 'rollouts_pod_template_hash';

type Found = readonly [name: string | undefined, hash: string | undefined, from: number, to: number];

/** Reads pods from a history of some series, which has some pods. */
async function read(found: readonly Found[], counts: Readonly<Record<string, Counted>> = {}, end = 6000) {
  const asked: { promql: string; span: unknown; samplesPerStep: number }[] = [];
  const reader = {
    async counted(selector: string) {
      const [metric = ''] = selector.split('{');
      return counts[metric];
    },
    async evaluated(promql: string, span: unknown, samplesPerStep: number) {
      asked.push({ promql, span, samplesPerStep });
      return found.map(([pod, hash, from, to]) => ({
        labels: { ...(pod === undefined ? {} : { pod }), ...(hash === undefined ? {} : { [HASH]: hash }) },
        samples:
          from === to
            ? []
            : [
                { at: from, value: 1 },
                { at: to, value: 1 },
              ],
      }));
    },
  } as unknown as Reader;
  return { inventory: await readPods(release, { start: 0, end }, reader), asked };
}
const REQUESTS = { http_requests_total: { series: 10, since: 0 } };

describe('the pods of a history', () => {
  it('have their times and their builds, in the order of their starts', async () => {
    const { inventory } = await read(
      [
        ['c', 'x', 300, 900],
        ['b', 'x', 300, 900],
        ['a', 'y', 0, 600],
      ],
      REQUESTS,
    );
    expect(inventory).toEqual({
      stepSeconds: 15,
      pods: [
        { name: 'a', hash: 'y', from: 0, to: 600, isOlder: true },
        { name: 'b', hash: 'x', from: 300, to: 900, isOlder: false },
        { name: 'c', hash: 'x', from: 300, to: 900, isOlder: false },
      ],
    });
  });

  it('have the hash in their names without a label, or none', async () => {
    const { inventory } = await read(
      [
        ['shop-7d9c8b654f-x2k9z', undefined, 60, 120],
        ['shop-0', undefined, 60, 120],
      ],
      REQUESTS,
    );
    expect(inventory.pods.map(({ hash }) => hash)).toEqual(['unknown', '7d9c8b654f']);
  });

  it('are one pod whose label came later, and no pod without a name or a sample', async () => {
    const { inventory } = await read(
      [
        ['shop-7d9c8b654f-x2k9z', '7d9c8b654f', 60, 120],
        ['shop-7d9c8b654f-x2k9z', undefined, 0, 60],
        [undefined, 'x', 60, 120],
        ['empty', 'x', 60, 60],
      ],
      REQUESTS,
    );
    expect(inventory.pods).toEqual([
      { name: 'shop-7d9c8b654f-x2k9z', hash: '7d9c8b654f', from: 0, to: 120, isOlder: true },
    ]);
  });

  it('are none if no series shows them', async () => {
    const { inventory, asked } = await read([['a', 'x', 0, 60]]);
    expect(inventory).toEqual({ pods: [], stepSeconds: 15 });
    expect(asked).toEqual([]);
  });

  it.each<[number, number]>([
    [60_000, 15],
    [400_000, 100],
    [4_000_000, 300],
  ])('of %d seconds are read every %d seconds', async (end, stepSeconds) => {
    expect((await read([], {}, end)).inventory.stepSeconds).toBe(stepSeconds);
  });
});

describe('the series that shows the pods', () => {
  const shownBy = async (counts: Readonly<Record<string, Counted>>) =>
    /last_over_time\((\w+)/.exec((await read([], counts)).asked[0]?.promql ?? '')?.[1];

  it('is the one with the longest history', async () => {
    expect(
      await shownBy({
        coalmine_objective_latency_seconds: { series: 1, since: 3000 },
        http_requests_total: { series: 50, since: 0 },
      }),
    ).toBe('http_requests_total');
  });

  it('is the one with the fewest series if both have about the same history', async () => {
    expect(
      await shownBy({
        coalmine_objective_latency_seconds: { series: 1, since: 200 },
        http_requests_total: { series: 50, since: 0 },
      }),
    ).toBe('coalmine_objective_latency_seconds');
    expect(await shownBy({ process_start_time_seconds: { series: 1, since: 0 } })).toBe('process_start_time_seconds');
    expect(await shownBy({ http_request_duration_seconds_count: { series: 1, since: 0 } })).toBe(
      'http_request_duration_seconds_count',
    );
  });

  it('is read with two scrapes in each window', async () => {
    const { asked } = await read([], REQUESTS);
    expect(asked).toEqual([
      {
        promql: expect.stringMatching(
          /^group by \(pod, rollouts_pod_template_hash\) \(last_over_time\(http_requests_total\{.*\}\[30s\]\)\)$/,
        ),
        span: { start: 0, end: 6000, step: 15 },
        samplesPerStep: 30,
      },
    ]);
  });
});
