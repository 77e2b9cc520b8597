import {
  createCompatibilityTable,
  createSchema,
  raiseFloor,
  type Schema,
  type SchemaSource,
  type SchemaSupports,
  type SourceOf,
  sources,
} from '@coalmine/health';
import pg from 'pg';
import postgresJs from 'postgres';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isPostgresMissing, usePostgres } from '../support/postgres.js';

// Tables from the documented DDL of each tool: for states that its section of docs/schema-tools.md does not reach, and for tools that
// cannot be installed here. They are in a real PostgreSQL as well.
const PRISMA = `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL,
  finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0)`;
const prismaRow = (
  id: number,
  name: string,
  finished: boolean,
  rolledBack = false,
  logs: string | null = null,
): string =>
  `INSERT INTO _prisma_migrations VALUES ('${id}', 'x', ${finished ? 'now()' : 'NULL'}, '${name}', ${logs === null ? 'NULL' : `'${logs}'`},
  ${rolledBack ? 'now()' : 'NULL'}, now() + interval '${id} s', ${finished ? 1 : 0})`;
const FLYWAY = `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL,
  type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL,
  installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL)`;
const flywayRow = (rank: number, version: string | null, type = 'SQL', success = true): string =>
  `INSERT INTO flyway_schema_history VALUES (${rank}, ${version === null ? 'NULL' : `'${version}'`}, 'd', '${type}', 's', 1, 'me', now(), 1, ${success})`;
const GOLANG = 'CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)';
const ATLAS = `CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar PRIMARY KEY,
  description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL, total bigint NOT NULL, executed_at timestamptz NOT NULL,
  execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL);
  INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('.atlas_cloud_identifier', '', 0, 0, 0, now(), 0, NULL, NULL, '', NULL, '')`;
const atlasRow = (version: string, applied: number, error: string | null = null): string =>
  `INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('${version}', 'd', 2, ${applied}, 2, now(), 1, ${error === null ? 'NULL' : `'${error}'`}, NULL, 'h', NULL, 'v')`;
const LIQUIBASE = `CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL,
  dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255),
  comments varchar(255), tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10));
  CREATE TABLE databasechangeloglock (id int PRIMARY KEY, locked boolean NOT NULL, lockgranted timestamp, lockedby varchar(255));
  INSERT INTO databasechangeloglock VALUES (1, false)`;
const liquibaseRow = (id: number, exectype: string, tag: string | null = null): string =>
  `INSERT INTO databasechangelog VALUES ('${id}', 'bob', 'db/log.xml', now(), ${id}, '${exectype}', 'm', NULL, NULL, ${tag === null ? 'NULL' : `'${tag}'`})`;
const SQITCH = `CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text NOT NULL, project text NOT NULL, committed_at timestamptz NOT NULL);
  CREATE TABLE sqitch.tags (tag_id text PRIMARY KEY, tag text NOT NULL, project text NOT NULL, committed_at timestamptz NOT NULL);
  CREATE TABLE sqitch.events (event text NOT NULL, change_id text NOT NULL, change text NOT NULL, project text NOT NULL, committed_at timestamptz NOT NULL);
  INSERT INTO sqitch.changes VALUES ('a', 'users', 'shop', now()), ('b', 'items', 'shop', now());
  INSERT INTO sqitch.tags VALUES ('t', '@v1.0', 'shop', now());
  INSERT INTO sqitch.events VALUES ('fail', 'z', 'prices', 'shop', now() - interval '1 h'), ('deploy', 'b', 'items', 'shop', now())`;
const PGROLL = `CREATE SCHEMA pgroll; CREATE TABLE pgroll.migrations (schema name NOT NULL, name text NOT NULL, migration jsonb NOT NULL,
  created_at timestamp DEFAULT now(), updated_at timestamp DEFAULT now(), parent text, done boolean NOT NULL DEFAULT false, PRIMARY KEY (schema, name));
  INSERT INTO pgroll.migrations VALUES ('public', '01_items', '{}', now(), now(), NULL, true), ('other', '09_x', '{}', now(), now(), NULL, true);
  CREATE SCHEMA public_01_items`;

