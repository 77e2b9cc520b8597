import { describe, expect, it } from 'vitest';
import type { TemplateValue } from '../../go/print.js';
import { isFunctionName, isTrue, TEMPLATE_FUNCTIONS } from './template-functions.js';

const call = (name: string, ...args: readonly TemplateValue[]): TemplateValue | undefined =>
  TEMPLATE_FUNCTIONS[name]?.call(...args);
const variables = new Map([['low', '3']]);
const none = new Map<string, string>();

/** Returns why a function does not take its arguments. */
function faultOf(name: string, args: readonly TemplateValue[]): string {
  try {
    return `none: ${call(name, ...args)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a function of a query', () => {
  it.each<[string, readonly TemplateValue[], TemplateValue]>([
    ['print', ['a', 1n, 2n, 'b'], 'a1 2b'],
    ['println', ['a', 1n], 'a 1\n'],
    ['printf', ['%s-%d', 'a', 2n], 'a-2'],
    ['html', [`<a href='x'>"&"`], '&lt;a href=&#39;x&#39;&gt;&#34;&amp;&#34;'],
    ['html', ['a', '<'], 'a&lt;'],
    ['html', ['a\0b'], 'a\ufffdb'],
    ['html', [null], '&lt;no value&gt;'],
    ['js', [`a 'b' "c" \\ <&=>`], `a \\'b\\' \\"c\\" \\\\ \\u003C\\u0026\\u003D\\u003E`],
    ['js', ['\n\u00a0é'], '\\u000A\\u00A0é'],
    ['urlquery', ["a b/c?d=é!'()*~"], 'a+b%2Fc%3Fd%3D%C3%A9%21%27%28%29%2A~'],
    ['len', ['é'], 2n],
    ['len', [variables], 1n],
    ['index', [variables, 'low'], '3'],
    ['index', [variables, 'high'], ''],
    ['index', ['abc'], 'abc'],
    ['slice', ['abcd'], 'abcd'],
    ['slice', ['abcd', 1n], 'bcd'],
    ['slice', ['abcd', 1n, 3n], 'bc'],
    ['slice', ['abcd', 4n], ''],
    ['not', [''], true],
    ['not', ['a'], false],
    ['eq', ['a', 'b', 'a'], true],
    ['eq', ['a', 'b', 'c'], false],
    ['eq', [null, none], true],
    ['eq', [null, variables], false],
    ['eq', [null, 1n], false],
    ['ne', [1n, 2n], true],
    ['ne', [1n, 1n], false],
    ['lt', [1n, 2n], true],
    ['lt', [2n, 2n], false],
    ['lt', ['B', 'a'], true],
    ['lt', ['\uff5e', '\u{1f600}'], true],
    ['le', [2n, 2n], true],
    ['le', [3n, 2n], false],
    ['gt', [3n, 2n], true],
    ['gt', [2n, 2n], false],
    ['ge', [2n, 2n], true],
    ['ge', [1.5, 2], false],
  ])('%s takes arguments: %#', (name, args, value) => {
    expect(call(name, ...args)).toBe(value);
  });

  it.each<[string, readonly TemplateValue[], string]>([
    ['len', [1n], 'an integer has no length'],
    ['len', [null], 'nothing has no length'],
    ['index', [null, 'a'], 'there is nothing to look into'],
    ['index', [variables, 1n], 'a key is a text, got an integer'],
    ['index', [true, 0n], 'a truth value cannot be indexed'],
    ['index', ['abc', 3n], 'index out of range'],
    ['index', ['abc', 1n], 'not known here: a byte of a text'],
    ['slice', [variables], 'variables cannot be sliced so'],
    ['slice', ['a', 0n, 1n, 1n], 'a text cannot be sliced so'],
    ['slice', ['abcd', 3n, 1n], 'invalid slice index: 3 > 1'],
    ['slice', ['abcd', -1n], 'index out of range: -1'],
    ['slice', ['abcd', 5n], 'index out of range: 5'],
    ['slice', ['abcd', 1.5], 'an index is an integer, got a float'],
    ['slice', ['é', 1n], 'not known here: a part of a text beyond ASCII'],
    ['eq', ['a'], 'there is nothing to compare with'],
    ['eq', ['a', 1n], 'incompatible types for comparison: a text and an integer'],
    ['eq', [1, 1n], 'incompatible types for comparison: a float and an integer'],
    ['eq', [variables, variables], 'variables cannot be compared'],
    ['lt', [true, false], 'a truth value and a truth value have no order'],
    ['lt', [1n, 'a'], 'an integer and a text have no order'],
    ['ge', [null, null], 'nothing and nothing have no order'],
    ['call', [variables], 'there is no function to call'],
  ])('%s refuses arguments: %#', (name, args, message) => {
    expect(faultOf(name, args)).toBe(message);
  });
});

it.each([
  ['print', 0, Number.POSITIVE_INFINITY],
  ['printf', 1, Number.POSITIVE_INFINITY],
  ['index', 1, Number.POSITIVE_INFINITY],
  ['len', 1, 1],
  ['not', 1, 1],
  ['lt', 2, 2],
])('%s takes from %d to %d arguments', (name, least, most) => {
  expect(TEMPLATE_FUNCTIONS[name]).toMatchObject({ least, most });
});

it.each<[TemplateValue, boolean]>([
  [null, false],
  [false, false],
  [true, true],
  [0n, false],
  [-1n, true],
  [0, false],
  [0.5, true],
  [Number.NaN, true],
  ['', false],
  ['0', true],
  [none, false],
  [variables, true],
])('%s counts as %s', (value, counts) => {
  expect(isTrue(value)).toBe(counts);
});

it.each([
  ['namespace', true],
  ['service', true],
  ['interval', true],
  ['variables', true],
  ['and', true],
  ['or', true],
  ['printf', true],
  ['toString', false],
  ['pod', false],
])('%s is a name of a function: %s', (name, isOne) => {
  expect(isFunctionName(name)).toBe(isOne);
});
