import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLine, printableTexts } from './printable.js';

describe('a text from a cluster', () => {
  it.each([
    ['the colours of a terminal', '\x1b[31mred', '\\u{1b}[31mred'],
    ['a return to the start of the line', 'rolled back\rpromoted', 'rolled back\\u{d}promoted'],
    ['a control character beyond ASCII', 'a\x9bb', 'a\\u{9b}b'],
    ['a change of the direction', 'a\u202eb', 'a\\u{202e}b'],
    ['a character without a width', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['another end of a line', 'a\u2028b', 'a\\u{2028}b'],
    ['a tag beyond the first plane', 'a\u{e0041}', 'a\\u{e0041}'],
  ])('shows %s, which has no effect', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableLine(text)).toBe(shown);
  });

  it('keeps its lines, its tabs and all its letters', () => {
    expect(printable('naïve\n\t雪 🙂')).toBe('naïve\n\t雪 🙂');
  });

  it('becomes one line', () => {
    expect(printableLine('a  \n\n  b\tc')).toBe('a b c');
  });

  it('becomes one line wherever it is in a result', () => {
    const result = { 'na\nme': ['a\nb', 1, null, undefined, { deep: '\x07' }], isThere: true };
    expect(printableTexts(result)).toEqual({ 'na me': ['a b', 1, null, undefined, { deep: '\\u{7}' }], isThere: true });
  });
});

it('JSON has the same value without the characters that have an effect', () => {
  const value = { text: 'a\u202eb\u{e0041}c\x9b\n' };
  const json = printableJson(JSON.stringify(value, null, 2));
  expect(json).toBe('{\n  "text": "a\\u202eb\\udb40\\udc41c\\u009b\\n"\n}');
  expect(JSON.parse(json)).toEqual(value);
});
