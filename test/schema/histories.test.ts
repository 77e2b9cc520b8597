import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import {
  createCompatibilityTable,
  createSchema,
  type MigrationFolder,
  raiseFloor,
  readMigrations,
  type SchemaSource,
  type SchemaSupports,
  sources,
} from '@coalmine/health';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import knex from 'knex';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { DataSource } from 'typeorm';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isPostgresMissing, usePostgres } from '../support/postgres.js';
import type { Migration } from './tools/migration.js';
import { migratePrisma, resolvePrisma } from './tools/prisma.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const [CREATE, CONTRACT, SQUASHED, NEXT]: readonly [Migration, Migration, Migration, Migration] = [
  { name: '20260101000000_create_items', up: 'CREATE TABLE items (id int PRIMARY KEY, name text, title text)' },
  { name: '20260201000000_contract_name', up: 'ALTER TABLE items DROP COLUMN name' },
  { name: '000000000000_squashed', up: 'CREATE TABLE items (id int PRIMARY KEY, title text)' },
  { name: '20260301000000_add_price', up: 'ALTER TABLE items ADD COLUMN price int' },
];
const RULE = { names: /^\d+_contract_/ };

describe.skipIf(isPostgresMissing)('a history that a real tool has made', () => {
  const postgres = usePostgres();
  let url: string;
  let pool: pg.Pool;
  let folder: string;

  beforeEach(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    url = await postgres().createDatabase();
    pool = new pg.Pool({ connectionString: url });
    folder = await mkdtemp(join(tmpdir(), 'coalmine-histories-'));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await pool.end();
    await rm(folder, { recursive: true });
  });

  const read = async (source: SchemaSource, supports: SchemaSupports) => {
    const schema = createSchema({ source, supports, timeoutSeconds: 60 });
    // The lock of a tool belongs to its session, which ends a moment after the tool.
    await vi.waitFor(async () => {
      await schema.refresh();
      expect(schema.state()).not.toBe('migrating');
    }, 100_000);
    return {
      state: schema.state(),
      mayJoin: schema.mayJoin(),
      serving: schema.whileServing(),
      reason: schema.reason(),
    };
  };

  /** Checks that the command lists from the tool's files exactly the migrations that the tool has recorded. */
  const expectSame = async (tool: MigrationFolder, source: SchemaSource, ...folders: string[]): Promise<void> => {
    const { knows } = await readMigrations(tool, folders);
    expect(await read(source, { knows })).toMatchObject({ state: 'compatible', reason: 'what this build works with' });
    const recorded = (await source.read())?.applied.map((name) => source.normalise?.(name) ?? name);
    expect([...knows].sort()).toEqual([...(recorded ?? [])].sort());
  };

  it('of TypeORM has the names of its generator, whatever the files are called', async () => {
    const cli = require.resolve('typeorm/cli.js');
    const create = (path: string, stamp: number, ...flags: string[]) =>
      run(process.execPath, [cli, 'migration:create', join(folder, path), '-t', String(stamp), ...flags]);
    await Promise.all([
      create('typescript/AddItems', 1_700_000_000_000),
      create('javascript/add-price', 1_700_000_000_001, '-o'),
    ]);
    await rename(join(folder, 'typescript/1700000000000-AddItems.ts'), join(folder, 'typescript/first.ts'));
    await writeFile(join(folder, 'typescript/index.ts'), "export * from './first';\n");
    await mkdir(join(folder, 'compiled'));
    for (const name of await readdir(join(folder, 'typescript'))) {
      const source = await readFile(join(folder, 'typescript', name), 'utf8');
      const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
      const { outputText } = ts.transpileModule(source, { compilerOptions });
      await writeFile(join(folder, 'compiled', name.replace('.ts', '.js')), outputText);
    }
    const migrations = ['compiled', 'javascript'].map((name) => join(folder, name, '[!i]*.js'));
    const source = await new DataSource({ type: 'postgres', url, migrations }).initialize();
    await source.runMigrations().finally(() => source.destroy());
    await expectSame('typeorm', sources.typeorm(pool), join(folder, 'typescript'), join(folder, 'javascript'));
    await expectSame('typeorm', sources.typeorm(pool), join(folder, 'compiled'), join(folder, 'javascript'));
  });

  it('of Knex has the names of its generator, from several folders', async () => {
    // The tool prints that migrations which do nothing return no promise.
    const db = knex({ client: 'pg', connection: url, log: { warn() {} } });
    const directory = [join(folder, 'shop'), join(folder, 'users')];
    try {
      for (const each of directory) await db.migrate.make(`add_${basename(each)}`, { directory: each });
      await db.migrate.latest({ directory });
      await expectSame('knex', sources.knex(db), ...directory);
    } finally {
      await db.destroy();
    }
  });

  it('of node-pg-migrate has the names of its generator', async () => {
    const cli = join(require.resolve('node-pg-migrate/package.json'), '../bin/node-pg-migrate.js');
    const create = (language: string) =>
      run(process.execPath, [cli, 'create', `add ${language}`, '-m', folder, '-j', language]);
    await Promise.all([create('sql'), create('js')]);
    const options = { dir: folder, direction: 'up', migrationsTable: 'pgmigrations', log: () => {} } as const;
    await runner({ databaseUrl: url, ...options });
    await expectSame('node-pg-migrate', sources.nodePgMigrate(pool), folder);
  });

  it('of db-migrate has the names of its generator', async () => {
    const cli = join(require.resolve('db-migrate/package.json'), '../bin/db-migrate');
    const config = join(folder, 'database.json');
    await writeFile(
      config,
      JSON.stringify({ dev: { driver: { require: require.resolve('db-migrate-pg') }, ...partsOf(url) } }),
    );
    const migrations = join(folder, 'migrations');
    await mkdir(migrations);
    const args = ['--config', config, '-m', migrations];
    await run(process.execPath, [cli, 'create', 'add-items', '--sql-file', ...args], { cwd: folder });
    await run(process.execPath, [cli, 'up', ...args], { cwd: folder });
    await expectSame('db-migrate', sources.dbMigrate(pool), migrations);
  });

  it('of MikroORM has the names of its generator', async () => {
    const orm = await MikroORM.init({
      clientUrl: url,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      migrations: { path: folder, emit: 'js', silent: true, snapshot: false },
    });
    try {
      await orm.getMigrator().createMigration(folder, true, false, 'add_items');
      await orm.getMigrator().up();
      await expectSame('mikro-orm', sources.mikroOrm(orm), folder);
    } finally {
      await orm.close();
    }
  });

  it('of Prisma that was squashed fits the new build and the old one', async () => {
    await migratePrisma(url, [CREATE, CONTRACT]);
    await pool.query(
      `${createCompatibilityTable({ dialect: 'postgres' })}; ${raiseFloor(CONTRACT.name, { dialect: 'postgres' })}`,
    );
    const squashed = { knows: [SQUASHED.name, NEXT.name], floor: RULE };
    expect(await read(sources.prisma(pool), squashed)).toMatchObject({ mayJoin: false });
    await resolvePrisma(url, SQUASHED);
    expect(await read(sources.prisma(pool), squashed)).toMatchObject({
      state: 'behind',
      reason: `not applied: ${NEXT.name}`,
    });
    await migratePrisma(url, [SQUASHED, NEXT]);
    expect(await read(sources.prisma(pool), squashed)).toMatchObject({ state: 'compatible', mayJoin: true });
    const old = { knows: [CREATE.name, CONTRACT.name], floor: RULE };
    expect(await read(sources.prisma(pool), old)).toMatchObject({ state: 'ahead', mayJoin: true });
  });

  it('of Knex that was squashed fits the new build', async () => {
    const db = knex({ client: 'pg', connection: url });
    const migrationSource = (migrations: readonly Migration[]) => ({
      getMigrations: async () => [...migrations],
      getMigrationName: ({ name }: Migration) => `${name}.js`,
      getMigration: async ({ up }: Migration) => ({ up: (trx: knex.Knex) => trx.raw(up), down: async () => {} }),
    });
    const squashed: Migration = { ...SQUASHED, name: '20260201000001_squashed' };
    try {
      await db.migrate.latest({ migrationSource: migrationSource([CREATE, CONTRACT]) });
      // docs/schema-versions.md says this.
      await db('knex_migrations').del();
      await db('knex_migrations').insert({ name: `${squashed.name}.js`, batch: 1, migration_time: new Date() });
      await pool.query(
        `${createCompatibilityTable({ dialect: 'postgres' })}; ${raiseFloor(CONTRACT.name, { dialect: 'postgres' })}`,
      );
      await db.migrate.latest({ migrationSource: migrationSource([squashed, NEXT]) });
      const supports = { knows: [squashed.name, NEXT.name] };
      expect(await read(sources.knex(db), supports)).toMatchObject({ state: 'compatible', mayJoin: true });
    } finally {
      await db.destroy();
    }
  });

  it("whose last migration failed, the next release's, does not keep the stable build from scaling", async () => {
    await migratePrisma(url, [CREATE, CONTRACT]);
    const broken: Migration = { name: NEXT.name, up: 'ALTER TABLE items ADD COLUMN title int' };
    await expect(migratePrisma(url, [CREATE, CONTRACT, broken])).rejects.toThrow();
    const stable = { knows: [CREATE.name, CONTRACT.name] };
    expect(await read(sources.prisma(pool), stable)).toEqual({
      state: 'failed',
      mayJoin: true,
      serving: 'warn',
      reason: `failed, or given up half-way, and unknown to this build: ${NEXT.name}`,
    });
    const next = { knows: [CREATE.name, CONTRACT.name, NEXT.name] };
    expect(await read(sources.prisma(pool), next)).toMatchObject({ state: 'failed', mayJoin: false });
  });
});

function partsOf(url: string): {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
} {
  const { hostname, port, username, pathname } = new URL(url);
  return { host: hostname, port: Number(port), user: username, database: pathname.slice(1) };
}
