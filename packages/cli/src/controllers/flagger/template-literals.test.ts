import { describe, expect, it } from 'vitest';
import { parseNumber, parseQuoted } from './template-literals.js';

const number = (text: string): bigint | number => parseNumber({ kind: 'number', text, at: 0 });
const quoted = (text: string): string | bigint => parseQuoted({ kind: 'string', text, at: 0 });

describe('a number', () => {
  it.each([
    ['12', 12n],
    ['-12', -12n],
    ['+12', 12n],
    ['017', 15n],
    ['0o17', 15n],
    ['0x1F', 31n],
    ['0xe', 14n],
    ['0b11', 3n],
    ['0', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['-.5', -0.5],
    ['01.5', 1.5],
  ])('%s is read as Go reads it', (text, value) => {
    expect(number(text)).toBe(value);
  });

  it.each(['09', '+', '-', '9223372036854775808', '0x', '1.2.3', '1e400'])('%s is refused', (text) => {
    expect(() => number(text)).toThrow(`${text} is not a number that Go accepts`);
  });

  it.each(['1_000', '2i', '0x1p4', '0x1.8'])('%s is not known here', (text) => {
    expect(() => number(text)).toThrow(`not known here: the number ${text}`);
  });
});

describe('a quoted text', () => {
  it.each([
    ['"a b"', 'a b'],
    ['"a\\tb\\n\\\\"', 'a\tb\n\\'],
    ['"\\""', '"'],
    ['"\\x41\\101\\u00e9\\U0001F600"', 'AAé😀'],
    ['`a\\n"\r`', 'a\\n"'],
    ["'a'", 97n],
    ["'\\n'", 10n],
    ["'\\''", 39n],
    ["'😀'", 0x1f600n],
  ])('%s is read as Go reads it', (text, value) => {
    expect(quoted(text)).toBe(value);
  });

  it.each(['"\\d"', '"\\\'"', "'\\\"'", '"\\u12"', '"\\ud800"', '"\\U0000dfff"', '"\\U00110000"', '"\\400"'])(
    '%s has an escape that Go refuses',
    (text) => {
      expect(() => quoted(text)).toThrow(`${text} has an invalid escape`);
    },
  );

  it.each(['"\\xff"', '"\\x80"', '"\\377"', '"\\200"'])('%s has bytes, which are not known here', (text) => {
    expect(() => quoted(text)).toThrow(`not known here: ${text}, which has bytes in it`);
  });

  it.each(["''", "'ab'"])('%s is not one character', (text) => {
    expect(() => quoted(text)).toThrow(`${text} is not one character`);
  });
});
