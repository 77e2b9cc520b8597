import { describe, expect, it } from 'vitest';
import type { Element } from '../promql/elements.js';
import { createEvaluator } from '../promql/evaluator.js';
import { letsThrough } from '../promql/matcher.js';
import { isPromqlError, parsePromql } from '../promql/parser.js';
import type { Selector } from '../promql/promql.js';
import { parseRelease } from '../release/release.js';
import { CODES, guardQuery, OBJECTIVE, objectiveAgreed, seriesAgreed } from './agreement.js';

type Series = readonly [metric: string, labels: Readonly<Record<string, string>>, value?: number];

const ROUTE = { pod: 'a', method: 'GET', route: '/' };
const ALL: readonly Series[] = [
  ['http_requests_total', { ...ROUTE, status_code: '200' }],
  ['http_requests_failed_total', ROUTE],
  ['http_requests_timed_total', ROUTE],
  ['http_requests_slow_total', ROUTE],
];

/** Returns the elements of a query over series that keep their values. */
function ask(query: string, series: readonly Series[]): unknown {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(`${tree.error}: ${query}`);
  const select = ({ metric, matchers }: Selector): readonly Element[] =>
    series
      .filter(([name, labels]) => name === metric && matchers.every((m) => letsThrough(m, labels[m.label] ?? '')))
      .map(([, labels, value = 1]) => ({ labels, value }));
  const evaluate = createEvaluator({
    latest: select,
    within: (selector, start, end) =>
      select(selector).map(({ labels, value }) => ({ labels, start, end, samples: [{ at: end, value }] })),
  });
  return evaluate(tree, 1000);
}

describe('the series on which an app and its queries agree', () => {
  const release = parseRelease({ name: 'shop' });

  it('each have a code of their own, a power of two', () => {
    const codes = Object.values(CODES);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(Math.log2(code) % 1).toBe(0);
  });

  it.each<[missing: number, code: number]>([
    [0, CODES.requests],
    [1, CODES.failed],
    [2, CODES.timed],
    [3, CODES.slow],
  ])('are missing with the code of series %d only', (missing, code) => {
    const terms = seriesAgreed(release, 'pod="a"');
    const series = ALL.filter((_, i) => i !== missing);
    const differing = terms.filter(({ holds }) => (ask(holds, series) as readonly unknown[]).length === 0);
    expect(differing.map((term) => term.code)).toEqual([code]);
    expect(terms.every(({ holds }) => (ask(holds, ALL) as readonly unknown[]).length === 1)).toBe(true);
  });

  it('need their labels, and their pods', () => {
    const [requests] = seriesAgreed(release, 'pod="a"');
    expect(ask(requests?.holds ?? '', [['http_requests_total', ROUTE]])).toEqual([]);
    const elsewhere: Series = ['http_requests_total', { ...ROUTE, status_code: '200', pod: 'b' }];
    expect(ask(requests?.holds ?? '', [elsewhere])).toEqual([]);
  });

  it('guard a query, which has no result otherwise', () => {
    const query = guardQuery(release, 'pod="a"', 'sum(gone) or vector(7)');
    expect(ask(query, ALL)).toEqual([{ labels: {}, value: 7 }]);
    expect(ask(query, ALL.slice(1))).toEqual([]);
  });
});

describe('the objective of the templates', () => {
  it('is not compared if there is none', () => {
    expect(objectiveAgreed(parseRelease({ name: 'shop' }), 'pod="a"')).toEqual([]);
  });

  it.each<[values: number[], agrees: boolean]>([
    [[0.5], true],
    [[0.5, 0.5], true],
    [[0.5, 0.25], false],
    [[2], false],
    [[], false],
  ])('agrees with pods that have %j: %s', (values, agrees) => {
    const release = parseRelease({ name: 'shop', objective: { latency: 0.5 } });
    const [term] = objectiveAgreed(release, 'job="shop"');
    const series = values.map((value, i): Series => [OBJECTIVE, { job: 'shop', pod: `${i}` }, value]);
    expect(term?.code).toBe(CODES.objective);
    expect((ask(term?.holds ?? '', series) as readonly unknown[]).length).toBe(agrees ? 1 : 0);
  });
});
