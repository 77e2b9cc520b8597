import { describe, expect, it } from 'vitest';
import { addComment, removeComments } from './comments.js';
import { evaluate } from './evaluate.js';
import { isPromqlError, parsePromql } from './parser.js';

/** Returns the result of a query that reads no series. */
function resultOf(query: string): unknown {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(tree.error);
  return evaluate(tree, () => []);
}

describe('comments in PromQL', () => {
  it('change nothing about the result', () => {
    const commented = `vector(\n${addComment('One.', '1')}\n${addComment('And one.', '+ 1')}\n)`;
    expect(resultOf(commented)).toEqual(resultOf('vector(1 + 1)'));
  });

  it.each([
    ['a line of its own', '(\n  # What?\n  up\n)', '(\n  up\n)'],
    ['the end of a line', 'up # it is up\n> 0 #', 'up\n> 0'],
    ['the last line', 'up\n# the end', 'up\n'],
    ['quotes in it', `# it's "\nup{a="b"} # 'c`, 'up{a="b"}'],
  ])('are removed: %s', (_, query, plain) => {
    expect(removeComments(query)).toBe(plain);
  });

  it.each(['up{a="#"}', `up{a='\\'#'}`, 'up{a="\\"# "}', 'up{a=`#\\`}', 'up'])(
    'do not begin in a string: %s',
    (query) => {
      expect(removeComments(query)).toBe(query);
    },
  );
});