interface Case {
  readonly what: string;
  readonly source: SourceOf | typeof sources.pgroll;
  readonly sql: readonly string[];
  readonly supports: SchemaSupports;
  readonly state: string;
  readonly reason?: string | RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'Prisma, applied again after it was rolled back',
    source: sources.prisma,
    sql: [PRISMA, prismaRow(1, '1_a', false, true, 'E'), prismaRow(2, '1_a', true)],
    supports: { knows: ['1_a'] },
    state: 'compatible',
  },
  {
    what: 'Prisma, rolled back alone',
    source: sources.prisma,
    sql: [PRISMA, prismaRow(1, '1_a', true, true)],
    supports: { knows: ['1_a'] },
    state: 'behind',
  },
  {
    what: 'Prisma, applied out of order',
    source: sources.prisma,
    sql: [PRISMA, prismaRow(1, '1_a', true), prismaRow(2, '3_c', true)],
    supports: { requires: ['2_b', '3_c'] },
    state: 'behind',
    reason: 'not applied: 2_b',
  },
  {
    what: 'Flyway, whose 2.10 is after its 2.9',
    source: sources.flyway,
    sql: [FLYWAY, flywayRow(1, '1'), flywayRow(2, '2.9'), flywayRow(3, '2.10'), flywayRow(4, null)],
    supports: { min: '2.9', max: '2.10' },
    state: 'compatible',
  },
  {
    what: 'Flyway, undone',
    source: sources.flyway,
    sql: [FLYWAY, flywayRow(1, '1'), flywayRow(2, '2.10'), flywayRow(3, '2.10', 'UNDO_SQL')],
    supports: { requires: ['2.10.0'] },
    state: 'behind',
    reason: 'not applied: 2.10',
  },
  {
    what: 'Flyway, undone and done again',
    source: sources.flyway,
    sql: [FLYWAY, flywayRow(1, '2'), flywayRow(2, '2', 'UNDO_SQL'), flywayRow(3, '2')],
    supports: { requires: ['V2__x.sql'] },
    state: 'compatible',
  },
  {
    what: 'Flyway, that failed',
    source: sources.flyway,
    sql: [FLYWAY, flywayRow(1, '1'), flywayRow(2, '2', 'SQL', false)],
    supports: { requires: ['1'] },
    state: 'failed',
  },
  {
    what: 'golang-migrate, empty',
    source: sources.golangMigrate,
    sql: [GOLANG],
    supports: { min: 3 },
    state: 'behind',
    reason: 'at no version, below 3',
  },
  {
    what: 'Rails',
    source: sources.rails,
    sql: [
      'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)',
      "INSERT INTO schema_migrations VALUES ('20260101000000')",
    ],
    supports: { min: 20260101000001 },
    state: 'behind',
  },
  {
    what: 'Atlas, without its sentinel',
    source: sources.atlas,
    sql: [ATLAS, atlasRow('1', 2)],
    supports: { knows: ['1'] },
    state: 'compatible',
  },
  {
    what: 'Atlas, that failed',
    source: sources.atlas,
    sql: [ATLAS, atlasRow('1', 2), atlasRow('2', 1, 'no such table')],
    supports: { knows: ['1'] },
    state: 'failed',
    reason: /: 2$/,
  },
  {
    what: 'Atlas, that died at work',
    source: sources.atlas,
    sql: [ATLAS, atlasRow('1', 2), atlasRow('2', 1)],
    supports: { knows: ['1'] },
    state: 'failed',
  },
  {
    what: 'Liquibase',
    source: sources.liquibase,
    sql: [LIQUIBASE, liquibaseRow(1, 'EXECUTED', 'v1'), liquibaseRow(2, 'RERAN'), liquibaseRow(3, 'MARK_RAN')],
    supports: { requires: ['db/log.xml::1::bob', 'db/log.xml::3::bob', 'v1'] },
    state: 'ahead',
  },
  {
    what: 'Liquibase, whose first change set has run again after a contract',
    source: sources.liquibase,
    sql: [
      LIQUIBASE,
      liquibaseRow(2, 'EXECUTED'),
      liquibaseRow(3, 'EXECUTED'),
      liquibaseRow(4, 'EXECUTED'),
      "UPDATE databasechangelog SET id = '1', exectype = 'RERAN' WHERE id = '4'",
      createCompatibilityTable({ dialect: 'postgres' }),
      raiseFloor('db/log.xml::3::bob', { dialect: 'postgres' }),
    ],
    supports: { knows: ['db/log.xml::1::bob', 'db/log.xml::2::bob'] },
    state: 'incompatible',
  },
  {
    what: 'Liquibase, locked',
    source: sources.liquibase,
    sql: [LIQUIBASE, 'UPDATE databasechangeloglock SET locked = true'],
    supports: { requires: ['v1'] },
    state: 'migrating',
  },
  {
    what: 'Sqitch, that failed once and went on',
    source: sources.sqitch,
    sql: [SQITCH],
    supports: { knows: ['users', 'items', '@v1.0'] },
    state: 'compatible',
  },
  {
    what: 'Sqitch, that failed last',
    source: sources.sqitch,
    sql: [SQITCH, "INSERT INTO sqitch.events VALUES ('fail', 'z', 'prices', 'shop', now() + interval '1 h')"],
    supports: { requires: ['users'] },
    state: 'failed',
    reason: /prices/,
  },
  {
    what: 'pgroll',
    source: sources.pgroll,
    sql: [PGROLL],
    supports: { versionSchema: 'public_01_items' },
    state: 'compatible',
  },
  {
    what: 'pgroll, while two versions are served',
    source: sources.pgroll,
    sql: [
      PGROLL,
      "INSERT INTO pgroll.migrations VALUES ('public', '02_email', '{}', now(), now(), '01_items', false); CREATE SCHEMA public_02_email",
    ],
    supports: { versionSchema: 'public_01_items' },
    state: 'compatible',
  },
  {
    what: 'pgroll, before it has started',
    source: sources.pgroll,
    sql: [PGROLL],
    supports: { versionSchema: 'public_02_email' },
    state: 'behind',
  },
  {
    what: 'pgroll, at work on a version that it does not serve yet',
    source: sources.pgroll,
    sql: [PGROLL, "INSERT INTO pgroll.migrations VALUES ('public', '02_email', '{}', now(), now(), '01_items', false)"],
    supports: { versionSchema: 'public_02_email' },
    state: 'behind',
  },
  {
    what: 'pgroll, after it has completed',
    source: sources.pgroll,
    sql: [PGROLL, 'DROP SCHEMA public_01_items; CREATE SCHEMA public_02_email'],
    supports: { versionSchema: 'public_01_items' },
    state: 'incompatible',
  },
  {
    what: 'pgroll, after it has completed a version whose schema has a name of its own',
    source: sources.pgroll,
    sql: [
      PGROLL,
      `UPDATE pgroll.migrations SET migration = '{"version_schema": "items"}' WHERE schema = 'public'; DROP SCHEMA public_01_items`,
    ],
    supports: { versionSchema: 'public_items' },
    state: 'incompatible',
  },
  {
    what: 'MikroORM, with names from before extensions were dropped',
    source: sources.mikroOrm,
    sql: [
      "CREATE TABLE mikro_orm_migrations (id serial PRIMARY KEY, name varchar(255), executed_at timestamptz DEFAULT now()); INSERT INTO mikro_orm_migrations (name) VALUES ('Migration1.ts'), ('Migration2')",
    ],
    supports: { knows: ['Migration1', 'Migration2'] },
    state: 'compatible',
  },
  {
    what: 'db-migrate, with its leading slashes',
    source: sources.dbMigrate,
    sql: [
      "CREATE TABLE migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL); INSERT INTO migrations (name, run_on) VALUES ('/20260101-a', now())",
    ],
    supports: { knows: ['20260101-a'] },
    state: 'compatible',
  },
  {
    what: 'another tool that has a table of the same name',
    source: sources.typeorm,
    sql: ['CREATE TABLE migrations (id serial, migration varchar(255), batch int)'],
    supports: { requires: ['a'] },
    state: 'unknown',
    reason: 'the table migrations (id, migration, batch) is not a table of typeorm: it looks like a table of Laravel',
  },
  {
    what: 'golang-migrate taken for dbmate',
    source: sources.dbmate,
    sql: [GOLANG],
    supports: { requires: ['1'] },
    state: 'unknown',
    reason: /is not a table of dbmate: it looks like a table of golang-migrate/,
  },
];

