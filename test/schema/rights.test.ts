import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import {
  createCompatibilityTable,
  createSchema,
  type Dialect,
  raiseFloor,
  type SchemaSource,
  type SchemaSupports,
  sources,
} from '@coalmine/health';
import { drizzle } from 'drizzle-orm/node-postgres';
import knex from 'knex';
import { Kysely, PostgresDialect } from 'kysely';
import { createPool, type Pool } from 'mysql2/promise';
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isMariadbMissing, type Mariadb, startMariadb } from '../support/mariadb.js';
import { isPostgresMissing, usePostgres } from '../support/postgres.js';

const HISTORY = 'CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)';
const ROWS = "INSERT INTO kysely_migration VALUES ('1_a', '2026'), ('2_b', '2027')";
const KNOWS = { knows: ['1_a', '2_b'] };
const ASKED = { ...KNOWS, floor: {} };

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    warnings.push(`${(options as { code?: string }).code}: ${message}`);
  });
  return () => vi.restoreAllMocks();
});

interface Answer {
  readonly state: string;
  readonly reason: string;
  readonly mayJoin: boolean;
}

async function read(source: SchemaSource, supports: SchemaSupports, times = 1): Promise<Answer> {
  const schema = createSchema({ source, supports, timeoutSeconds: 60 });
  for (let i = 0; i < times; i++) await schema.refresh();
  const reason = schema.reason();
  expect(reason).not.toMatch(/[\n\r\t]/);
  return { state: schema.state(), reason, mayJoin: schema.mayJoin() };
}

function floorOf(version: string, dialect: Dialect, schema?: string): string {
  const where = { dialect, ...(schema === undefined ? {} : { schema }) };
  return `${createCompatibilityTable(where)}; ${raiseFloor(version, where)}`;
}

// Drizzle, Knex, Kysely, TypeORM and Sequelize each wrap the error of the server in their own error.
const WRAPPERS: readonly ((url: string) => Promise<readonly [client: object, close: () => Promise<unknown>]>)[] = [
  async (url) => {
    const pool = new pg.Pool({ connectionString: url });
    return [drizzle(pool), () => pool.end()];
  },
  async (url) => {
    const db = knex({ client: 'pg', connection: url });
    return [db, () => db.destroy()];
  },
  async (url) => {
    const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
    return [db, () => db.destroy()];
  },
  async (url) => {
    const source = await new DataSource({ type: 'postgres', url }).initialize();
    return [source, () => source.destroy()];
  },
  async (url) => {
    const sequelize = new Sequelize(url, { logging: false });
    return [sequelize, () => sequelize.close()];
  },
];

