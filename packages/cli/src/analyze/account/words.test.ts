import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import type { Counts, RouteCounts } from '../result.js';
import { type Evidence, metricWordsOf } from './words.js';

const EVIDENCE: Evidence = {
  release: parseRelease({ name: 'shop' }),
  isBad: false,
  window: { canary: undefined, stable: undefined },
  life: { canary: undefined, stable: undefined },
  weight: undefined,
  value: 0,
  routes: [],
  objective: undefined,
  overdue: undefined,
  isComparable: true,
};

function served(requests: number, answers: Counts['answers'] = {}, failed = 0): Counts {
  return { requests, failed, timed: requests, slow: 0, answers };
}

function wordsOfRoutes(...routes: readonly Omit<RouteCounts, 'method'>[]): string | undefined {
  const counted = routes.map((of) => ({ method: 'GET', ...of }));
  return metricWordsOf('unmatched-differing', { ...EVIDENCE, value: 1, routes: counted });
}

describe('the words for a metric', () => {
  it('distinguish one restarted pod from many', () => {
    const restarts = [0, 1, 1.25, 1.5, 3].map((value) => metricWordsOf('restarts', { ...EVIDENCE, value }));
    expect(restarts).toEqual([
      undefined,
      'a pod was restarted once',
      'pods ended again and again, and pods with other names replaced them',
      'several pods were restarted once: memory may leak',
      'a pod was restarted 3 times',
    ]);
  });

  it('tell which share of all requests a middleware refuses', () => {
    const items = { route: '/api/items', canary: served(60), stable: served(360) };
    const mount = { route: '/api', canary: served(40, { 401: 40 }), stable: served(40, { 401: 40 }) };
    expect(wordsOfRoutes(items, mount)).toBe('GET /api: 40 of 100 requests got 401 (40 %), stable: 40 of 400');
  });

  it('tell that a new route fails', () => {
    expect(wordsOfRoutes({ route: '/new', canary: served(20, {}, 20) })).toBe(
      'GET /new: 20 of 20 requests failed (100 %), stable: 0 of 0',
    );
  });
});
