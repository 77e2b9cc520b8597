import { describe, expect, it } from 'vitest';
import {
  byDottedNumbers,
  byName,
  byNumber,
  byParts,
  byTrailingNumber,
  byWholeNumber,
  type Compare,
  hasLargerNumber,
  latest,
  numberInVersion,
} from './order.js';

describe.each<[string, Compare, readonly string[]]>([
  ['by name', byName, ['', '10_b', '9_a', 'a', 'b']],
  // By name where a version has no number.
  ['by number', byNumber, ['2_c', '9_a', '9_b', '10_a', '20260101000000000000_a']],
  ['by whole number', byWholeNumber, ['2', '9', '10', '20260101000000', 'a10', 'a9']],
  ['by the number at the end', byTrailingNumber, ['V20Create1', 'AddB9', 'AddA10', 'AddB10', 'Add1700000000000']],
  ['by dotted numbers', byDottedNumbers, ['1', '1.0.1', '1.9', '1.10', '2', '10.0.5', 'R__view']],
  ['by parts', byParts, ['', '1.9', '1.9.1', '1.10', '1.10a', 'v2b9', 'v9', 'v12', 'v12b', 'v-1']],
])('%s, versions', (_, compare, versions) => {
  it('are in order, whichever two are compared', () => {
    for (const [i, a] of versions.entries()) {
      const signs = versions.map((b) => Math.sign(compare(a, b)));
      expect([a, signs]).toEqual([a, versions.map((_, j) => Math.sign(i - j))]);
    }
  });
});

it('by number, a version without one is compared by name', () => {
  expect(byNumber('10_a', 'b9')).toBeLessThan(0);
  expect(byNumber('b9', '10_a')).toBeGreaterThan(0);
  expect(byNumber('b', 'a')).toBeGreaterThan(0);
});

it.each([
  ['10_b', '9_a', true],
  ['9_b', '10_a', false],
  ['9_b', '9_a', false],
  ['b10', '9_a', false],
])('whether %s has a larger number than %s: %s', (version, other, expected) => {
  expect(hasLargerNumber(version, other)).toBe(expected);
});

it('by dotted numbers, a missing number is 0, and so is a word', () => {
  expect(byDottedNumbers('1', '1.0')).toBe(0);
  expect(byDottedNumbers('1.0.0', '1')).toBe(0);
  expect(byDottedNumbers('1.x9', '1.9x')).toBe(0);
});

it('the latest version is the first one if several are equal', () => {
  expect(latest(['9', '10', '2'], byNumber)).toBe('10');
  expect(latest(['1', '1.0'], byDottedNumbers)).toBe('1');
  expect(latest([], byName)).toBeUndefined();
});

it.each([
  ['20260301_a', 20260301],
  ['7', 7],
  ['AddEmail1700000000000', 1700000000000],
  ['2.10', undefined],
  ['AddEmail170', undefined],
  ['Add1700000000000Email', undefined],
])('the number in the version %s is %s', (version, number) => {
  expect(numberInVersion(version)).toBe(number);
});
