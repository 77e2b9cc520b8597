import { describe, expect, it } from 'vitest';
import { NotKnown } from '../../promql/elements.js';
import { parsePromql } from '../../promql/parser.js';
import type { Selector } from '../../promql/promql.js';
import { createStore } from './store.js';

const selector = (query: string): Selector => parsePromql(query) as Selector;
const samples = (...times: readonly number[]) => times.map((at) => ({ at, value: at / 10 }));

const STORE = createStore([
  { metric: 'x', labels: { pod: 'a' }, samples: samples(100, 200, 300) },
  { metric: 'x', labels: { pod: 'b' }, samples: samples(250) },
  { metric: 'y', labels: { pod: 'a' }, samples: samples(100) },
]);

describe('the latest samples of a selector', () => {
  const latest = (query: string, at: number): readonly string[] =>
    STORE.latest(selector(query), at).map(({ labels, value }) => `${labels['pod']} ${value}`);

  it('are those at the time or before it, for five minutes', () => {
    expect(latest('x', 99)).toEqual([]);
    expect(latest('x', 100)).toEqual(['a 10']);
    expect(latest('x', 260)).toEqual(['a 20', 'b 25']);
    expect(latest('x', 549)).toEqual(['a 30', 'b 25']);
    expect(latest('x', 550)).toEqual(['a 30']);
    expect(latest('x', 600)).toEqual([]);
  });

  it('are of series that all matchers let through', () => {
    expect(latest('x{pod="b"}', 260)).toEqual(['b 25']);
    expect(latest('x{pod=~"a|b",pod!="b"}', 260)).toEqual(['a 20']);
    expect(latest('x{gone=""}', 260)).toEqual(['a 20', 'b 25']);
    expect(latest('z', 260)).toEqual([]);
  });

  it('are not known for a pattern of names', () => {
    expect(() => latest('{__name__=~"x|y"}', 260)).toThrow(NotKnown);
  });
});

describe('the samples of a selector in a window', () => {
  it('are after its start and up to its end, and a series without any has no window', () => {
    expect(STORE.within(selector('x'), 100, 250)).toEqual([
      { labels: { pod: 'a' }, start: 100, end: 250, samples: samples(200) },
      { labels: { pod: 'b' }, start: 100, end: 250, samples: samples(250) },
    ]);
    expect(STORE.within(selector('x'), 250, 299)).toEqual([]);
  });
});
