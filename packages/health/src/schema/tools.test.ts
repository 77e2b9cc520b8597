import { describe, expect, it } from 'vitest';
import type { Row } from './client.js';
import { createSchema } from './schema.js';
import { sources } from './sources.js';
import type { At, SqlTool } from './sql-source.js';
import { ATLAS, DRIZZLE, FLYWAY, NODE_PG_MIGRATE, POSTGRES_MIGRATIONS } from './tools.js';

// What is read out of rows alone; the tables themselves, and the tools that fill them, are in test/schema.
const readingOf = (tool: SqlTool, rows: readonly Row[], columns: readonly string[] = []) =>
  tool.reading?.(rows, { dialect: 'postgres', table: { name: 't' }, columns, named: () => 't' } satisfies At);
const flyway = (name: string, kind: string, title = 'd') => ({ name, kind, title, success: 1 });
const atlas = (name: string, state: string, title = '') => ({ name, state, title });

describe('the history', () => {
  it.each<[string, readonly Row[], object]>([
    ['the command baseline', [flyway('5', 'BASELINE', '<< Flyway Baseline >>'), flyway('6', 'SQL')], { baseline: '5' }],
    ['a baseline migration', [flyway('5', 'SQL_BASELINE'), flyway('6', 'SQL')], { baseline: '5' }],
    ['a description', [flyway('6', 'SQL', 'contract drop name')], { names: new Map([['6', 'contract_drop_name']]) }],
  ])('of Flyway is read with %s', (_, rows, reading) => {
    expect(readingOf(FLYWAY, rows)).toMatchObject(reading);
  });

  it('of Flyway has a repeatable migration only if its last run failed', () => {
    const view = (success: number) => ({ name: null, kind: 'SQL', title: 'my view', success });
    const run = flyway('1', 'SQL');
    expect(readingOf(FLYWAY, [run, view(0), view(1)])).toMatchObject({ applied: ['1'] });
    expect(readingOf(FLYWAY, [run, view(0), view(1)])).not.toHaveProperty('failed');
    expect(readingOf(FLYWAY, [run, view(1), view(0)])).toMatchObject({ applied: ['1'], failed: ['R__my_view'] });
  });

  it('of Flyway has no baseline unless a migration is one', () => {
    expect(readingOf(FLYWAY, [flyway('1', 'SQL'), flyway('2', 'UNDO_SQL')])).not.toHaveProperty('baseline');
  });

  it('of Atlas begins with a baseline, a checkpoint or its first file', () => {
    expect(readingOf(ATLAS, [atlas('20260301', 'applied', 'all'), atlas('20260401', 'applied')])).toMatchObject({
      applied: ['20260301', '20260401'],
      baseline: '20260301',
      names: new Map([
        ['20260301', '20260301_all'],
        ['20260401', '20260401'],
      ]),
    });
    expect(readingOf(ATLAS, [atlas('20260301', 'failed')])).not.toHaveProperty('baseline');
  });

  it('of postgres-migrations has the names of its files', () => {
    expect(readingOf(POSTGRES_MIGRATIONS, [{ name: 1, title: 'contract-name' }])).toEqual({
      applied: ['1'],
      names: new Map([['1', 'contract-name']]),
    });
  });

  it.each(['1_a', '1_a.sql', '1_a.up.sql', '1_a.js'])('of node-pg-migrate has 1_a for the file %s', (file) => {
    expect(NODE_PG_MIGRATE.normalise?.(file)).toBe('1_a');
  });

  it('of Drizzle has no names before 1.0', () => {
    const rows = [{ made: '1700000000000' }];
    expect(readingOf(DRIZZLE, rows, ['id', 'hash', 'created_at'])).toEqual({
      applied: ['1700000000000'],
      hasNames: false,
    });
    expect(readingOf(DRIZZLE, [{ made: 1, name: 'a' }], ['id', 'hash', 'created_at', 'name'])).toEqual({
      applied: ['a'],
    });
  });
});

describe('a rule of names', () => {
  const rows = async () => [];

  it.each([
    sources.golangMigrate(rows),
    sources.dbmate(rows),
    sources.rails(rows),
    sources.sqlVersion(rows, 'SELECT version FROM settings'),
  ])('is refused for $name, which records no names', (source) => {
    const supports = { knows: ['1'], floor: { names: /contract/ } };
    expect(() => createSchema({ source, supports })).toThrow(
      `supports.floor.names must be left out: ${source.name} records no names of migrations`,
    );
  });

  it.each([sources.flyway(rows), sources.atlas(rows), sources.postgresMigrations(rows), sources.prisma(rows)])(
    'is accepted for $name, which records names',
    (source) => {
      const supports = { knows: ['1'], floor: { names: /contract/ } };
      expect(createSchema({ source, supports }).state()).toBe('unknown');
    },
  );
});
