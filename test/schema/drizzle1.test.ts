import { createCompatibilityTable, createSchema, raiseFloor, type Schema, sources } from '@coalmine/health';
import pg from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isPostgresMissing, usePostgres } from '../support/postgres.js';
import { migrateDrizzle1 } from './tools/drizzle1.js';
import type { Migration } from './tools/migration.js';

const CREATE: Migration = {
  name: '20260101000000_create_items',
  up: 'CREATE TABLE items (id int PRIMARY KEY, name text)',
};
const EXPAND: Migration = { name: '20260201000000_add_email', up: 'ALTER TABLE items ADD COLUMN email text' };
const CONTRACT: Migration = { name: '20260301000000_contract_name', up: 'ALTER TABLE items DROP COLUMN name' };

// The example on the page of tools has a Drizzle before 1.0.
describe.skipIf(isPostgresMissing)('the history of Drizzle 1.0, on a real PostgreSQL', () => {
  const postgres = usePostgres();
  let url: string;

  beforeEach(async () => {
    // The tests of its warnings are in packages/health.
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    url = await postgres().createDatabase();
    return () => vi.restoreAllMocks();
  });

  const MIGRATIONS = [CREATE, EXPAND, CONTRACT];
  const stateOf = async (schema: Schema): Promise<string> => {
    // The lock of a tool belongs to its session, which ends a moment after the tool.
    await vi.waitFor(async () => {
      await schema.refresh();
      expect(schema.state()).not.toBe('migrating');
    }, 100_000);
    return schema.state();
  };

  it('is read from nothing to more than the build knows', async () => {
    const pool = new pg.Pool({ connectionString: url });
    const supports = { knows: [CREATE, EXPAND].map(({ name }) => name) };
    const schema = createSchema({ source: sources.drizzle(pool), supports, timeoutSeconds: 60 });
    expect(await stateOf(schema)).toBe('unmigrated');
    await migrateDrizzle1(url, [CREATE]);
    expect(await stateOf(schema)).toBe('behind');
    expect([schema.has(CREATE.name), schema.has(EXPAND.name)]).toEqual([true, false]);
    await migrateDrizzle1(url, [CREATE, EXPAND]);
    expect(await stateOf(schema)).toBe('compatible');
    await migrateDrizzle1(url, MIGRATIONS);
    expect([await stateOf(schema), schema.reason()]).toEqual([
      'ahead',
      `applied, and newer than this build: ${CONTRACT.name}`,
    ]);
    await pool.end();
  });

  it('with a floor above the build is incompatible', async () => {
    await migrateDrizzle1(url, MIGRATIONS);
    const pool = new pg.Pool({ connectionString: url });
    const old = createSchema({
      source: sources.drizzle(pool),
      supports: { knows: [CREATE, EXPAND].map(({ name }) => name) },
    });
    const current = createSchema({
      source: sources.drizzle(pool),
      supports: { knows: MIGRATIONS.map(({ name }) => name) },
    });
    await pool.query(createCompatibilityTable({ dialect: 'postgres' }));
    expect([await stateOf(old), await stateOf(current)]).toEqual(['ahead', 'compatible']);
    await pool.query(raiseFloor(EXPAND.name, { dialect: 'postgres' }));
    expect([await stateOf(old), await stateOf(current)]).toEqual(['ahead', 'compatible']);
    await pool.query(raiseFloor(CONTRACT.name, { dialect: 'postgres', reason: "the column 'name' is gone" }));
    expect([await stateOf(old), await stateOf(current)]).toEqual(['incompatible', 'compatible']);
    await pool.end();
  });

  it('is left unread if the role may not read it, and says so', async () => {
    await migrateDrizzle1(url, [CREATE]);
    const pool = new pg.Pool({ connectionString: url });
    await pool.query('DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$');
    const stranger = new pg.Pool({ connectionString: url.replace('postgres@', 'stranger@') });
    const schema = createSchema({ source: sources.drizzle(stranger), supports: { requires: [CREATE.name] } });
    expect(await stateOf(schema)).toBe('unknown');
    expect(schema.reason()).toMatch(/permission denied/);
    await stranger.end();
    await pool.end();
  });
});
