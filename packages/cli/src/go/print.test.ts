import { describe, expect, it } from 'vitest';
import { NotKnownHereError } from '../not-known-here.js';
import { printValue, sprint, sprintf, type TemplateValue } from './print.js';

// As measured with the package fmt of Go 1.26.
describe('a value of a Go template', () => {
  it.each<[value: TemplateValue, text: string]>([
    [null, '<nil>'],
    [true, 'true'],
    [-3n, '-3'],
    [3, '3'],
    [1e6, '1e+06'],
    ['a "b"', 'a "b"'],
    [new Map(), 'map[]'],
    [
      new Map([
        ['b', '1'],
        ['Z', ''],
        ['a', '2'],
      ]),
      'map[Z: a:2 b:1]',
    ],
  ])('%o is printed as %s', (value, text) => {
    expect(printValue(value)).toBe(text);
  });

  it('is printed after a space if neither it nor the value before it is a text', () => {
    expect(sprint(['a', 1n, 2n, 'b', 'c', 3, true, null])).toBe('a1 2bc3 true <nil>');
    expect(sprint([1n, 'a', 2n])).toBe('1a2');
    expect(sprint([])).toBe('');
  });
});

describe('a format of Go', () => {
  it.each<[format: string, values: TemplateValue[], text: string]>([
    ['%s is %v, %t', ['a', new Map([['b', '1']]), true], 'a is map[b:1], true'],
    ['%5d|%-5d|%05d|%+d', [7n, 7n, -7n, 7n], '    7|7    |-0007|+7'],
    ['%.2f|%f|%08.3f', [1.005, 1.5, -1.5], '1.00|1.500000|-001.500'],
    ['%.0f|%.0f|%.0f|%.1f', [0.5, 1.5, 2.5, 0.25], '0|2|2|0.2'],
    ['%g|%v', [1e6, 0.5], '1e+06|0.5'],
    ['%q', ['a"\n\x01\\'], '"a\\"\\n\\x01\\\\"'],
    ['%.2s|%4s|%-4s|', ['héllo', 'é', 'é'], 'hé|   é|é   |'],
    ['%T %T %T %T', [1.5, 'x', 1n, null], 'float64 string int <nil>'],
    ['100%%', [], '100%'],
  ])('%j of %o is %j', (format, values, text) => {
    expect(sprintf(format, values)).toBe(text);
  });

  it.each<[format: string, values: TemplateValue[], text: string]>([
    ['%d', ['x'], '%!d(string=x)'],
    ['%s', [5n], '%!s(int=5)'],
    ['%s', [true], '%!s(bool=true)'],
    ['%t', [1n], '%!t(int=1)'],
    ['%d', [null], '%!d(<nil>)'],
    ['%z', [1n], '%!z(int=1)'],
    ['%d %d', [1n], '1 %!d(MISSING)'],
    ['50%', [], '50%!(NOVERB)'],
    ['x', [1n, null, 'a'], 'x%!(EXTRA int=1, <nil>, string=a)'],
  ])('reports in the text that %j does not take %o', (format, values, text) => {
    expect(sprintf(format, values)).toBe(text);
  });

  // Each has a meaning in Go, which nobody needs in a query.
  it.each<[format: string, values: TemplateValue[]]>([
    ['%x', ['a']],
    ['%#v', ['a']],
    ['% d', [1n]],
    ['%*d', [1n]],
    ['%[1]d', [1n]],
    ['%e', [1]],
    ['%q', ['é']],
    ['%1001d', [1n]],
    ['%05s', ['a']],
    ['%5d', ['a']],
    ['%f', [1e21]],
  ])('is not known here: %j of %o', (format, values) => {
    expect(() => sprintf(format, values)).toThrow(NotKnownHereError);
  });
});
