import { describe, expect, it } from 'vitest';
import { TemplateError } from './template-error.js';
import { itemsOf } from './template-lexer.js';

/** Returns the words of a template, without spaces, each with its kind. */
const words = (source: string): readonly string[] =>
  itemsOf(source)
    .filter(({ kind }) => kind !== 'space' && kind !== 'end')
    .map(({ kind, text }) => `${kind} ${text}`);

/** Returns why a template cannot be split, and where. */
function faultIn(source: string): string {
  try {
    itemsOf(source);
  } catch (error) {
    return error instanceof TemplateError ? `${error.message} at ${error.at}` : (error as Error).message;
  }
  return 'none';
}

describe('a template', () => {
  it.each<[string, readonly string[]]>([
    ['up', ['text up']],
    ['a{{name}}b', ['text a', 'left {{', 'identifier name', 'right }}', 'text b']],
    ['{{ if . }}', ['left {{', 'keyword if', 'dot .', 'right }}']],
    ['{{ variables.low }}', ['left {{', 'identifier variables', 'field .low', 'right }}']],
    ['{{ $x := true }}', ['left {{', 'variable $x', 'symbol :=', 'bool true', 'right }}']],
    ['{{ false | nil }}', ['left {{', 'bool false', 'symbol |', 'keyword nil', 'right }}']],
    ['{{ ("a" `}}`) }}', ['left {{', 'symbol (', 'string "a"', 'string `}}`', 'symbol )', 'right }}']],
    ['{{ "\\"}}" }}', ['left {{', 'string "\\"}}"', 'right }}']],
    ["{{ 'a' '\\'' }}", ['left {{', "char 'a'", "char '\\''", 'right }}']],
    [
      '{{ 1 -2 +3.5e-1 .5 0x1F 0o17 0b1 1_0 }}',
      [
        'left {{',
        ...['1', '-2', '+3.5e-1', '.5', '0x1F', '0o17', '0b1', '1_0'].map((number) => `number ${number}`),
        'right }}',
      ],
    ],
    ['{{ größe_1 }}', ['left {{', 'identifier größe_1', 'right }}']],
    ['a{{/* {{ }} */}}b{{/**/}}', ['text a', 'text b']],
  ])('%s has words', (source, expected) => {
    expect(words(source)).toEqual(expected);
  });

  it.each<[string, readonly string[]]>([
    ['a \n{{- 1 -}}\t b', ['text a', 'left {{', 'number 1', 'right  -}}\t ', 'text b']],
    ['a long text {{- 1 }}', ['text a long text', 'left {{', 'number 1', 'right }}']],
    ['a {{-1}} b', ['text a ', 'left {{', 'number -1', 'right }}', 'text  b']],
    ['a {{ 1  -}} b', ['text a ', 'left {{', 'number 1', 'right  -}} ', 'text b']],
    ['a {{- /* b */ -}} c', ['text a', 'text c']],
    [' {{- 1 }}', ['left {{', 'number 1', 'right }}']],
  ])('%j loses the space at a trim marker', (source, expected) => {
    expect(words(source)).toEqual(expected);
  });

  it('knows where its words are', () => {
    expect(itemsOf('ab{{ x }}').map(({ kind, at }) => [kind, at])).toEqual([
      ['text', 0],
      ['left', 2],
      ['space', 4],
      ['identifier', 5],
      ['space', 6],
      ['right', 7],
      ['end', 9],
    ]);
  });

  it.each([
    ['{{ name', 'an action is not closed at 7'],
    ['{{/* a', 'a comment is not closed at 2'],
    ['{{/* a */ b }}', 'a comment ends before its action does at 9'],
    ['{{ (1 }}', 'a parenthesis is not closed at 6'],
    ['{{ 1) }}', 'a parenthesis is closed that was not opened at 5'],
    ['{{ "a }}', 'a text is not closed at 3'],
    ['{{ `a }}', 'a text is not closed at 3'],
    ["{{ 'a }}", 'a text is not closed at 3'],
    ['{{ "a\n" }}', 'a text is not closed at 3'],
    ['{{ $x : 1 }}', 'expected := at 6'],
    ['{{ é }}{{ § }}', '"§" is not allowed in an action at 10'],
    ['{{ 1x }}', '1 is not a number together with the text after it at 3'],
    ['{{ name! }}', 'bad character "!" after name at 3'],
    ['{{ name}x }}', 'bad character "}" after name at 3'],
    ['{{ .a-b }}', 'bad character "-" after .a at 3'],
    ['{{ 1+2i }}', 'not known here: the complex number that starts with 1'],
  ])('%j cannot be split', (source, fault) => {
    expect(faultIn(source)).toBe(fault);
  });

  it('has words that end at any separator', () => {
    expect(faultIn('{{ (name)|name,name.a:=. }}{{ name}}')).toBe('none');
  });
});
