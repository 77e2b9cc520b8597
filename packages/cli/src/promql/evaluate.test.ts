import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { isPromqlError, parsePromql } from './parser.js';

describe('a query is evaluated', () => {
  // A query with such a window does not get past the check of its types.
  it('also over a window without a length, which has no samples', () => {
    const tree = parsePromql('sum(rate(x[0s]))');
    if (isPromqlError(tree)) throw new Error(tree.error);
    expect(evaluate(tree, () => [{ labels: {}, value: 1 }])).toEqual([]);
  });
});
