import { expect, it } from 'vitest';
import { listSome, quoteShort } from './sentence.js';

it.each<[readonly string[], string]>([
  [['a'], 'a'],
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd'], 'a, b, c and 1 more'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  [['x'.repeat(80)], 'x'.repeat(80)],
  [['x'.repeat(81)], `${'x'.repeat(77)}...`],
])('a list of some values: %#', (values, text) => {
  expect(listSome(values)).toBe(text);
});

it.each([
  ['a "b"', '"a \\"b\\""'],
  ['x'.repeat(60), `"${'x'.repeat(60)}"`],
  ['x'.repeat(61), `"${'x'.repeat(57)}..."`],
])('a short quotation: %#', (text, quoted) => {
  expect(quoteShort(text)).toBe(quoted);
});
