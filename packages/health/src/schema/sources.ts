import { InvalidOption, objectOption } from '@coalmine/options';
import type { SqlClient } from './client.js';
import { createDatabase } from './database.js';
import { identifierOption } from './identifier.js';
import { byName, byNumber } from './order.js';
import type { SchemaSource } from './source.js';
import { parseSourceOptions, type SourceOptions, type SqlTool, sqlSource } from './sql-source.js';
import * as tools from './tools.js';

/** Reads the history of one migration tool. Throws `InvalidOption` where client or options cannot be used. */
export type SourceOf = (client: SqlClient, options?: SourceOptions) => SchemaSource;

const sourceOf =
  (tool: SqlTool): SourceOf =>
  (client, options) =>
    sqlSource(tool, client, options);

/** Prisma Migrate. Versions are the names of the migration folders. */
export const prisma: SourceOf = sourceOf(tools.PRISMA);
/** Knex. Versions are the names of the migration files, with or without extension. */
export const knex: SourceOf = sourceOf(tools.KNEX);
/** Drizzle. Versions are the names of the migration folders; before 1.0, the `when` of the journal in milliseconds. */
export const drizzle: SourceOf = sourceOf(tools.DRIZZLE);
/** TypeORM. Versions are the names of the migration classes. */
export const typeorm: SourceOf = sourceOf(tools.TYPEORM);
/** Sequelize, and Umzug with its `SequelizeStorage`. Versions are file names, with or without extension. */
export const sequelize: SourceOf = sourceOf(tools.SEQUELIZE);
/** MikroORM on SQL. Versions are the names of the migration classes. */
export const mikroOrm: SourceOf = sourceOf(tools.MIKRO_ORM);
/** Kysely's `Migrator`. Versions are the keys of its provider: file names without extension. */
export const kysely: SourceOf = sourceOf(tools.KYSELY);
/** node-pg-migrate. Versions are file names, with or without extension. */
export const nodePgMigrate: SourceOf = sourceOf(tools.NODE_PG_MIGRATE);
/** postgres-migrations. Versions are the numbers that the file names begin with. */
export const postgresMigrations: SourceOf = sourceOf(tools.POSTGRES_MIGRATIONS);
/** db-migrate. Versions are file names, with or without extension. */
export const dbMigrate: SourceOf = sourceOf(tools.DB_MIGRATE);
/** Flyway. Versions are dotted numbers; those of a file name do too. Repeatable migrations have none. */
export const flyway: SourceOf = sourceOf(tools.FLYWAY);
/** Liquibase. Versions are change sets, as `file::id::author`, and tags. They have no order. */
export const liquibase: SourceOf = sourceOf(tools.LIQUIBASE);
/** golang-migrate. Versions are numbers. */
export const golangMigrate: SourceOf = sourceOf(tools.GOLANG_MIGRATE);
/** dbmate. Versions are the digits that the file names begin with. */
export const dbmate: SourceOf = sourceOf(tools.DBMATE);
/** Rails. Versions are the digits that the file names begin with. */
export const rails: SourceOf = sourceOf(tools.RAILS);
/** Atlas' versioned migrations. Versions are what the file names begin with. */
export const atlas: SourceOf = sourceOf(tools.ATLAS);
/** Sqitch. Versions are the names of changes, and tags as `@v1.0`. They have no order. */
export const sqitch: SourceOf = sourceOf(tools.SQITCH);

/**
 * pgroll. Versions are the names of migrations; `supports: { versionSchema: 'public_02_add_email' }` asks for the schema
 * that this build works with.
 */
export function pgroll(
  client: SqlClient,
  options: {
    /** Label of its series. @defaultValue `'pgroll'` */
    readonly name?: string;
    /** The schema that is migrated. @defaultValue `'public'` */
    readonly schema?: string;
  } = {},
): SchemaSource {
  const { name, schema = 'public' } = objectOption('source', options, ['name', 'schema']);
  const tool = tools.pgrollOf(identifierOption('source.schema', schema));
  return { ...sqlSource(tool, client, name === undefined ? {} : { name }), hasVersionSchemas: true };
}

/** Any query whose first row has the version in its first column, of which each includes those before it. */
export function sqlVersion(
  client: SqlClient,
  sql: string,
  options?: Pick<SourceOptions, 'name' | 'dialect'>,
): SchemaSource {
  const { name = 'sql', database } = plain(client, sql, options);
  return {
    name,
    database,
    isLinear: true,
    compare: byNumber,
    async read() {
      const [row] = await database.query(sql);
      const version = firstOf(row);
      return version === null || version === undefined ? undefined : { applied: [String(version)] };
    },
  };
}

/** Any query whose rows have, in their first column, the names of the migrations that are applied. */
export function sqlMigrations(
  client: SqlClient,
  sql: string,
  options?: Pick<SourceOptions, 'name' | 'dialect'>,
): SchemaSource {
  const { name = 'sql', database } = plain(client, sql, options);
  return {
    name,
    database,
    compare: byName,
    normalise: tools.withoutExtension,
    async read() {
      return { applied: (await database.query(sql)).map((row) => String(firstOf(row))) };
    },
  };
}

function plain(client: SqlClient, sql: string, options: Pick<SourceOptions, 'name' | 'dialect'> | undefined) {
  if (typeof sql !== 'string' || sql.trim() === '') throw new InvalidOption('source.query', 'an SQL query', sql);
  const { name, dialect } = parseSourceOptions(objectOption('source', options, ['name', 'dialect']));
  return { name, database: createDatabase(client, dialect) };
}

function firstOf(row: object | undefined): unknown {
  return row === undefined ? undefined : Object.values(row)[0];
}
