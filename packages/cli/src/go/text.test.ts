import { describe, expect, it } from 'vitest';
import { compareTexts, isAscii, SPACES, unescapeText } from './text.js';

describe('texts in Go', () => {
  it('are in the order of their bytes', () => {
    // JavaScript compares halves of the last one, and would have it before U+FFFF.
    expect(['\u{1f600}', 'z', '\uffff', 'é', 'Z', ''].sort(compareTexts)).toEqual([
      '',
      'Z',
      'z',
      'é',
      '\uffff',
      '\u{1f600}',
    ]);
    expect(compareTexts('a', 'a')).toBe(0);
  });

  it('have a byte for each character if they are ASCII', () => {
    expect(['', 'a\n\x7f'].every(isAscii)).toBe(true);
    expect(['\x80', 'aé', '\u{1f600}'].some(isAscii)).toBe(false);
  });

  it('have fewer spaces than texts in JavaScript', () => {
    const space = new RegExp(`^[${SPACES}]$`);
    expect([...' \t\n\v\f\r\u0085\u00a0\u2003\u3000'].filter((each) => !space.test(each))).toEqual([]);
    expect(['\ufeff', '\u200b', 'a'].filter((each) => space.test(each))).toEqual([]);
  });
});

describe('an escape in a quoted text', () => {
  it.each([
    ['\\n\\t\\\\', '\n\t\\'],
    [`\\"\\'`, `"'`],
    ['\\a\\v', '\x07\v'],
    ['\\101\\x42\\u0043\\U0001f600\\u{44}', 'ABC\u{1f600}D'],
    ['\\ud800 \\udfff', '\ufffd \ufffd'],
    ['\\ue000\\ud7ff', '\ue000\ud7ff'],
    ['no \\\\n escape', 'no \\n escape'],
  ])('%s is replaced', (inside, text) => {
    expect(unescapeText(inside)).toBe(text);
  });
});
