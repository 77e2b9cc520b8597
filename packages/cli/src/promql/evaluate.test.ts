import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { isPromqlError, parsePromql } from './parser.js';

describe('a query', () => {
  // A query with such a window does not get past the check of its types.
  it('has an empty result over a window without a length', () => {
    const tree = parsePromql('sum(rate(x[0s]))');
    if (isPromqlError(tree)) throw new Error(tree.error);
    expect(evaluate(tree, () => [{ labels: {}, value: 1 }])).toEqual([]);
  });
});
