import { describe, expect, it } from 'vitest';
import type { Answer } from '../prometheus.js';
import { unmatchedArguments } from './unmatched-arguments.js';

type Labels = Readonly<Record<string, string>>;

/** Asks about an analysis from 1000 to 1600 seconds, where each metric has series with some values of the label `hash`. */
async function sentencesFor(
  args: Readonly<Record<string, string | undefined>>,
  queries: readonly string[],
  hashes: Readonly<Record<string, readonly string[] | Error>>,
) {
  const asked: string[] = [];
  const sentences = await unmatchedArguments({
    args: new Map(Object.entries(args)),
    queries,
    startedAt: 1000,
    finishedAt: 1600,
    async query(promql, at): Promise<Answer> {
      asked.push(`${promql} @ ${at}`);
      const [, metric = ''] = /last_over_time\((\w+)/.exec(promql) ?? [];
      const there = hashes[metric] ?? [];
      if (there instanceof Error) throw there;
      return { type: 'vector', values: there.map((hash) => ({ labels: { hash } as Labels, value: 1 })) };
    },
  });
  return { sentences, asked };
}

describe('an argument', () => {
  it('that no series has is named, with the values that there are', async () => {
    const { sentences, asked } = await sentencesFor({ hash: 'gone' }, ['sum(rate(x{hash="gone"}[5m]))'], {
      x: ['b', 'a', 'b'],
    });
    expect(asked).toEqual(['group by (hash) (last_over_time(x[600s])) @ 1600']);
    expect(sentences).toEqual(['hash=gone: no series of x has hash="gone"; the label has a, b']);
  });

  it('that a series has is not named', async () => {
    expect((await sentencesFor({ hash: 'a' }, ['x{hash="a"}'], { x: ['a', 'b'] })).sentences).toEqual([]);
  });

  it('is matched if one of several metrics has it: without errors there may be no series of errors', async () => {
    const queries = ['sum(errors{hash="a"}) / sum(x{hash="a"})'];
    expect((await sentencesFor({ hash: 'a' }, queries, { x: ['a'] })).sentences).toEqual([]);
    expect((await sentencesFor({ hash: 'a' }, queries, { x: ['b'], errors: ['c'] })).sentences).toEqual([
      'hash=a: no series of errors and 1 more has hash="a"; the label has b, c',
    ]);
  });

  it('is left out if Prometheus does not respond', async () => {
    expect((await sentencesFor({ hash: 'a' }, ['x{hash="a"}'], { x: new Error('timeout') })).sentences).toEqual([]);
  });

  it('is compared within the namespace of the query', async () => {
    const { asked } = await sentencesFor({ hash: 'a' }, ['x{hash="a",namespace="shop",code="500"}'], {});
    expect(asked).toEqual(['group by (hash) (last_over_time(x{namespace="shop"}[600s])) @ 1600']);
  });

  it('has only the first five other values, and no value if no series has the label', async () => {
    const { sentences } = await sentencesFor({ hash: 'z' }, ['x{hash="z"}'], { x: [...'gfedcba'] });
    expect(sentences).toEqual(['hash=z: no series of x has hash="z"; the label has a, b, c, d, e and 2 more']);
    expect((await sentencesFor({ hash: 'z' }, ['x{hash="z"}'], {})).sentences).toEqual([
      'hash=z: no series of x has hash="z"; no series has this label',
    ]);
  });

  it.each([
    ['has no value', { hash: '' }, 'x{hash=""}'],
    ['is part of a pattern', { hash: 'a' }, 'x{hash=~"a"}'],
    ['is not compared with a label', { minimum: '5' }, 'x > 5'],
    ['belongs to no named metric', { hash: 'a' }, '{hash="a"}'],
    ['is in a query that is not PromQL', { hash: 'a' }, 'sum(x{hash="a"}'],
  ])('that %s is not asked for', async (_, args, query) => {
    expect((await sentencesFor(args, [query], {})).asked).toEqual([]);
  });
});
