import { type SchemaSource, type SqlClient, sources } from '@coalmine/health';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as migrateDrizzle } from 'drizzle-orm/node-postgres/migrator';
import knex from 'knex';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { migrate as migratePostgres } from 'postgres-migrations';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import { SequelizeStorage, Umzug } from 'umzug';
import { migrateDbMigrate } from './tools/db-migrate.js';
import { migrateDrizzle1 } from './tools/drizzle1.js';
import { type Migrate, type Migration, withFiles } from './tools/migration.js';
import { migrateMikroOrm } from './tools/mikro-orm.js';
import { migratePrisma } from './tools/prisma.js';

/** A real migration tool on a real PostgreSQL, with the client of its own. */
export interface Tool {
  readonly name: string;
  readonly migrate: Migrate;
  source(client: SqlClient): SchemaSource;
  /** The tool's own client, and what closes it. */
  connect(url: string): Promise<readonly [client: SqlClient, close: () => Promise<unknown>]>;
  /** How the tool records the migration at an index. */
  version(migration: Migration, index: number): string;
}

// The time at which the first was made, for tools that go by that.
const MADE_AT = 1_700_000_000_000;

export const TOOLS: readonly Tool[] = [
  {
    name: 'knex',
    async migrate(url, migrations) {
      const [db, close] = connectKnex(url);
      const migrationSource = {
        getMigrations: async () => [...migrations],
        getMigrationName: ({ name }: Migration) => `${name}.ts`,
        getMigration: async ({ up }: Migration) => ({ up: (trx: knex.Knex) => trx.raw(up), down: async () => {} }),
      };
      await db.migrate.latest({ migrationSource }).finally(close);
    },
    source: sources.knex,
    connect: async (url) => connectKnex(url),
    version: ({ name }) => name,
  },
  {
    name: 'drizzle',
    async migrate(url, migrations) {
      const entries = migrations.map(({ name }, idx) => ({
        idx,
        version: '7',
        when: MADE_AT + idx,
        tag: name,
        breakpoints: true,
      }));
      const journal = JSON.stringify({ version: '7', dialect: 'postgresql', entries });
      const files = migrations.map(({ name, up }) => [`${name}.sql`, up]);
      const pool = new pg.Pool({ connectionString: url });
      await withFiles({ 'meta/_journal.json': journal, ...Object.fromEntries(files) }, (migrationsFolder) =>
        migrateDrizzle(drizzle(pool), { migrationsFolder }),
      ).finally(() => pool.end());
    },
    source: sources.drizzle,
    async connect(url) {
      const pool = new pg.Pool({ connectionString: url });
      return [drizzle(pool), () => pool.end()];
    },
    version: (_, index) => String(MADE_AT + index),
  },
  {
    name: 'typeorm',
    async migrate(url, migrations) {
      const classes = migrations.map(({ name, up }, i) => {
        const Class = { [`${name}`]: class {} }[name] as new () => object;
        Object.assign(Class.prototype, {
          name: `${name}${MADE_AT + i}`,
          up: (runner: { query(sql: string): Promise<unknown> }) => runner.query(up),
          down: async () => {},
        });
        Object.defineProperty(Class, 'name', { value: `${name}${MADE_AT + i}` });
        return Class;
      });
      const source = await new DataSource({ type: 'postgres', url, migrations: classes }).initialize();
      await source.runMigrations().finally(() => source.destroy());
    },
    source: sources.typeorm,
    async connect(url) {
      const source = await new DataSource({ type: 'postgres', url }).initialize();
      return [source, () => source.destroy()];
    },
    version: ({ name }, i) => `${name}${MADE_AT + i}`,
  },
  {
    name: 'sequelize',
    async migrate(url, migrations) {
      const sequelize = new Sequelize(url, { logging: false });
      const umzug = new Umzug({
        migrations: migrations.map(({ name, up }) => ({ name: `${name}.js`, up: async () => sequelize.query(up) })),
        storage: new SequelizeStorage({ sequelize }),
        logger: undefined,
      });
      await umzug.up().finally(() => sequelize.close());
    },
    source: sources.sequelize,
    async connect(url) {
      const sequelize = new Sequelize(url, { logging: false });
      return [sequelize, () => sequelize.close()];
    },
    version: ({ name }) => name,
  },
  {
    name: 'kysely',
    async migrate(url, migrations) {
      const db = connectKysely(url);
      const provider = {
        getMigrations: async () =>
          Object.fromEntries(
            migrations.map(({ name, up }) => [
              name,
              { up: async (on: Kysely<unknown>) => void (await sql.raw(up).execute(on)) },
            ]),
          ),
      };
      const { error } = await new Migrator({ db, provider }).migrateToLatest().finally(() => db.destroy());
      if (error !== undefined) throw error;
    },
    source: sources.kysely,
    async connect(url) {
      const db = connectKysely(url);
      return [db, () => db.destroy()];
    },
    version: ({ name }) => name,
  },
  {
    name: 'node-pg-migrate',
    async migrate(url, migrations) {
      await inFolder(
        migrations,
        ({ name }) => `${name}.sql`,
        (dir) =>
          runner({
            databaseUrl: url,
            dir,
            direction: 'up',
            migrationsTable: 'pgmigrations',
            checkOrder: false,
            log: () => {},
          }),
      );
    },
    source: sources.nodePgMigrate,
    connect: connectPool,
    version: ({ name }) => name,
  },
  {
    name: 'postgres-migrations',
    async migrate(url, migrations) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await inFolder(
        migrations,
        ({ name }, i) => `${i + 1}_${name.replace(/^\d+_/, '')}.sql`,
        (dir) => migratePostgres({ client }, dir),
      ).finally(() => client.end());
    },
    source: sources.postgresMigrations,
    async connect(url) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return [client, () => client.end()];
    },
    version: (_, index) => String(index + 1),
  },
  { name: 'prisma', migrate: migratePrisma, source: sources.prisma, connect: connectPool, version: ({ name }) => name },
  {
    name: 'drizzle 1',
    migrate: migrateDrizzle1,
    source: sources.drizzle,
    connect: connectPool,
    version: ({ name }) => name,
  },
  {
    name: 'mikro-orm',
    migrate: migrateMikroOrm,
    source: sources.mikroOrm,
    connect: connectPool,
    version: ({ name }) => `Migration${name}`,
  },
  {
    name: 'db-migrate',
    migrate: migrateDbMigrate,
    source: sources.dbMigrate,
    connect: connectPool,
    version: ({ name }) => name.replace('_', '-'),
  },
];

async function connectPool(url: string): Promise<readonly [client: SqlClient, close: () => Promise<unknown>]> {
  const pool = new pg.Pool({ connectionString: url });
  return [pool, () => pool.end()];
}

function connectKnex(url: string): [knex.Knex, () => Promise<unknown>] {
  const db = knex({ client: 'pg', connection: url });
  return [db, () => db.destroy()];
}

function connectKysely(url: string): Kysely<unknown> {
  return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
}

function inFolder(
  migrations: readonly Migration[],
  nameOf: (migration: Migration, index: number) => string,
  use: (folder: string) => Promise<unknown>,
): Promise<void> {
  const files = Object.fromEntries(migrations.map((migration, i) => [nameOf(migration, i), migration.up]));
  return withFiles(files, async (folder) => void (await use(folder)));
}
