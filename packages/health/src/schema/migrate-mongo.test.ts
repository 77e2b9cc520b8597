import { describe, expect, it } from 'vitest';
import { type MongoDb, migrateMongo } from './migrate-mongo.js';

// The shape of a Db alone: there is no MongoDB to be had from npm.
const dbOf = (collections: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>): MongoDb => ({
  collection: (name) => ({ find: () => ({ toArray: async () => collections[name] ?? [] }) }),
});

describe('the changelog of migrate-mongo', () => {
  it.each([
    [{}, undefined],
    [{ changelog: [{ fileName: '1_a.js' }] }, { applied: ['1_a.js'] }],
    [
      { changelog: [], changelog_lock: [{}] },
      { applied: [], isLocked: true },
    ],
  ])('is read from the collections %j', async (collections, reading) => {
    await expect(migrateMongo(dbOf(collections)).read()).resolves.toEqual(reading);
  });

  it('is read from the collection that the options name', async () => {
    const db = dbOf({ changes: [{ fileName: '1_a.js' }] });
    await expect(migrateMongo(db, { collection: 'changes' }).read()).resolves.toEqual({ applied: ['1_a.js'] });
  });

  it('is refused without a Db', () => {
    expect(() => migrateMongo({} as never)).toThrow('client must be a Db of the mongodb driver, got an object');
  });
});
