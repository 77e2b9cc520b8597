import { readFileSync } from 'node:fs';
import { createCompatibilityTable, createSchema, raiseFloor, type Schema, sources } from '@coalmine/health';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const CREATE = `CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)`;

// Tests that run everywhere with npm alone. The embedded PostgreSQL has one session, so no other session can hold a lock.
describe('a schema in an embedded PostgreSQL', () => {
  let db: PGlite;
  const stateOf = async (schema: Schema): Promise<string> => {
    await schema.refresh();
    return schema.state();
  };

  beforeAll(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    db = await PGlite.create();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await db.close();
  });

  it('is read from nothing to incompatible', async () => {
    const schema = createSchema({ source: sources.nodePgMigrate(db), supports: { knows: ['1_a', '2_b'] } });
    expect(await stateOf(schema)).toBe('unmigrated');
    await db.exec(`${CREATE}; INSERT INTO pgmigrations (name, run_on) VALUES ('1_a', now())`);
    expect(await stateOf(schema)).toBe('behind');
    await db.exec("INSERT INTO pgmigrations (name, run_on) VALUES ('2_b', now())");
    expect(await stateOf(schema)).toBe('compatible');
    await db.exec('SELECT pg_advisory_lock(7241865325823964)');
    expect(await stateOf(schema)).toBe('migrating');
    await db.exec('SELECT pg_advisory_unlock(7241865325823964)');
    await db.exec("INSERT INTO pgmigrations (name, run_on) VALUES ('3_c', now())");
    expect(await stateOf(schema)).toBe('ahead');
    await db.exec(
      `${createCompatibilityTable({ dialect: 'postgres' })}; ${raiseFloor('3_c', { dialect: 'postgres' })}`,
    );
    expect(await stateOf(schema)).toBe('incompatible');
    await db.exec('DROP TABLE pgmigrations');
    expect(await stateOf(schema)).toBe('unmigrated');
  });

  it('compares a bigint, whatever type its client returns', async () => {
    await db.exec(
      `CREATE TABLE migrations (id serial, timestamp bigint, name varchar); INSERT INTO migrations (timestamp, name) VALUES (1700000000000, 'A1700000000000')`,
    );
    const schema = createSchema({
      source: sources.typeorm(db),
      supports: { min: 1700000000000, max: 'A1700000000000' },
    });
    expect(await stateOf(schema)).toBe('compatible');
  });
});

describe('the floor in the documents', () => {
  it.each(['postgres', 'sqlite', 'mysql'] as const)('is what the functions write for %s', (dialect) => {
    const document = readFileSync(new URL('../../docs/schema-versions.md', import.meta.url), 'utf8');
    const words = (text: string): string => text.replace(/["`]/g, '').replace(/\s+/g, ' ');
    expect(words(document)).toContain(words(createCompatibilityTable({ dialect })));
    expect(words(document)).toContain(
      words(raiseFloor('20260301_contract_name', { dialect, reason: 'items.name is gone' })),
    );
  });
});