describe.skipIf(isPostgresMissing)('a role of PostgreSQL', () => {
  const postgres = usePostgres();
  let owner: pg.Pool;
  let role: pg.Pool;
  let roleUrl: string;

  beforeEach(async () => {
    const url = await postgres().createDatabase();
    roleUrl = url.replace('postgres@', 'app@');
    owner = new pg.Pool({ connectionString: url });
    await owner.query('DO $$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$');
    role = new pg.Pool({ connectionString: roleUrl });
  });
  afterEach(async () => {
    await role.end();
    await owner.end();
  });

  it('finds the floor in the schema that the source is told', async () => {
    await owner.query(`CREATE SCHEMA shop; SET search_path = shop; ${HISTORY}; ${ROWS}; ${floorOf('3_c', 'postgres')};
      RESET search_path; GRANT USAGE ON SCHEMA shop TO app; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO app`);
    const source = sources.kysely(role, { schema: 'shop' });
    expect(await read(source, KNOWS)).toMatchObject({ state: 'incompatible', mayJoin: false });
    expect(await read(source, { ...KNOWS, floor: { schema: 'shop' } })).toMatchObject({ state: 'incompatible' });
    expect(await read(source, { ...KNOWS, floor: { schema: 'public' } })).toMatchObject({ state: 'compatible' });
  });

  it("finds the floor beside the app's tables if the tool has a schema of its own", async () => {
    await owner.query(`CREATE SCHEMA drizzle; GRANT USAGE ON SCHEMA drizzle TO app;
      CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint, name text);
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at, name) VALUES ('x', 1, '1_a'), ('y', 2, '2_b');
      ${floorOf('3_c', 'postgres')};
      GRANT SELECT ON drizzle.__drizzle_migrations, schema_compatibility TO app`);
    expect(await read(sources.drizzle(role), KNOWS)).toMatchObject({ state: 'incompatible' });
    expect(await read(sources.drizzle(role, { schema: 'drizzle' }), KNOWS)).toMatchObject({ state: 'incompatible' });
  });

  it('does not join if it may not read the floor', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; GRANT SELECT ON kysely_migration TO app; ${floorOf('1_a', 'postgres')}`);
    for (const supports of [KNOWS, ASKED]) {
      expect(await read(sources.kysely(role), supports)).toEqual({
        state: 'unknown',
        reason: 'permission denied for table schema_compatibility',
        mayJoin: false,
      });
    }
  });

  it('does not join if it may not use the schema of the floor or of the history', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; GRANT SELECT ON kysely_migration TO app; CREATE SCHEMA floors;
      ${floorOf('3_c', 'postgres', 'floors')}; CREATE SCHEMA "my-history"; CREATE TABLE "my-history".pgmigrations (id int)`);
    await owner.query(`DO $$ BEGIN EXECUTE 'ALTER ROLE app IN DATABASE ' || current_database() ||
      ' SET search_path = "$user", floors, "my-history", public'; END $$`);
    expect(await read(sources.kysely(role), KNOWS)).toEqual({
      state: 'unknown',
      reason: 'the table schema_compatibility is in the schema floors, which the role may not use: GRANT USAGE on it',
      mayJoin: false,
    });
    expect(await read(sources.kysely(role), { ...KNOWS, floor: false })).toMatchObject({ state: 'compatible' });
    expect(await read(sources.kysely(role, { schema: 'my-history' }), KNOWS)).toMatchObject({
      state: 'unknown',
      reason: 'the table my-history.kysely_migration cannot be seen: permission denied for schema my-history',
    });
    expect(await read(sources.nodePgMigrate(role), KNOWS)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('pgmigrations is in the schema my-history, which the role may not use'),
    });
  });

  it('is told which table was looked for, and where', async () => {
    await owner.query('CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO app');
    expect(await read(sources.kysely(role), KNOWS)).toEqual({
      state: 'unmigrated',
      reason: 'there is no table kysely_migration in the schemas of the search_path (public)',
      mayJoin: false,
    });
    expect(await read(sources.prisma(role, { schema: 'shop' }), KNOWS)).toMatchObject({
      state: 'unmigrated',
      reason: 'there is no table _prisma_migrations in the schema shop',
    });
    expect(await read(sources.drizzle(role), KNOWS)).toMatchObject({
      reason:
        'there is no table __drizzle_migrations in the schema drizzle; there is no table __drizzle_migrations in the schemas of the search_path (public)',
    });
    expect(await read(sources.sqlMigrations(role, 'SELECT name FROM done'), KNOWS)).toMatchObject({
      state: 'unmigrated',
      reason: 'relation "done" does not exist',
    });
  });

  it('is told which policy hides rows of the floor or of the history', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; ${floorOf('1_a', 'postgres')}; ALTER TABLE schema_compatibility ENABLE ROW LEVEL SECURITY;
      GRANT SELECT ON kysely_migration, schema_compatibility TO app`);
    const source = sources.kysely(role);
    expect(await read(source, KNOWS)).toEqual({
      state: 'unknown',
      reason: 'row-level security hides rows of the table schema_compatibility: no policy lets this role see any',
      mayJoin: false,
    });
    await owner.query('CREATE POLICY everyone ON schema_compatibility USING (true)');
    expect(await read(source, KNOWS)).toMatchObject({ state: 'compatible' });
    await owner.query(`ALTER TABLE kysely_migration ENABLE ROW LEVEL SECURITY;
      CREATE POLICY old_ones ON kysely_migration FOR SELECT USING (timestamp < '2027')`);
    expect(await read(sources.kysely(role), KNOWS)).toEqual({
      state: 'unknown',
      reason:
        'row-level security hides rows of the table kysely_migration: the policy old_ones chooses what this role sees; by the rows that it sees: behind, not applied: 2_b',
      mayJoin: false,
    });
    await owner.query(`ALTER POLICY old_ones ON kysely_migration USING (timestamp < '2000')`);
    expect(await read(sources.kysely(role), KNOWS)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('the policy old_ones'),
    });
    // Row-level security does not apply to the owner of the tables.
    expect(await read(sources.kysely(owner), KNOWS)).toMatchObject({ state: 'compatible' });
  });

  it('does not join if it does not see all rows of the history, whatever the others say', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; GRANT SELECT ON kysely_migration TO app;
      INSERT INTO kysely_migration VALUES ('3_contract_c', '2028'); ALTER TABLE kysely_migration ENABLE ROW LEVEL SECURITY;
      CREATE POLICY known ON kysely_migration FOR SELECT USING (timestamp < '2028')`);
    const supports = { ...KNOWS, floor: { names: /_contract_/ } };
    expect(await read(sources.kysely(role), supports)).toEqual({
      state: 'unknown',
      reason:
        'row-level security hides rows of the table kysely_migration: the policy known chooses what this role sees; by the rows that it sees: compatible, what this build works with',
      mayJoin: false,
    });
    // A migration that breaks the build decides, whatever else there is.
    expect(await read(sources.kysely(role), { requires: ['1_a'], breaksOn: ['2_b'] })).toMatchObject({
      state: 'incompatible',
    });
    await owner.query('CREATE POLICY everything ON kysely_migration TO app USING (true)');
    expect(await read(sources.kysely(role), supports)).toMatchObject({
      state: 'incompatible',
      reason: 'contract migrations that this build does not know: 3_contract_c',
    });
    expect(await read(sources.kysely(role), KNOWS)).toMatchObject({ state: 'ahead' });
    await owner.query("CREATE POLICY but_one ON kysely_migration AS RESTRICTIVE USING (name <> '2_b')");
    expect(await read(sources.kysely(role), KNOWS)).toMatchObject({ state: 'unknown' });
  });

  it('must know each floor if migrations of the app have written several', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; CREATE TABLE schema_compatibility (floor text, at timestamp DEFAULT now());
      INSERT INTO schema_compatibility VALUES ('1_a'), (NULL), ('2_b');
      GRANT SELECT ON kysely_migration, schema_compatibility TO app`);
    expect(await read(sources.kysely(role), KNOWS)).toMatchObject({ state: 'compatible', mayJoin: true });
    await owner.query("INSERT INTO schema_compatibility VALUES ('3_c')");
    expect(await read(sources.kysely(role), KNOWS)).toEqual({
      state: 'incompatible',
      reason: 'the floor of the database is 3_c, which this build does not know',
      mayJoin: false,
    });
  });

  it('does not join if it may not see all of a lock table', async () => {
    await owner.query(`CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz);
      CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int);
      INSERT INTO knex_migrations (name) VALUES ('1_a.js'), ('2_b.js'); INSERT INTO knex_migrations_lock (is_locked) VALUES (0);
      GRANT SELECT ON knex_migrations TO app`);
    expect(await read(sources.knex(role), KNOWS)).toEqual({
      state: 'unknown',
      reason: 'permission denied for table knex_migrations_lock',
      mayJoin: false,
    });
    await owner.query('GRANT SELECT ON knex_migrations_lock TO app');
    expect(await read(sources.knex(role), KNOWS)).toMatchObject({ state: 'compatible' });
    await owner.query('ALTER TABLE knex_migrations_lock ENABLE ROW LEVEL SECURITY');
    expect(await read(sources.knex(role), KNOWS)).toEqual({
      state: 'unknown',
      reason: 'row-level security hides rows of the table knex_migrations_lock: no policy lets this role see any',
      mayJoin: false,
    });
    await owner.query('DROP TABLE knex_migrations_lock');
    expect(await read(sources.knex(role), KNOWS)).toMatchObject({ state: 'compatible' });
  });

  it('learns of row-level security that is turned on under way', async () => {
    await owner.query(`${HISTORY}; ${ROWS}; GRANT SELECT ON kysely_migration TO app`);
    const schema = createSchema({ source: sources.kysely(role), supports: KNOWS });
    await schema.refresh();
    await owner.query('ALTER TABLE kysely_migration ENABLE ROW LEVEL SECURITY');
    await schema.refresh();
    await schema.refresh();
    expect([schema.state(), schema.reason()]).toEqual(['unknown', expect.stringContaining('row-level security')]);
  });

  it('is told what the server says through whatever wraps that', async () => {
    await owner.query(HISTORY);
    for (const connect of WRAPPERS) {
      const [client, close] = await connect(roleUrl);
      try {
        expect(await read(sources.kysely(client), KNOWS)).toMatchObject({
          state: 'unknown',
          reason: expect.stringMatching(/permission denied for table kysely_migration$/),
        });
      } finally {
        await close();
      }
    }
  });

  it('is told each address that does not respond', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await once(server.close(), 'close');
    const pool = new pg.Pool({ host: 'localhost', port });
    expect(await read(sources.kysely(pool), KNOWS)).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`),
    });
    await pool.end();
  });
});

