import { describe, expect, it } from 'vitest';
import { letsThrough } from './matcher.js';

describe('a matcher', () => {
  it.each([
    ['=', '500', true],
    ['=', '50', false],
    ['!=', '500', false],
    ['=~', '5..', true],
    ['=~', '50', false],
    ['!~', '5.*', false],
    ['!~', '4.*', true],
    ['=~', '(?i)5..', undefined],
    ['=~', '5)(..', undefined],
    ['=~', '', false],
    ['=~', '40.|5..', true],
  ] as const)('%s"%s" of 500 is %s', (operator, value, wanted) => {
    expect(letsThrough({ label: 'status', operator, value }, '500')).toBe(wanted);
  });
});
