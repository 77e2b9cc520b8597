import { expect, it } from 'vitest';
import { checkEncoding } from './encoding.js';

const bad = (...lines: readonly number[]) => lines.map((line) => ({ line, byte: `0xe${line}` }));

it.each<[string, string, readonly number[], string | undefined]>([
  ['without such a byte', 'a 1\n', [], undefined],
  ['in a sample', 'a 1\nb\ufffd 1\n', [2], '2: The byte 0xe2 is not UTF-8. '],
  ['in a remark for people', '# a \ufffd\n  #\ufffd HELP\n#TYPE \ufffd\n', [1, 2, 3], undefined],
  ['in a help text', ' # HELP a \ufffd\n', [1], '1: The byte 0xe1 is not UTF-8. '],
  ['in a type', '# TYPE \ufffd gauge\n', [1], '1: The byte 0xe1'],
  ['in a unit', '#\tUNIT a \ufffd\n', [1], '1: The byte 0xe1'],
  [
    'in several lines',
    '# \ufffd\na\ufffd 1\nb\ufffd 1\nc\ufffd 1\n',
    [1, 2, 3, 4],
    '2: The byte 0xe2 is not UTF-8 (and 2 more such lines). ',
  ],
  ['in a line that is not there', '', [5], '5: The byte 0xe5'],
])('a byte that is not UTF-8, %s', (_, text, lines, says) => {
  const [finding] = checkEncoding({ text, notUtf8: bad(...lines) });
  expect(finding && `${finding.line}: ${finding.message}`.slice(0, says?.length)).toBe(says);
});
