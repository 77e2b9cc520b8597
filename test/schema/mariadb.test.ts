import {
  createCompatibilityTable,
  createSchema,
  raiseFloor,
  type Schema,
  type SchemaSource,
  type SchemaSupports,
  sources,
} from '@coalmine/health';
import knex from 'knex';
import { createPool as createCallbackPool } from 'mysql2';
import { createPool, type Pool } from 'mysql2/promise';
import { Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isMariadbMissing, type Mariadb, startMariadb } from '../support/mariadb.js';

const FLYWAY = `CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL,
      type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL,
      installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, execution_time INT NOT NULL, success BOOL NOT NULL)`;
const PRISMA = `CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL,
      logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0)`;
const GOLANG = 'CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)';

describe.skipIf(isMariadbMissing)('a schema in a real MariaDB', () => {
  let mariadb: Mariadb;
  let url: string;
  let pool: Pool;

  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb?.close());
  beforeEach(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    url = await mariadb.createDatabase();
    pool = createPool({ uri: url, multipleStatements: true });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await pool.end();
  });
  const stateOf = async (schema: Schema): Promise<string> => {
    await schema.refresh();
    return schema.state();
  };
  const stateIn = (source: SchemaSource, supports: SchemaSupports): Promise<string> =>
    stateOf(createSchema({ source, supports }));

  it('is read through Knex if Knex wrote it', async () => {
    const db = knex({ client: 'mysql2', connection: url });
    const migrationSource = {
      getMigrations: async () => ['1_a.ts', '2_b.ts'],
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => ({
        up: (trx: knex.Knex) => trx.raw(`CREATE TABLE t${name[0]} (id int)`),
        down: async () => {},
      }),
    };
    const schema = createSchema({ source: sources.knex(db), supports: { knows: ['1_a.js', '2_b.js'] } });
    expect(await stateOf(schema)).toBe('unmigrated');
    await db.migrate.up({ migrationSource });
    expect(await stateOf(schema)).toBe('behind');
    await db.migrate.latest({ migrationSource });
    expect(await stateOf(schema)).toBe('compatible');
    await db('knex_migrations_lock').update({ is_locked: 1 });
    expect(await stateOf(schema)).toBe('migrating');
    await db.destroy();
  });

  it('is read through Sequelize if Umzug wrote it, whatever the case of its table', async () => {
    const sequelize = new Sequelize(url, { logging: false });
    const umzug = new Umzug({
      migrations: [{ name: '1_a.js', up: async () => sequelize.query('CREATE TABLE items (id int)') }],
      storage: new SequelizeStorage({ sequelize }),
      logger: undefined,
    });
    await umzug.up();
    expect(await stateIn(sources.sequelize(sequelize), { knows: ['1_a'] })).toBe('compatible');
    await sequelize.close();
  });

  it('is read through mysql2, with promises and with callbacks', async () => {
    await pool.query(
      "CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL); INSERT INTO kysely_migration VALUES ('1_a', '2026')",
    );
    expect(await stateIn(sources.kysely(pool), { knows: ['1_a'] })).toBe('compatible');
    const callbacks = createCallbackPool(url);
    expect(await stateIn(sources.kysely(callbacks), { knows: ['1_a'] })).toBe('compatible');
    await callbacks.promise().end();
  });

  it('is being migrated while Kysely holds its lock', async () => {
    await pool.query('CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)');
    const schema = createSchema({ source: sources.kysely(pool), supports: { requires: ['1_a'] } });
    const migrator = await pool.getConnection();
    await migrator.query("SELECT GET_LOCK('ea586330-2c93-47c8-908d-981d9d270f9d', 1)");
    expect(await stateOf(schema)).toBe('migrating');
    await migrator.query("SELECT RELEASE_LOCK('ea586330-2c93-47c8-908d-981d9d270f9d')");
    expect(await stateOf(schema)).toBe('behind');
    migrator.release();
  });

  // Names of locks that depend on the names of the database and the table. They are computed independently of our formulas, with
  // Python's zlib and the source of each tool.
  it.each<[string, (client: Pool) => SchemaSource, string, string]>([
    ['Prisma', sources.prisma, PRISMA, 'prisma_migrate'],
    ['Flyway', sources.flyway, FLYWAY, 'Flyway--1695041341'],
    ['golang-migrate', sources.golangMigrate, GOLANG, '2821548460'],
    [
      'Rails',
      sources.rails,
      'CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY)',
      '5939944341529942170',
    ],
  ])('called shop is being migrated while %s holds its lock', async (_, source, sql, lock) => {
    await pool.query(`CREATE DATABASE shop; USE shop; ${sql}`);
    const shop = createPool({ uri: url.replace(/[^/]+$/, 'shop') });
    try {
      const schema = createSchema({ source: source(shop), supports: { requires: ['1'] } });
      const migrator = await shop.getConnection();
      await migrator.query('SELECT GET_LOCK(?, 1)', [lock]);
      expect(await stateOf(schema)).toBe('migrating');
      await migrator.query('SELECT RELEASE_LOCK(?)', [lock]);
      expect(await stateOf(schema)).not.toBe('migrating');
      migrator.release();
    } finally {
      await shop.end();
      await pool.query('DROP DATABASE shop');
    }
  });

  it('is being migrated on a replica, which only reads, while a migration has begun', async () => {
    await pool.query(
      `${PRISMA}; INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', '1_a')`,
    );
    const supports = { knows: ['1_a'] };
    expect(await stateIn(sources.prisma(pool), supports)).toBe('failed');
    await pool.query('SET GLOBAL read_only = 1');
    try {
      expect(await stateIn(sources.prisma(pool), supports)).toBe('migrating');
      expect(await stateOf(createSchema({ source: sources.prisma(pool), supports, graceSeconds: 0 }))).toBe('failed');
    } finally {
      await pool.query('SET GLOBAL read_only = 0');
    }
  });

  // These tables are from the documented DDL of each tool, not from the tool itself.
  it('has a failure that Flyway has recorded', async () => {
    await pool.query(FLYWAY);
    await pool.query("INSERT INTO flyway_schema_history VALUES (1, '1', 'd', 'SQL', 's', 1, 'me', now(), 1, 1)");
    expect(await stateIn(sources.flyway(pool), { knows: ['1'] })).toBe('compatible');
    await pool.query("INSERT INTO flyway_schema_history VALUES (2, '2', 'd', 'SQL', 's', 1, 'me', now(), 1, 0)");
    expect(await stateIn(sources.flyway(pool), { knows: ['1'] })).toBe('failed');
    await pool.query("UPDATE flyway_schema_history SET version = NULL, description = 'my view' WHERE version = '2'");
    const schema = createSchema({ source: sources.flyway(pool), supports: { knows: ['1'] } });
    expect(await stateOf(schema)).toBe('failed');
    expect([schema.reason(), schema.mayJoin()]).toEqual([expect.stringContaining('R__my_view'), true]);
  });

  it('of Liquibase, Prisma and golang-migrate is read', async () => {
    await pool.query(`CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL,
      DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, TAG VARCHAR(255));
      INSERT INTO DATABASECHANGELOG VALUES ('1', 'bob', 'log.xml', now(), 1, 'EXECUTED', 'v1');
      CREATE TABLE DATABASECHANGELOGLOCK (ID INT PRIMARY KEY, LOCKED BIT(1) NOT NULL); INSERT INTO DATABASECHANGELOGLOCK VALUES (1, 0)`);
    expect(await stateIn(sources.liquibase(pool), { knows: ['log.xml::1::bob', 'v1'] })).toBe('compatible');
    await pool.query('UPDATE DATABASECHANGELOGLOCK SET LOCKED = 1');
    expect(await stateIn(sources.liquibase(pool), { knows: ['log.xml::1::bob', 'v1'] })).toBe('migrating');
    await pool.query(`${PRISMA};
      INSERT INTO _prisma_migrations VALUES ('1', 'x', now(), '1_a', NULL, NULL, now(), 1)`);
    expect(await stateIn(sources.prisma(pool), { knows: ['1_a'] })).toBe('compatible');
    await pool.query(`${GOLANG}; INSERT INTO schema_migrations VALUES (3, false)`);
    expect(await stateIn(sources.golangMigrate(pool), { min: 3, max: 3 })).toBe('compatible');
  });

  it('has a floor', async () => {
    const at = { dialect: 'mysql' } as const;
    await pool.query(
      "CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL); INSERT INTO kysely_migration VALUES ('1_a', '2026'), ('2_b', '2026')",
    );
    await pool.query(createCompatibilityTable(at));
    await pool.query(createCompatibilityTable(at));
    await pool.query(raiseFloor('1_a', at));
    const schema = createSchema({ source: sources.kysely(pool), supports: { knows: ['1_a'] } });
    expect(await stateOf(schema)).toBe('ahead');
    await pool.query(raiseFloor('2_b', { ...at, reason: "it's \\ gone" }));
    expect(await stateOf(schema)).toBe('incompatible');
    expect((await pool.query('SELECT * FROM schema_compatibility'))[0]).toEqual([
      expect.objectContaining({ floor: '2_b', reason: "it's \\ gone" }),
    ]);
  });
});
