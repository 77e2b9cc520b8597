import { describe, expect, it } from 'vitest';
import { NotKnownHereError } from '../not-known-here.js';
import { compileRegExp } from './regexp.js';

describe('a regular expression of Go', () => {
  it.each<[expression: string, matching: string[], others: string[]]>([
    ['^5..$', ['500'], ['50', '5000', '200']],
    ['(?i)canary', ['My-CANARY'], ['stable']],
    ['(?s)a.b', ['a\nb'], ['ab']],
    ['a.b', ['axb'], ['a\nb']],
    ['(?m)^b$', ['a\nb'], ['ab']],
    ['^[[:digit:]a]+$', ['90a'], ['', 'b']],
    ['^[^[:alpha:]]$', ['1'], ['a', 'Z']],
    ['^(?P<year>\\d{4})$', ['2026'], ['26']],
    ['\\Aab\\z', ['ab'], ['xab', 'abx', 'ab\n']],
    ['^a{2,3}?b$', ['aab', 'aaab'], ['ab']],
    ['^\\w+\\.\\w+$', ['a.b'], ['ab']],
    ['', ['', 'a'], []],
  ])('%j matches %j, and not %j', (source, matching, others) => {
    const expression = compileRegExp(source);
    expect(matching.filter((text) => !expression.test(text))).toEqual([]);
    expect(others.filter((text) => expression.test(text))).toEqual([]);
  });

  it.each([
    ['(?=a)', 'Go has no (?='],
    ['(?<!a)b', 'Go has no (?<!'],
    ['(a)\\1', 'Go has no \\1'],
    ['(a', 'invalid regular expression "(a"'],
    ['a{3,2}', 'invalid regular expression "a{3,2}"'],
  ])('is refused: %s', (source, message) => {
    expect(() => compileRegExp(source)).toThrow(message);
    expect(() => compileRegExp(source)).not.toThrow(NotKnownHereError);
  });

  it.each([
    ['it could take JavaScript too long', '(a+)+b'],
    ['it could take JavaScript too long in braces', '(a*){20}'],
    ['JavaScript has other spaces', '\\s+'],
    ['JavaScript has other properties', '\\p{Greek}'],
    ['its flags change within', 'a(?i)b'],
  ])('is not known here if %s', (_, source) => {
    expect(() => compileRegExp(source)).toThrow(NotKnownHereError);
  });
});
