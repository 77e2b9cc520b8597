import { describe, expect, it } from 'vitest';
import { messageOf, textOf } from './message.js';

function throws(): never {
  throw new Error('nobody reads this');
}

describe('messageOf()', () => {
  it.each<[string, unknown, string]>([
    ['an error', new RangeError('too far'), 'too far'],
    ['an error with a code alone', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['an error with nothing to say', new TypeError(), 'TypeError'],
    ['an error whose message is a BigInt', Object.assign(new Error(), { message: 10n }), '10'],
    [
      'an error whose message throws',
      Object.defineProperty(new Error(), 'message', { get: throws }),
      'an error that cannot be read',
    ],
    ['a text', 'too far', 'too far'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('far'), 'Symbol(far)'],
    ['an object', { far: 1 }, '{ far: 1 }'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['a proxy whose traps throw', new Proxy({}, new Proxy({}, { get: () => throws })), 'an error that cannot be read'],
  ])('puts %s in words', (_name, error, words) => {
    expect(messageOf(error)).toBe(words);
  });

  it('is never longer than a log can take', () => {
    expect(messageOf(new Error('long '.repeat(1_000)))).toMatch(/^(long )+.*…$/);
    expect(messageOf(new Error('long '.repeat(1_000)))).toHaveLength(1_000);
    expect(textOf(Array(1_000).fill('long '.repeat(1_000))).length).toBeLessThanOrEqual(1_000);
  });
});
