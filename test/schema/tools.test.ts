import { createCompatibilityTable, createSchema, raiseFloor, type Schema } from '@coalmine/health';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isPostgresMissing, type Postgres, startPostgres } from '../support/postgres.js';
import type { Migration } from './tools/migration.js';
import { TOOLS } from './tools.js';

const CREATE: Migration = {
  name: '20260101000000_create_items',
  up: 'CREATE TABLE items (id int PRIMARY KEY, name text)',
};
const EXPAND: Migration = { name: '20260201000000_add_email', up: 'ALTER TABLE items ADD COLUMN email text' };
const CONTRACT: Migration = { name: '20260301000000_contract_name', up: 'ALTER TABLE items DROP COLUMN name' };

describe.skipIf(isPostgresMissing)('the history of a real tool, on a real PostgreSQL', () => {
  let postgres: Postgres;
  let url: string;

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.close());
  beforeEach(async () => {
    // Its warnings are in packages/health.
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    url = await postgres.createDatabase();
    return () => vi.restoreAllMocks();
  });

  describe.each(TOOLS)('$name', (tool) => {
    const MIGRATIONS = [CREATE, EXPAND, CONTRACT];
    const version = (migration: Migration): string => tool.version(migration, MIGRATIONS.indexOf(migration));
    const stateOf = async (schema: Schema): Promise<string> => {
      // The lock of a tool is its session's, which ends a moment after the tool has.
      await vi.waitFor(async () => {
        await schema.refresh();
        expect(schema.state()).not.toBe('migrating');
      }, 10_000);
      return schema.state();
    };

    it('is read from nothing to more than the build knows', async () => {
      const pool = new pg.Pool({ connectionString: url });
      const supports = { knows: [CREATE, EXPAND].map(version) };
      const schema = createSchema({ source: tool.source(pool), supports });
      expect(await stateOf(schema)).toBe('unmigrated');
      await tool.migrate(url, [CREATE]);
      expect(await stateOf(schema)).toBe('behind');
      expect([schema.has(version(CREATE)), schema.has(version(EXPAND))]).toEqual([true, false]);
      await tool.migrate(url, [CREATE, EXPAND]);
      expect(await stateOf(schema)).toBe('compatible');
      await tool.migrate(url, MIGRATIONS);
      expect([await stateOf(schema), schema.reason()]).toEqual([
        'ahead',
        `applied, and newer than this build: ${version(CONTRACT)}`,
      ]);
      await pool.end();
    });

    it('with a floor above the build is incompatible', async () => {
      await tool.migrate(url, MIGRATIONS);
      const pool = new pg.Pool({ connectionString: url });
      const old = createSchema({ source: tool.source(pool), supports: { knows: [CREATE, EXPAND].map(version) } });
      const current = createSchema({ source: tool.source(pool), supports: { knows: MIGRATIONS.map(version) } });
      await pool.query(createCompatibilityTable({ dialect: 'postgres' }));
      expect([await stateOf(old), await stateOf(current)]).toEqual(['ahead', 'compatible']);
      await pool.query(raiseFloor(version(EXPAND), { dialect: 'postgres' }));
      expect([await stateOf(old), await stateOf(current)]).toEqual(['ahead', 'compatible']);
      await pool.query(raiseFloor(version(CONTRACT), { dialect: 'postgres', reason: "the column 'name' is gone" }));
      expect([await stateOf(old), await stateOf(current)]).toEqual(['incompatible', 'compatible']);
      await pool.end();
    });

    it('is left unread where the role may not, and says so', async () => {
      await tool.migrate(url, [CREATE]);
      const pool = new pg.Pool({ connectionString: url });
      await pool.query('DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$');
      const stranger = new pg.Pool({ connectionString: url.replace('postgres@', 'stranger@') });
      const schema = createSchema({ source: tool.source(stranger), supports: { requires: [version(CREATE)] } });
      expect(await stateOf(schema)).toBe('unknown');
      expect(schema.reason()).toMatch(/permission denied/);
      await stranger.end();
      await pool.end();
    });
  });
});
