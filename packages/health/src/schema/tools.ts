import { crc32 } from 'node:zlib';
import { cellOf, type Row } from './client.js';
import { literal, quoteTable } from './identifier.js';
import { countLockedRows, holds, holdsKey } from './locks.js';
import { byDottedNumbers, byName, byNumber, byTrailingNumber } from './order.js';
import { inState, nameOf, readRecorded, titleOf, titlesOf } from './rows.js';
import type { SqlTool } from './sql-source.js';

// The history table of each tool, from its own source: how to recognise it, what it records, how it sorts, how it
// locks.

/** Returns the file name of a migration without its extension, because `.ts` in development is `.js` in production. */
export function withoutExtension(name: string): string {
  return name.replace(/^\//, '').replace(/\.(?:[cm]?[jt]s|sql)$/, '');
}

const names =
  (column: string, order: string): SqlTool['query'] =>
  (at) =>
    `SELECT ${column} AS name FROM ${at.named()} ORDER BY ${order}`;

export const PRISMA: SqlTool = {
  name: 'prisma',
  table: '_prisma_migrations',
  columns: ['migration_name', 'finished_at', 'rolled_back_at', 'logs'],
  compare: byName,
  query: (at) => `SELECT migration_name AS name, CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back'
WHEN finished_at IS NOT NULL THEN 'applied' WHEN logs IS NULL OR logs = '' THEN 'unfinished' ELSE 'failed' END AS state
FROM ${at.named()} ORDER BY started_at, migration_name`,
  reading(rows) {
    // A migration that was rolled back may have been applied again: the last row that is not rolled back counts.
    const standing = rows.filter(({ state }) => state !== 'rolled back');
    return readRecorded([...new Map(standing.map((row) => [nameOf(row), row])).values()]);
  },
  lock: holdsKey(72707369n, 'prisma_migrate'),
};

export const KNEX: SqlTool = {
  name: 'knex',
  table: 'knex_migrations',
  columns: ['name', 'batch', 'migration_time'],
  compare: byName,
  normalise: withoutExtension,
  query: names('name', 'id'),
  async lock(at, database) {
    const count = await countLockedRows(at, database, `${at.table.name}_lock`, 'is_locked = 1');
    // In a transaction, which is the default, nobody else sees the lock: a 0 says nothing.
    return count ? true : undefined;
  },
};

export const DRIZZLE: SqlTool = {
  name: 'drizzle',
  table: '__drizzle_migrations',
  schemas: (dialect) => (dialect === 'postgres' ? ['drizzle', undefined] : [undefined]),
  columns: ['id', 'hash', 'created_at'],
  compare: byNumber,
  // Before 1.0 a migration has no name, only the time at which it was made, in milliseconds. SQLite has no id to sort
  // by.
  query: (at) =>
    `SELECT created_at AS made${at.columns.includes('name') ? ', name AS name' : ''} FROM ${at.named()} ORDER BY created_at`,
  reading: (rows, at) => ({
    applied: rows.map(({ name, made }) => String(name ?? made)),
    ...(at.columns.includes('name') ? {} : { hasNames: false }),
  }),
};

export const TYPEORM: SqlTool = {
  name: 'typeorm',
  table: 'migrations',
  columns: ['id', 'timestamp', 'name'],
  compare: byTrailingNumber,
  query: names('name', 'id'),
};

export const SEQUELIZE: SqlTool = {
  name: 'sequelize',
  table: 'SequelizeMeta',
  columns: ['name'],
  foreign: ['id', 'batch', 'version'],
  compare: byName,
  normalise: withoutExtension,
  query: names('name', 'name'),
};

export const MIKRO_ORM: SqlTool = {
  name: 'mikro-orm',
  table: 'mikro_orm_migrations',
  columns: ['name', 'executed_at'],
  compare: byName,
  normalise: withoutExtension,
  query: names('name', 'id'),
};

export const KYSELY: SqlTool = {
  name: 'kysely',
  table: 'kysely_migration',
  columns: ['name', 'timestamp'],
  compare: byName,
  normalise: withoutExtension,
  query: (at) => names('name', at.dialect === 'mysql' ? '`timestamp`, name' : '"timestamp", name')(at),
  lock: holdsKey(3853314791062309107n, 'ea586330-2c93-47c8-908d-981d9d270f9d'),
};

export const NODE_PG_MIGRATE: SqlTool = {
  name: 'node-pg-migrate',
  table: 'pgmigrations',
  columns: ['name', 'run_on'],
  compare: byNumber,
  // `1_a.up.sql` is recorded as `1_a`.
  normalise: (version) => withoutExtension(version).replace(/\.up$/, ''),
  query: names('name', 'run_on, id'),
  lock: holdsKey(7241865325823964n),
};

export const POSTGRES_MIGRATIONS: SqlTool = {
  name: 'postgres-migrations',
  table: 'migrations',
  columns: ['id', 'name', 'hash', 'executed_at'],
  isLinear: true,
  compare: byNumber,
  // The first row, 0, belongs to the tool itself.
  query: (at) => `SELECT id AS name, name AS title FROM ${at.named()} WHERE id > 0 ORDER BY id`,
  reading: (rows) => ({ applied: rows.map(nameOf), names: titlesOf(rows) }),
  lock: holdsKey(-8525285245963000605n),
};

export const DB_MIGRATE: SqlTool = {
  name: 'db-migrate',
  table: 'migrations',
  columns: ['id', 'name', 'run_on'],
  compare: byName,
  normalise: withoutExtension,
  query: names('name', 'run_on, id'),
};

export const FLYWAY: SqlTool = {
  name: 'flyway',
  table: 'flyway_schema_history',
  columns: ['installed_rank', 'version', 'type', 'success'],
  compare: byDottedNumbers,
  // `1.01`, `1.1.0` and the `1_1` of a file are one version.
  normalise: (version) =>
    isRepeatable(version)
      ? version
      : version
          .replace(/^[VU](?=\d)/, '')
          .replace(/__.*$/, '')
          .replaceAll('_', '.')
          .replace(/(^|\.)0+(?=\d)/g, '$1')
          .replace(/(?:\.0)+$/, ''),
  query: (
    at,
  ) => `SELECT version AS name, description AS title, type AS kind, CASE WHEN success THEN 1 ELSE 0 END AS success
FROM ${at.named()} WHERE type <> 'SCHEMA' ORDER BY installed_rank`,
  reading(rows) {
    const lastOf = new Map(rows.map((row) => [flywayNameOf(row), row]));
    const standing = [...lastOf].filter(([, { kind }]) => !/^(?:UNDO|DELETE)/.test(String(kind)));
    const withSuccess = (wanted: number): string[] =>
      standing.filter(([, { success }]) => Number(success) === wanted).map(([version]) => version);
    // If DDL is transactional, a failure leaves no row, so the absence of a failed row says nothing.
    const failed = withSuccess(0);
    // A row of the command `baseline`, or of a baseline migration: Flyway ignores migrations below it.
    const baseline = standing
      .filter(([, { kind, success }]) => /BASELINE$/.test(String(kind)) && Number(success) === 1)
      .at(-1)?.[0];
    return {
      applied: withSuccess(1).filter((version) => !isRepeatable(version)),
      names: titlesOf(rows),
      ...(failed.length === 0 ? {} : { failed }),
      ...(baseline === undefined ? {} : { baseline }),
    };
  },
  // "Flyway" in ASCII, plus the 32-bit hash of the quoted name of the table; in MySQL both in letters.
  lock: holds(
    ({ key }) => {
      const hash = key - 0x466c_7977_6179n;
      return hash === BigInt.asIntN(32, hash);
    },
    (database, table) => `Flyway-${javaHash(quoteTable({ schema: database, name: table }, 'mysql'))}`,
  ),
};

export const LIQUIBASE: SqlTool = {
  name: 'liquibase',
  table: (dialect) => (dialect === 'postgres' ? 'databasechangelog' : 'DATABASECHANGELOG'),
  columns: ['id', 'author', 'filename', 'exectype', 'tag'],
  // Liquibase itself writes a change set as file, id, author. A tag is a version, too.
  // A change set that has run again has the time of its last run, so when it first ran is unknown. It comes first, because
  // what came before the first change set of a build counts as squashed into it.
  query: (at) => `SELECT id AS id, author AS author, filename AS filename, tag AS tag
FROM ${at.named()} WHERE exectype IN ('EXECUTED', 'RERAN', 'MARK_RAN')
ORDER BY CASE WHEN exectype = 'RERAN' THEN 0 ELSE 1 END, dateexecuted, orderexecuted`,
  reading: (rows) => ({
    applied: rows.flatMap(({ id, author, filename, tag }) => [
      `${filename}::${id}::${author}`,
      ...(tag === null ? [] : [String(tag)]),
    ]),
  }),
  async lock(at, database) {
    const table = at.dialect === 'postgres' ? 'databasechangeloglock' : 'DATABASECHANGELOGLOCK';
    const count = await countLockedRows(at, database, table, 'locked');
    return count === undefined ? undefined : count > 0;
  },
};

export const GOLANG_MIGRATE: SqlTool = {
  name: 'golang-migrate',
  table: 'schema_migrations',
  columns: ['version', 'dirty'],
  hasNames: false,
  isLinear: true,
  compare: byNumber,
  // `000002` in a file name is the version 2.
  normalise: (version) => version.replace(/^0+(?=\d)/, ''),
  query: (at) => `SELECT version AS name, CASE WHEN dirty THEN 1 ELSE 0 END AS dirty FROM ${at.named()}`,
  // The tool sets dirty before a migration starts, so the migration may be running or may have failed. The lock tells
  // which.
  reading(rows) {
    const applied = rows.map(nameOf);
    return { applied, unfinished: Number(cellOf(rows, 'dirty')) === 1 ? applied : [] };
  },
  // With a URL, as on its command line, the tool takes the path as the name of the PostgreSQL database, including the
  // slash.
  lock: holds(
    ({ key, database, schema }, { table }) =>
      [database, `/${database}`].some(
        (name) => key === golangMigrateId(`${table.schema ?? schema}\0${table.name}\0${name}`),
      ),
    (database, table) => String(golangMigrateId(`${database}:${table}`)),
  ),
};

const VERSIONS = names('version', 'version');

export const DBMATE: SqlTool = {
  name: 'dbmate',
  table: 'schema_migrations',
  columns: ['version'],
  foreign: ['dirty', 'inserted_at'],
  hasNames: false,
  compare: byNumber,
  query: VERSIONS,
};

export const RAILS: SqlTool = {
  ...DBMATE,
  name: 'rails',
  lock: holds(
    ({ key, database }) => key === railsId(database),
    (database) => String(railsId(database)),
  ),
};

export const ATLAS: SqlTool = {
  name: 'atlas',
  table: 'atlas_schema_revisions',
  schemas: (dialect) => (dialect === 'sqlite' ? [undefined] : ['atlas_schema_revisions', undefined]),
  columns: ['version', 'description', 'applied', 'total', 'error'],
  compare: byName,
  // A row whose version begins with a dot is not a migration.
  query: (
    at,
  ) => `SELECT version AS name, description AS title, CASE WHEN error IS NOT NULL AND error <> '' THEN 'failed'
WHEN applied < total THEN 'unfinished' ELSE 'applied' END AS state
FROM ${at.named()} WHERE version NOT LIKE '.%' ORDER BY version`,
  reading: (rows) => ({
    ...readRecorded(rows),
    names: new Map(rows.map(({ name, title }) => [String(name), title === '' ? String(name) : `${name}_${title}`])),
    // If there are files before the first recorded version, that version is a baseline or a checkpoint.
    ...(cellOf(rows, 'state') === 'applied' ? { baseline: String(cellOf(rows, 'name')) } : {}),
  }),
  // The FNV-1 hash of its name.
  lock: holdsKey(2686470616n, 'atlas_migrate_execute'),
};

export const SQITCH: SqlTool = {
  name: 'sqitch',
  table: 'changes',
  schemas: (dialect) => (dialect === 'sqlite' ? [undefined] : ['sqitch', undefined]),
  columns: ['change_id', 'change', 'project', 'committed_at'],
  query: (at) => `SELECT c.change AS name, 'applied' AS state, c.committed_at AS made FROM ${at.named()} c
UNION ALL SELECT t.tag AS name, 'applied' AS state, t.committed_at AS made FROM ${at.named('tags')} t
UNION ALL SELECT e.change AS name, 'failed' AS state, e.committed_at AS made FROM ${at.named('events')} e
WHERE e.event = 'fail' AND e.committed_at = (SELECT MAX(l.committed_at) FROM ${at.named('events')} l)
ORDER BY 3`,
  reading: (rows) => ({ applied: inState(rows, 'applied'), failed: inState(rows, 'failed') }),
  lock: holdsKey(75474063n),
};

/** pgroll keeps the migrations of all schemas in one table, and a schema of views for each version that is served. */
export const pgrollOf = (schema: string): SqlTool => ({
  name: 'pgroll',
  table: 'migrations',
  schemas: () => ['pgroll'],
  columns: ['schema', 'name', 'migration', 'done'],
  query(at) {
    const prefix = literal(`${schema}_`, at.dialect);
    const from = `FROM ${at.named()} WHERE schema = ${literal(schema, at.dialect)}`;
    return `SELECT 'applied' AS state, name::text AS name ${from}
UNION ALL SELECT 'completed', ${prefix} || COALESCE(migration->>'version_schema', name) ${from} AND done
UNION ALL SELECT 'served', schema_name::text FROM information_schema.schemata
WHERE left(schema_name, ${schema.length + 1}) = ${prefix}`;
  },
  reading: (rows) => ({
    applied: inState(rows, 'applied'),
    versionSchemas: { served: inState(rows, 'served'), completed: inState(rows, 'completed') },
  }),
});

/** Returns the version of a row of Flyway, or the name of a repeatable migration, which has no version. */
function flywayNameOf({ name, title }: Row): string {
  return name === null ? `R__${titleOf(title)}` : String(name);
}

function isRepeatable(version: string): boolean {
  return version.startsWith('R__');
}

function golangMigrateId(name: string): bigint {
  return BigInt.asUintN(32, BigInt(crc32(name)) * 1486364155n);
}

function railsId(database: string): bigint {
  return 2053462845n * BigInt(crc32(database));
}

/** Returns the hash that `String.hashCode` of Java returns. */
function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (31 * hash + text.charCodeAt(index)) | 0;
  return hash;
}
