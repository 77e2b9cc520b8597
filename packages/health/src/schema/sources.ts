import { InvalidOption, objectOption } from '@coalmine/options';
import type { SqlClient } from './client.js';
import { createDatabase } from './database.js';
import { identifierOption } from './identifier.js';
import { type MigrateMongoOptions, type MongoDb, migrateMongo } from './migrate-mongo.js';
import { byParts, byWholeNumber } from './order.js';
import type { SchemaSource } from './source.js';
import { parseSourceOptions, type SourceOptions, type SqlTool, sqlSource } from './sql-source.js';
import * as tools from './tools.js';

/** Reads the history of one migration tool. Throws `InvalidOption` if the client or the options cannot be used. */
export type SourceOf = (client: SqlClient, options?: SourceOptions) => SchemaSource;

/**
 * A source of schema versions for each migration tool: `sources.prisma(client)`. They are members of one object, so that
 * no import clashes with the import of the tool or the ORM itself.
 */
export interface Sources {
  /** Prisma Migrate. Versions are the names of the migration folders. */
  readonly prisma: SourceOf;
  /** Knex. Versions are the names of the migration files, with or without extension. */
  readonly knex: SourceOf;
  /** Drizzle. Versions are the names of the migration folders; before 1.0, the `when` of the journal in milliseconds. */
  readonly drizzle: SourceOf;
  /** TypeORM. Versions are the names of the migration classes. */
  readonly typeorm: SourceOf;
  /** Sequelize, and Umzug with its `SequelizeStorage`. Versions are file names, with or without extension. */
  readonly sequelize: SourceOf;
  /** MikroORM on SQL. Versions are the names of the migration classes. */
  readonly mikroOrm: SourceOf;
  /** Kysely's `Migrator`. Versions are the keys of its provider: file names without extension. */
  readonly kysely: SourceOf;
  /** node-pg-migrate. Versions are file names, with or without extension. */
  readonly nodePgMigrate: SourceOf;
  /** postgres-migrations. Versions are the numbers that the file names begin with. */
  readonly postgresMigrations: SourceOf;
  /** db-migrate. Versions are file names, with or without extension. */
  readonly dbMigrate: SourceOf;
  /** Flyway. Versions are dotted numbers; the number in a file name works, too. Repeatable migrations have none. */
  readonly flyway: SourceOf;
  /** Liquibase. Versions are change sets, as `file::id::author`, and tags. They have no order. */
  readonly liquibase: SourceOf;
  /** golang-migrate. Versions are numbers. */
  readonly golangMigrate: SourceOf;
  /** dbmate. Versions are the digits that the file names begin with. */
  readonly dbmate: SourceOf;
  /** Rails. Versions are the digits that the file names begin with. */
  readonly rails: SourceOf;
  /** Atlas' versioned migrations. Versions are what the file names begin with. */
  readonly atlas: SourceOf;
  /** Sqitch. Versions are the names of changes, and tags as `@v1.0`. They have no order. */
  readonly sqitch: SourceOf;
  /**
   * pgroll. Versions are the names of migrations; `supports: { versionSchema: 'public_02_add_email' }` asks for the schema
   * that this build works with.
   */
  readonly pgroll: (client: SqlClient, options?: PgrollOptions) => SchemaSource;
  /** migrate-mongo. Versions are file names, with or without extension. */
  readonly migrateMongo: (db: MongoDb, options?: MigrateMongoOptions) => SchemaSource;
  /** Any query whose first row has the version in its first column. Each version includes the versions before it. */
  readonly sqlVersion: (client: SqlClient, sql: string, options?: QueryOptions) => SchemaSource;
  /** Any query whose rows have, in their first column, the names of the migrations that are applied. */
  readonly sqlMigrations: (client: SqlClient, sql: string, options?: QueryOptions) => SchemaSource;
}

export interface PgrollOptions {
  /** Label of its series. @defaultValue `'pgroll'` */
  readonly name?: string;
  /** The schema that is migrated. @defaultValue `'public'` */
  readonly schema?: string;
}

/** Options of a source with your own query. */
export type QueryOptions = Pick<SourceOptions, 'name' | 'dialect'>;

export const sources: Sources = {
  prisma: sourceOf(tools.PRISMA),
  knex: sourceOf(tools.KNEX),
  drizzle: sourceOf(tools.DRIZZLE),
  typeorm: sourceOf(tools.TYPEORM),
  sequelize: sourceOf(tools.SEQUELIZE),
  mikroOrm: sourceOf(tools.MIKRO_ORM),
  kysely: sourceOf(tools.KYSELY),
  nodePgMigrate: sourceOf(tools.NODE_PG_MIGRATE),
  postgresMigrations: sourceOf(tools.POSTGRES_MIGRATIONS),
  dbMigrate: sourceOf(tools.DB_MIGRATE),
  flyway: sourceOf(tools.FLYWAY),
  liquibase: sourceOf(tools.LIQUIBASE),
  golangMigrate: sourceOf(tools.GOLANG_MIGRATE),
  dbmate: sourceOf(tools.DBMATE),
  rails: sourceOf(tools.RAILS),
  atlas: sourceOf(tools.ATLAS),
  sqitch: sourceOf(tools.SQITCH),
  pgroll,
  migrateMongo,
  sqlVersion,
  sqlMigrations,
};

function sourceOf(tool: SqlTool): SourceOf {
  return (client, options) => sqlSource(tool, client, options);
}

function pgroll(client: SqlClient, options?: PgrollOptions): SchemaSource {
  const { name, schema = 'public' } = objectOption('source', options, ['name', 'schema']);
  const tool = tools.pgrollOf(identifierOption('source.schema', schema));
  return {
    ...sqlSource(tool, client, name === undefined ? {} : { name }),
    hasVersionSchemas: true,
    floorSchemas: [schema],
  };
}

function sqlVersion(client: SqlClient, sql: string, options?: QueryOptions): SchemaSource {
  const { name = 'sql', database } = plain(client, sql, options);
  return {
    name,
    database,
    isLinear: true,
    compare: byParts,
    hasNames: false,
    async read() {
      const [row] = await database.query(sql);
      const version = firstOf(row);
      return version === null || version === undefined ? undefined : { applied: [String(version)] };
    },
  };
}

function sqlMigrations(client: SqlClient, sql: string, options?: QueryOptions): SchemaSource {
  const { name = 'sql', database } = plain(client, sql, options);
  return {
    name,
    database,
    compare: byWholeNumber,
    normalise: tools.withoutExtension,
    async read() {
      // The query may have any order. The versions are sorted to tell what came before what.
      return { applied: (await database.query(sql)).map((row) => String(firstOf(row))).sort(byWholeNumber) };
    },
  };
}

function plain(client: SqlClient, sql: string, options: QueryOptions | undefined) {
  if (typeof sql !== 'string' || sql.trim() === '') throw new InvalidOption('source.query', 'an SQL query', sql);
  const { name, dialect } = parseSourceOptions(objectOption('source', options, ['name', 'dialect']));
  return { name, database: createDatabase(client, dialect) };
}

function firstOf(row: object | undefined): unknown {
  return row === undefined ? undefined : Object.values(row)[0];
}
