import { InvalidOption, objectOption } from '@coalmine/options';
import { byName } from './order.js';
import type { SchemaSource } from './source.js';
import { withoutExtension } from './tools.js';

/** A `Db` of the mongodb driver, recognised by its shape. */
export interface MongoDb {
  collection(name: string): {
    find(filter: object, options?: object): { toArray(): Promise<readonly Readonly<Record<string, unknown>>[]> };
  };
}

export interface MigrateMongoOptions {
  /** Label of its series. @defaultValue `'migrate-mongo'` */
  readonly name?: string;
  /** @defaultValue `'changelog'` */
  readonly collection?: string;
  /** Read if migrate-mongo has a `lockTtl`. @defaultValue `'changelog_lock'` */
  readonly lockCollection?: string;
}

/** migrate-mongo. Versions are file names, with or without extension. Throws `InvalidOption`. */
export function migrateMongo(db: MongoDb, options?: MigrateMongoOptions): SchemaSource {
  if (typeof (db as Partial<MongoDb> | null)?.collection !== 'function') {
    throw new InvalidOption('client', 'a Db of the mongodb driver', db);
  }
  const {
    name = 'migrate-mongo',
    collection = 'changelog',
    lockCollection = 'changelog_lock',
  } = objectOption('source', options, ['name', 'collection', 'lockCollection']);
  return {
    name,
    compare: byName,
    normalise: withoutExtension,
    async read() {
      const locks = await db.collection(lockCollection).find({}).toArray();
      const changes = await db
        .collection(collection)
        .find({}, { projection: { fileName: 1 } })
        .toArray();
      const applied = changes.map(({ fileName }) => String(fileName));
      // MongoDB returns the same for a collection that is empty and for a collection that does not exist.
      if (applied.length === 0 && locks.length === 0) return undefined;
      // The lock is opt-in, so the absence of a lock says nothing.
      return { applied, ...(locks.length > 0 ? { isLocked: true } : {}) };
    },
  };
}
