import { drizzle } from 'drizzle1/node-postgres';
import { migrate } from 'drizzle1/node-postgres/migrator';
import { Pool } from 'pg';
import { type Migrate, withFiles } from './migration.js';

/** Drizzle 1, which records the hash of a file, the name of its folder, and the time in this name. */
export const migrateDrizzle1: Migrate = async (url, migrations) => {
  const files = Object.fromEntries(migrations.map(({ name, up }) => [`${name}/migration.sql`, up]));
  await withFiles(files, async (migrationsFolder) => {
    const client = new Pool({ connectionString: url });
    await migrate(drizzle({ client }), { migrationsFolder }).finally(() => client.end());
  });
};
