import { describe, expect, it } from 'vitest';
import { names, sidesOfArguments, sidesOfTarget } from './sides.js';

const sidesOf = (args: Readonly<Record<string, string | undefined>>) => sidesOfArguments(new Map(Object.entries(args)));

describe('the sides of an analysis', () => {
  it.each([
    [
      { 'canary-hash': '7d9c', 'stable-hash': '5b6f', service: 'shop' },
      { canary: ['7d9c'], others: ['5b6f'], unknown: ['shop'] },
    ],
    [
      { latestHash: 'a', previousHash: 'b' },
      { canary: ['a'], others: ['b'], unknown: [] },
    ],
    [
      { 'preview-service': 'a', 'active-service': 'b' },
      { canary: ['a'], others: ['b'], unknown: [] },
    ],
    [{ 'stable-canary-ratio': '2' }, { canary: ['2'], others: [], unknown: [] }],
    [
      { 'canary-hash': '', 'stable-hash': undefined },
      { canary: [], others: [], unknown: [] },
    ],
  ])('are found by the names of the arguments: %j', (args, sides) => {
    expect(sidesOf(args)).toEqual(sides);
  });

  it('do not have a value of stable that is part of the name of the canary', () => {
    expect(sidesOf({ canary: 'checkout-canary', stable: 'checkout' }).others).toEqual([]);
    expect(sidesOf({ canary: 'checkout-canary', stable: 'check' }).others).toEqual(['check']);
  });

  it('are the target and its primary with Flagger', () => {
    expect(sidesOfTarget('shop')).toEqual({ canary: [], others: ['shop-primary'], unknown: [] });
  });
});

describe('a value of a label', () => {
  it.each([
    ['shop-7d9c-x2', '7d9c', true],
    ['shop-7D9C', '7d9c', true],
    ['shop-7d9cb', '7d9c', false],
    ['a7d9c', '7d9c', false],
    ['shop-primary-.*', 'shop-primary', true],
    ['shop.v1', 'shop.v', false],
    ['shopxv', 'shop.v', false],
  ])('%s: has the word %s: %s', (value, name, isThere) => {
    expect(names(value, ['other', name])).toBe(isThere);
  });
});
