import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../promql/evaluate.js';
import { isPromqlError, parsePromql } from '../promql/parser.js';
import { leastShare, leastShareOf, number, percent, quantile } from './evidence.js';

const document = readFileSync(new URL('../../../../docs/analysis.md', import.meta.url), 'utf8');

/** Returns the lower end of the Wilson interval by the formula of textbooks, one-sided. */
function textbookShare(bad: number, all: number, z: number): number {
  const share = bad / all;
  const centre = share + z ** 2 / (2 * all);
  const half = z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  return (centre - half) / (1 + z ** 2 / all);
}

/** Returns the result of the PromQL for the same share. */
function askedShare(bad: number, all: number, z: number): unknown {
  const tree = parsePromql(leastShare({ bad: String(bad), all: String(all) }, z));
  if (isPromqlError(tree)) throw new Error(tree.error);
  return evaluate(tree, () => []);
}

describe('the least share of bad requests that requests prove', () => {
  it.each([
    [1, 1, 3.719],
    [1, 2, 3.719],
    [15, 1000, 3.719],
    [0, 50, 1.645],
    [50, 50, 2.326],
  ])('of %d of %d, %d standard errors wide, is the same in PromQL and in textbooks', (bad, all, z) => {
    const share = textbookShare(bad, all, z);
    expect(leastShareOf(bad, all, z)).toBeCloseTo(share, 12);
    expect(askedShare(bad, all, z)).toBeCloseTo(share, 5);
  });

  it('does not exist without requests', () => {
    expect([leastShareOf(0, 0, 3.719), askedShare(0, 0, 3.719)]).toEqual([0, Number.NaN]);
  });

  it('is a number, even if one counter was read later than the other', () => {
    expect(leastShareOf(20, 10, 3.719)).toBeGreaterThan(0.5);
  });

  it.each([
    [0.5, 0],
    [0.95, 1.645],
    [0.99, 2.326],
    [0.9999, 3.719],
  ])('with a confidence of %d is %d standard errors wide', (confidence, z) => {
    expect(quantile(confidence)).toBe(z);
  });

  it('is written in six digits, without the rounding errors of binary fractions', () => {
    expect([number(0.1 + 0.2), number(1 / 3), percent(0.07)]).toEqual(['0.3', '0.333333', '7 %']);
  });
});

describe('the table of the shares that traffic proves', () => {
  it('has the numbers of the formula', () => {
    const [, table = ''] = /<!-- analysis table -->\n\n((?:\|.*\n)+)/.exec(document) ?? [];
    const rows = table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toHaveLength(6);
    for (const [share = '', ...cells] of rows) {
      const requests = requestsFor(Number.parseFloat(share) / 100);
      expect([share, ...cells]).toEqual([
        share,
        requests.toLocaleString('en-US'),
        ...[1, 10, 100].map((rate) => time(requests / rate)),
      ]);
    }
  });
});

function requestsFor(share: number): number {
  let requests = 20;
  while (textbookShare(share * requests, requests, 3.719) <= 0.01 || share * requests < 15) requests += 1;
  return requests;
}

function time(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Number((seconds / 60).toPrecision(2))} min`;
}
