import type { Constructor } from '@mikro-orm/core';
import { Migrator, Migration as MikroOrmMigration } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { type Migrate, type Migration, partsOf } from './migration.js';

/** MikroORM, which records the names of classes. */
export const migrateMikroOrm: Migrate = async (url, migrations) => {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations.map(objectOf), silent: true, snapshot: false },
  });
  try {
    await orm.getMigrator().up();
  } finally {
    await orm.close();
  }
};

function objectOf(migration: Migration): { readonly name: string; readonly class: Constructor<MikroOrmMigration> } {
  const { words, stamp } = partsOf(migration);
  return {
    name: `Migration${stamp}_${words}`,
    class: class extends MikroOrmMigration {
      override up(): void {
        this.addSql(migration.up);
      }
    },
  };
}
