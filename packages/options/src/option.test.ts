import { describe, expect, it } from 'vitest';
import {
  booleanOption,
  functionOption,
  integerOption,
  isMapping,
  listOption,
  objectOption,
  secondsOption,
} from './option.js';

const thrownBy = (parse: () => unknown): unknown => {
  try {
    return parse();
  } catch (error) {
    return (error as Error).message;
  }
};

interface Group {
  readonly a?: number;
  readonly b?: number;
}

// @ts-expect-error: the key b is missing.
objectOption('group', {} as Group, ['a']);

describe('an option', () => {
  it.each<[string, unknown, unknown]>([
    ['an object', objectOption('group', { a: 1 } as Group, ['a', 'b']), { a: 1 }],
    ['an absent object', objectOption('group', undefined as Group | undefined, ['a', 'b']), {}],
    ['seconds', secondsOption('age', 0.5, 2), 0.5],
    ['absent seconds', secondsOption('age', undefined, 2), 2],
    ['an integer', integerOption('count', 3, 1, 1), 3],
    ['an absent integer', integerOption('count', undefined, 1, 1), 1],
    ['a function', functionOption('call', Math.max), Math.max],
    ['an absent function', functionOption('call', undefined), undefined],
    ['false', booleanOption('flag', false, true), false],
    ['an absent flag', booleanOption('flag', undefined, true), true],
    ['a list', listOption('names', ['a'], 'a string', (name) => typeof name === 'string'), ['a']],
    ['an absent list', listOption('names', undefined, 'a string', () => true), []],
  ])('that is correct is returned: %s', (_what, answered, expected) => {
    expect(answered).toEqual(expected);
  });

  it.each<[() => unknown, string]>([
    [() => objectOption('group', 7 as Group, ['a', 'b']), 'group must be an object with a, b, got 7'],
    [() => objectOption('group', null as unknown as Group, ['a', 'b']), 'group must be an object with a, b, got null'],
    [() => objectOption('group', [] as Group, ['a', 'b']), 'group must be an object with a, b, got []'],
    [
      () => objectOption('group', { c: () => 1 } as Group, ['a', 'b']),
      'group.c must be left out: group takes a, b, got a function',
    ],
    [() => secondsOption('age', 0, 2), 'age must be a finite number of seconds above 0, got 0'],
    [() => secondsOption('age', '1' as never, 2), 'age must be a finite number of seconds above 0, got "1"'],
    [() => secondsOption('age', Number.NaN, 2), 'age must be a finite number of seconds above 0, got NaN'],
    [() => integerOption('count', 1.5, 1, 1), 'count must be an integer of at least 1, got 1.5'],
    [() => integerOption('count', 0, 1, 1), 'count must be an integer of at least 1, got 0'],
    [() => functionOption('call', {} as never), 'call must be a function, got an object'],
    [() => booleanOption('flag', 1 as never, true), 'flag must be true or false, got 1'],
    [
      () => listOption('names', 'a' as never, 'a string', () => true),
      'names must be a list, of a string each, got "a"',
    ],
    [
      () => listOption('names', ['a', 7 as never], 'a string', (name) => typeof name === 'string'),
      'names[1] must be a string, got 7',
    ],
  ])('that is wrong is named in one sentence, %#', (parse, message) => {
    expect(thrownBy(parse)).toBe(message);
  });
});

describe('isMapping', () => {
  it('is true of an object, and false of an array and of anything else', () => {
    expect([{}, { a: 1 }].map(isMapping)).toEqual([true, true]);
    expect([[], null, undefined, 'a', () => 1].map(isMapping)).toEqual([false, false, false, false, false]);
  });
});
