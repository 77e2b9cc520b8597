import { expect, it } from 'vitest';
import { differenceOf } from './line-difference.js';

it.each<[before: string, after: string, difference: string]>([
  ['', '', ''],
  ['abc', 'abc', ''],
  ['', 'ab', '+a+b'],
  ['ab', '', '-a-b'],
  ['abc', 'axc', '-b+x'],
  ['abc', 'ac', '-b'],
  ['ac', 'abc', '+b'],
  ['aab', 'ab', '-a'],
  // As few lines as possible.
  ['abcd', 'bcda', '-a+a'],
  ['abcabba', 'cbabac', '-a-b-a+a+c'],
])('the difference of the lines %j and %j is %j', (before, after, difference) => {
  const text = differenceOf([...before], [...after]);
  expect(text.replace(/([-+]) (.)\n/g, '$1$2')).toBe(difference);
});
