import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const document = readFileSync(new URL('../../docs/analysis.md', import.meta.url), 'utf8');

/** Returns the lower end of the Wilson interval by the formula of textbooks, one-sided at 99.99 %. */
function leastShare(share: number, requests: number): number {
  const z = 3.719;
  const centre = share + z ** 2 / (2 * requests);
  const half = z * Math.sqrt((share * (1 - share)) / requests + z ** 2 / (4 * requests ** 2));
  return (centre - half) / (1 + z ** 2 / requests);
}

function requestsFor(share: number): number {
  let requests = 20;
  while (leastShare(share, requests) <= 0.01 || share * requests < 15) requests += 1;
  return requests;
}

function time(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Number((seconds / 60).toPrecision(2))} min`;
}

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
