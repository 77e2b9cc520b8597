import { type SchemaSource, type SqlClient, sources } from '@coalmine/health';
import pg from 'pg';
import { migrate as migratePostgres } from 'postgres-migrations';
import { migrateDbMigrate } from './tools/db-migrate.js';
import { migrateDrizzle1 } from './tools/drizzle1.js';
import { type Migrate, type Migration, withFiles } from './tools/migration.js';

/** A real migration tool that the page of tools has no section of, on a real PostgreSQL. */
export interface Tool {
  readonly name: string;
  readonly migrate: Migrate;
  source(client: SqlClient): SchemaSource;
  /** How the tool records the migration at an index. */
  version(migration: Migration, index: number): string;
}

export const TOOLS: readonly Tool[] = [
  {
    name: 'postgres-migrations',
    async migrate(url, migrations) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const files = migrations.map(({ name, up }, i) => [`${i + 1}_${name.replace(/^\d+_/, '')}.sql`, up]);
      await withFiles(
        Object.fromEntries(files),
        async (folder) => void (await migratePostgres({ client }, folder)),
      ).finally(() => client.end());
    },
    source: sources.postgresMigrations,
    version: (_, index) => String(index + 1),
  },
  { name: 'drizzle 1', migrate: migrateDrizzle1, source: sources.drizzle, version: ({ name }) => name },
  {
    name: 'db-migrate',
    migrate: migrateDbMigrate,
    source: sources.dbMigrate,
    version: ({ name }) => name.replace('_', '-'),
  },
];