describe.skipIf(isMariadbMissing)('a role of MariaDB', () => {
  let mariadb: Mariadb;
  let owner: Pool;
  let role: Pool;
  let name: string;

  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb?.close());
  beforeEach(async () => {
    const url = await mariadb.createDatabase();
    name = new URL(url).pathname.slice(1);
    owner = createPool({ uri: url, multipleStatements: true });
    await owner.query(
      `CREATE OR REPLACE USER app@'%'; ${HISTORY}; ${ROWS}; GRANT SELECT ON kysely_migration TO app@'%'`,
    );
    role = createPool({ uri: url.replace('root@', 'app@') });
  });
  afterEach(async () => {
    await role.end();
    await owner.end();
  });

  it.each(['hidden', 'absent'])(
    'that may not see the floor does not join if the options ask for one: %s',
    async (kind) => {
      if (kind === 'hidden') await owner.query(floorOf('3_c', 'mysql'));
      expect(await read(sources.kysely(role), ASKED)).toEqual({
        state: 'unknown',
        reason: expect.stringMatching(
          `^it cannot be told whether there is a floor: the table schema_compatibility of the database ${name} cannot be seen: SELECT command denied`,
        ),
        mayJoin: false,
      });
    },
  );

  it('is warned once if it may not see the floor and did not ask for one', async () => {
    expect(await read(sources.kysely(role), KNOWS, 3)).toMatchObject({ state: 'compatible', mayJoin: true });
    expect(warnings).toEqual([
      expect.stringMatching(/^COALMINE_FLOOR_HIDDEN: Schema of kysely: it cannot be told whether there is a floor: /),
    ]);
  });

  it('knows that there is no floor if it sees the complete database', async () => {
    await owner.query(`GRANT SELECT ON ${name}.* TO app@'%'`);
    for (const supports of [KNOWS, ASKED]) {
      expect(await read(sources.kysely(role), supports)).toMatchObject({ state: 'compatible' });
    }
    expect(warnings).toEqual([]);
    await owner.query(floorOf('3_c', 'mysql'));
    expect(await read(sources.kysely(role), KNOWS)).toMatchObject({ state: 'incompatible' });
  });

  it('does not know that there is no history if it may not see one', async () => {
    expect(await read(sources.prisma(role), KNOWS)).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(`^the table _prisma_migrations of the database ${name} cannot be seen: SELECT`),
      mayJoin: false,
    });
  });

  it('does not join if it may not see the lock table', async () => {
    await owner.query(`CREATE TABLE DATABASECHANGELOG (ID varchar(255), AUTHOR varchar(255), FILENAME varchar(255), TAG varchar(255),
      EXECTYPE varchar(10), DATEEXECUTED datetime, ORDEREXECUTED int);
      CREATE TABLE DATABASECHANGELOGLOCK (ID int, LOCKED boolean); INSERT INTO DATABASECHANGELOGLOCK VALUES (1, false);
      INSERT INTO DATABASECHANGELOG VALUES ('1', 'a', 'f', NULL, 'EXECUTED', '2026-01-01', 1);
      GRANT SELECT ON DATABASECHANGELOG TO app@'%'`);
    const knows = ['f::1::a'];
    expect(await read(sources.liquibase(role), { knows })).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(`^the table DATABASECHANGELOGLOCK of the database ${name} cannot be seen: SELECT`),
      mayJoin: false,
    });
    await owner.query("GRANT SELECT ON DATABASECHANGELOGLOCK TO app@'%'");
    expect(await read(sources.liquibase(role), { knows })).toMatchObject({ state: 'compatible' });
  });

  it('knows that there is no history if it sees the complete database', async () => {
    await owner.query(`GRANT SELECT ON ${name}.* TO app@'%'`);
    expect(await read(sources.prisma(role), KNOWS)).toEqual({
      state: 'unmigrated',
      reason: `there is no table _prisma_migrations of the database ${name}`,
      mayJoin: false,
    });
  });

  it('finds the floor in the database that the source is told', async () => {
    const other = new URL(await mariadb.createDatabase()).pathname.slice(1);
    await owner.query(
      `USE ${other}; ${HISTORY}; ${ROWS}; ${floorOf('3_c', 'mysql')}; GRANT SELECT ON ${other}.* TO app@'%'; USE ${name}`,
    );
    expect(await read(sources.kysely(role, { schema: other }), KNOWS)).toMatchObject({ state: 'incompatible' });
  });
});
