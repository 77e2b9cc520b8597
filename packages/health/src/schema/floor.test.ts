import { describe, expect, it } from 'vitest';
import { createCompatibilityTable, raiseFloor } from './floor.js';
import { literal, quoteTable } from './identifier.js';

// What they do to a database is in test/schema.
describe('the statements of the floor', () => {
  it('quote what they are given', () => {
    expect(
      raiseFloor("o'clock", { dialect: 'postgres', reason: "it's \\ gone", table: 'floors', schema: 'shop' }),
    ).toContain(`INSERT INTO "shop"."floors" (id, floor, reason) VALUES (1, 'o''clock', 'it''s \\ gone')`);
    expect(literal("it's \\", 'mysql')).toBe("'it''s \\\\'");
    expect(quoteTable({ schema: 'a', name: 'b' }, 'mysql')).toBe('`a`.`b`');
  });

  it.each([
    [
      () => createCompatibilityTable({ dialect: 'oracle' as never }),
      'dialect must be one of postgres, mysql, sqlite, got "oracle"',
    ],
    [() => raiseFloor('1', {} as never), 'dialect must be one of postgres, mysql, sqlite, got undefined'],
    [() => createCompatibilityTable({ dialect: 'mysql', table: 'a;b' }), 'table must be a name of up to 63'],
    [() => raiseFloor('', { dialect: 'mysql' }), 'floor must be a version of up to 255 characters, got ""'],
    [
      () => raiseFloor(1, { dialect: 'mysql', reason: 'x'.repeat(256) }),
      'reason must be a text of up to 255 characters',
    ],
  ])('refuse what they cannot use: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});
