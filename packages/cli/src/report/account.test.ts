import { describe, expect, it } from 'vitest';
import type { AnalysisResult, Counts, MetricResult } from '../analyze/result.js';
import { ROUTE_COLUMNS, routeCells, verdictWordsOf } from './account.js';

const counts = (rest: Partial<Counts> = {}): Counts => ({
  requests: 1000,
  failed: 0,
  timed: 1000,
  slow: 0,
  answers: {},
  ...rest,
});

describe('the cells of a route', () => {
  const cells = (canary: Counts, stable?: Counts) =>
    routeCells({ method: 'GET', route: '/a', canary, ...(stable === undefined ? {} : { stable }) });

  it('are as many as the columns, of one side or of two', () => {
    expect(cells(counts())).toEqual(['GET /a', '1,000', '0 %', '0 %', '-']);
    expect(cells(counts(), counts({ requests: 10 }))).toEqual([
      'GET /a',
      '1,000 | 10',
      '0 % | 0 %',
      '0 % | 0 %',
      '- | -',
    ]);
    expect(cells(counts())).toHaveLength(ROUTE_COLUMNS.length);
  });

  it('have shares of requests, and of those that are timed', () => {
    expect(cells(counts({ failed: 10, timed: 500, slow: 10 })).slice(2, 4)).toEqual(['1 %', '2 %']);
    expect(cells(counts({ requests: 0, timed: 0 })).slice(2)).toEqual(['-', '-', '-']);
  });

  it('have the responses that happened', () => {
    const answers = { '3xx': 0.4, '404': 0.5, '429': 100 };
    expect(cells(counts({ answers })).at(-1)).toBe('404 0.05 %, 429 10 %');
  });
});

describe('the verdict in words', () => {
  const metric = (name: string, words?: string) =>
    ({ name, ...(words === undefined ? {} : { words }) }) as MetricResult;
  const wordsOf = (rest: Partial<AnalysisResult>) => verdictWordsOf({ metrics: [], ...rest } as AnalysisResult);

  it('is what the deciding metric says', () => {
    const metrics = [metric('a', 'a is bad'), metric('b', 'b is bad'), metric('c')];
    expect(wordsOf({ metrics, decidedBy: 'b' })).toBe('b is bad');
    expect(wordsOf({ metrics, decidedBy: 'c' })).toBeUndefined();
    expect(wordsOf({ metrics })).toBeUndefined();
  });

  it('is about all requests otherwise', () => {
    const account = { canary: counts({ requests: 1234 }), routes: [], notes: [] };
    expect(wordsOf({ account })).toContain('1,234');
    expect(wordsOf({ account, metrics: [metric('a', 'a is bad')], decidedBy: 'a' })).toBe('a is bad');
  });
});