const DRIZZLE_1 = `CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint,
  name text, applied_at timestamptz DEFAULT now()); INSERT INTO drizzle.__drizzle_migrations (hash, created_at, name, applied_at) VALUES
  ('x', 1700000000000, '20231114221320_a', NULL), ('y', 1700000000001, '20231114221321_b', now())`;

describe.skipIf(isPostgresMissing)('the documented history of a tool, on a real PostgreSQL', () => {
  const postgres = usePostgres();
  let pool: pg.Pool;
  let name: string;

  beforeEach(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const url = await postgres().createDatabase();
    name = url.split('/').at(-1) ?? '';
    pool = new pg.Pool({ connectionString: url });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await pool.end();
  });
  const refreshed = async (schema: Schema): Promise<string> => {
    await schema.refresh();
    return schema.state();
  };

  it.each(CASES)('$what, is $state', async ({ source, sql, supports, state, reason }) => {
    for (const statement of sql) await pool.query(statement);
    const schema = createSchema({ source: source(pool), supports, timeoutSeconds: 60 });
    expect([await refreshed(schema), schema.reason()]).toEqual([
      state,
      expect.stringMatching(reason === undefined ? /./ : reason instanceof RegExp ? reason : literal(reason)),
    ]);
  });

  it.each<[string, SourceOf, string, bigint]>([
    ['prisma', sources.prisma, `${PRISMA}; ${prismaRow(1, '1_a', false)}`, 72707369n],
    [
      'kysely',
      sources.kysely,
      'CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)',
      3853314791062309107n,
    ],
    [
      'node-pg-migrate',
      sources.nodePgMigrate,
      'CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)',
      7241865325823964n,
    ],
    ['flyway', sources.flyway, FLYWAY, 77433833903597n],
    ['atlas', sources.atlas, ATLAS, 2686470616n],
    ['sqitch', sources.sqitch, SQITCH, 75474063n],
  ])('%s is at work while another session holds its lock, and no longer', async (_, source, sql, key) => {
    await pool.query(sql);
    await expectLock(source(pool), pool, key);
  });

  // Keys that depend on the names of the database and the table. They are computed independently of our formulas, with Python's
  // zlib and the source of each tool.
  it.each<[string, (client: pg.Pool) => SchemaSource, string, bigint]>([
    ['golang-migrate, told a connection', sources.golangMigrate, GOLANG, 3689236698n],
    ['golang-migrate, told a URL', sources.golangMigrate, GOLANG, 2101699660n],
    ['rails', sources.rails, 'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)', 5939944341529942170n],
  ])('%s is at work on a database called shop while another session holds its lock', async (_, source, sql, key) => {
    await pool.query('CREATE DATABASE shop');
    const shop = new pg.Pool({ connectionString: `postgres://postgres@127.0.0.1:${postgres().port}/shop` });
    try {
      await shop.query(sql);
      await expectLock(source(shop), shop, key);
    } finally {
      await shop.end();
      await pool.query('DROP DATABASE shop');
    }
  });

  async function expectLock(source: SchemaSource, client: pg.Pool, key: bigint): Promise<void> {
    const schema = createSchema({ source, supports: { requires: ['1'] } });
    const migrator = await client.connect();
    await migrator.query(`SELECT pg_advisory_lock(${key})`);
    expect(await refreshed(schema)).toBe('migrating');
    await migrator.query(`SELECT pg_advisory_unlock(${key})`);
    expect(await refreshed(schema)).not.toBe('migrating');
    migrator.release();
  }

  it('Knex at work in its transaction shows no lock, so that nothing is said of it', async () => {
    await pool.query(
      "CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz); CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int); INSERT INTO knex_migrations (name) VALUES ('1_a.js'); INSERT INTO knex_migrations_lock (is_locked) VALUES (0)",
    );
    const schema = createSchema({ source: sources.knex(pool), supports: { knows: ['1_a.ts'] } });
    const migrator = await pool.connect();
    await migrator.query('BEGIN; UPDATE knex_migrations_lock SET is_locked = 1');
    expect(await refreshed(schema)).toBe('compatible');
    await migrator.query('COMMIT');
    expect(await refreshed(schema)).toBe('migrating');
    migrator.release();
  });

  it('of Drizzle 1 has the names of its folders, and is read through postgres.js', async () => {
    await pool.query(DRIZZLE_1);
    const sql = postgresJs(`postgres://postgres@127.0.0.1:${postgres().port}/${name}`, { max: 1 });
    const schema = createSchema({
      source: sources.drizzle(sql),
      supports: { knows: ['20231114221320_a', '20231114221321_b'] },
    });
    expect(await refreshed(schema)).toBe('compatible');
    await sql.end();
  });

  it('may be read by any query', async () => {
    await pool.query(
      "CREATE TABLE settings (version int); INSERT INTO settings VALUES (7); CREATE TABLE done (name text); INSERT INTO done VALUES ('a'), ('b.ts')",
    );
    const version = createSchema({
      source: sources.sqlVersion(pool, 'SELECT version FROM settings'),
      supports: { min: 7, max: 8 },
    });
    expect([await refreshed(version), version.has(6), version.has(8)]).toEqual(['compatible', true, false]);
    const names = createSchema({
      source: sources.sqlMigrations(pool, 'SELECT name FROM done'),
      supports: { knows: ['a', 'b'] },
    });
    expect([await refreshed(names), names.has('b')]).toEqual(['compatible', true]);
    await pool.query('CREATE TABLE goose (id bigint); INSERT INTO goose VALUES (9)');
    const numbers = createSchema({
      source: sources.sqlMigrations(pool, 'SELECT id FROM goose'),
      supports: { min: 10 },
    });
    expect(await refreshed(numbers)).toBe('behind');
    await pool.query('INSERT INTO goose VALUES (10)');
    expect(await refreshed(numbers)).toBe('compatible');
    const none = createSchema({
      source: sources.sqlVersion(pool, 'SELECT version FROM nothing'),
      supports: { min: 1 },
    });
    expect(await refreshed(none)).toBe('unmigrated');
  });

  it('is read from the table that the options name', async () => {
    await pool.query('CREATE SCHEMA "my-shop"; CREATE TABLE "my-shop".versions (version varchar PRIMARY KEY)');
    const found = createSchema({
      source: sources.dbmate(pool, { schema: 'my-shop', table: 'versions' }),
      supports: { requires: ['1'] },
    });
    expect(await refreshed(found)).toBe('behind');
    const lost = createSchema({ source: sources.dbmate(pool, { schema: 'my-shop' }), supports: { requires: ['1'] } });
    expect(await refreshed(lost)).toBe('unmigrated');
    expect(() => sources.dbmate(pool, { table: 'a"; DROP TABLE items; --' })).toThrow(
      'source.table must be a name of up to 63',
    );
  });
});

function literal(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
