import { describe, expect, it } from 'vitest';
import { tokensOf } from './lexer.js';

/** Returns each word as its kind and its text, without the end. */
const wordsIn = (source: string): readonly string[] =>
  tokensOf(source)
    .slice(0, -1)
    .map(({ kind, text }) => `${kind} ${text}`);

/** Returns the texts of words that all have one kind. */
function textsOf(kind: string, source: string): readonly string[] {
  const tokens = tokensOf(source).slice(0, -1);
  expect([...new Set(tokens.map((token) => token.kind))]).toEqual([kind]);
  return tokens.map(({ text }) => text);
}

// As in the lexer of expr-lang 1.17.
describe('the words of an expression', () => {
  it('have their places, and the end has one as well', () => {
    expect(tokensOf('len(x) >= 1')).toEqual([
      { kind: 'name', text: 'len', at: 0 },
      { kind: 'bracket', text: '(', at: 3 },
      { kind: 'name', text: 'x', at: 4 },
      { kind: 'bracket', text: ')', at: 5 },
      { kind: 'operator', text: '>=', at: 7 },
      { kind: 'number', text: '1', at: 10 },
      { kind: 'end', text: '', at: 11 },
    ]);
  });

  it.each([
    ['a line', '1 // one\n+ 2 // two'],
    ['a block', '1 /* one */ + /* two\nand * three / */ 2'],
    ['two blocks, the first of which ends early', '1 /* a */ + /* b **/ 2'],
    ['nothing', '/**/1 +\t\u00a02'],
  ])('have no comments: %s', (_, source) => {
    expect(wordsIn(source)).toEqual(['number 1', 'operator +', 'number 2']);
  });

  it('are numbers in every form', () => {
    const numbers = ['0', '1_000', '.5', '1.', '1.5e-3', '1E3', '0x1F', '0o17', '0b101'];
    expect(textsOf('number', numbers.join(' '))).toEqual(numbers);
    expect(wordsIn('1..3')).toEqual(['number 1', 'operator ..', 'number 3']);
  });

  it('are names in every script', () => {
    expect(textsOf('name', 'result $env _a1 größe 数')).toEqual(['result', '$env', '_a1', 'größe', '数']);
  });

  it('are operators, also if these are words', () => {
    const operators = [
      '?.',
      '??',
      '||',
      '&&',
      '==',
      '!=',
      '<=',
      '**',
      '|',
      '?',
      ':',
      '::',
      '#',
      'not',
      'in',
      'matches',
    ];
    expect(textsOf('operator', operators.join(' '))).toEqual(operators);
    expect(wordsIn('a?.b')).toEqual(['name a', 'operator ?.', 'name b']);
  });

  it.each([
    ['"a\\n\\"b\\x41\\u00e9"', 'a\n"bAé'],
    [`'it\\'s "so"'`, `it's "so"`],
    ['`raw \\n ``text``\n`', 'raw \\n `text`\n'],
    ['"line\\\\"', 'line\\'],
  ])('are texts: %s', (source, text) => {
    expect(textsOf('string', source)).toEqual([text]);
  });

  it.each([
    ['1 @ 2', 'unrecognised character "@"', 2],
    ['1 /* open', 'unrecognised character "/"', 2],
    ['"open', 'unrecognised character "\\""', 0],
    ['12ab', '12 is not a number together with the text after it', 0],
    ['12٣', '12 is not a number together with the text after it', 0],
    [`x == "it\\'s"`, `"it\\'s" has an invalid escape`, 5],
    ['"\\d"', '"\\d" has an invalid escape', 0],
  ])('are refused at their place: %s', (source, message, at) => {
    expect(() => tokensOf(source)).toThrow(expect.objectContaining({ message: expect.stringContaining(message), at }));
  });
});
