import { expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import type { Counted, Reader } from '../history/reader.js';
import { countHeld } from './held.js';
import type { Template } from './template.js';

const release = parseRelease({ name: 'shop' });

it.each<[string, number, Counted | undefined, number]>([
  ['of few series', 1500, { series: 100, since: 0 }, 600],
  ['of many series', 1500, { series: 40_000, since: 0 }, 1],
  ['of too many series', 1500, { series: 80_000, since: 0 }, 0],
  ['of a longer time', 15_000, { series: 100, since: 0 }, 60],
  ['without series', 1500, undefined, 60_000],
  ['of no time', 0, { series: 1, since: 0 }, 90_000_000],
])('so many pods may be in memory: %s', async (_, end, counted, held) => {
  const asked: unknown[] = [];
  const reader = {
    async counted(...args: readonly unknown[]) {
      asked.push(args);
      return counted;
    },
  } as unknown as Reader;
  const pods = ['a', 'b'].map((name) => ({ name }) as Pod);
  expect(await countHeld(release, { series: ['x', 'y'] } as unknown as Template, pods, { start: 0, end }, reader)).toBe(
    held,
  );
  expect(asked).toEqual([
    ['{__name__=~"x|y",namespace="default",pod=~"a|b"}', { start: 0, end, step: Math.max(1, end) / 4 }],
  ]);
});
