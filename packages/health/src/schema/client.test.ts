import { describe, expect, it } from 'vitest';
import { queryOf } from './client.js';

// Shapes alone; the clients themselves are in test/schema.
const ROWS = [{ n: 1 }];

describe('a client', () => {
  it.each([
    ['Prisma', { $queryRawUnsafe: async () => ROWS }],
    ['postgres.js', Object.assign(() => {}, { unsafe: async () => ROWS })],
    ['Kysely', { executeQuery: async ({ sql }: { sql: string }) => ({ rows: sql === 'SELECT' ? ROWS : [] }) }],
    ['Knex on PostgreSQL', Object.assign(() => {}, { raw: async () => ({ rows: ROWS }) })],
    ['Knex on MySQL', Object.assign(() => {}, { raw: async () => [ROWS, []] })],
    ['pg', { query: async () => ({ rows: ROWS }) }],
    ['mysql2 with promises', { query: async () => [ROWS, []], prepare: () => {}, execute: () => {} }],
    ['mysql2 with callbacks', { query: () => ({}), promise: () => ({ query: async () => [ROWS, []] }) }],
    ['TypeORM', { query: async () => ROWS }],
    ['Drizzle on SQLite', { query: {}, all: () => ROWS, run: () => {} }],
    ['Drizzle on PostgreSQL', { query: {}, execute: async () => ({ rows: ROWS }) }],
    ['better-sqlite3', { prepare: () => ({ all: () => ROWS }) }],
    ['MikroORM', { em: { getConnection: () => ({ execute: async () => ROWS, executeQuery: async () => ({}) }) } }],
    ['a function', async () => ROWS],
  ])('of %s returns its rows', async (_, client) => {
    await expect(queryOf(client as object)('SELECT')).resolves.toEqual(ROWS);
  });

  it.each([[undefined], [null], ['postgres://localhost'], [{}]])('%j is refused', (client) => {
    expect(() => queryOf(client as never)).toThrow(
      'client must be a client of pg, postgres.js, mysql2, better-sqlite3',
    );
  });

  it('is refused if it returns no rows', async () => {
    await expect(queryOf({ query: async () => 1 })('SELECT')).rejects.toThrow('the client returned no rows');
  });

  it.each([
    ['mysql2 with rowsAsArray', [[[1]], []]],
    ['mariadb with rowsAsArray', [[1], [2]]],
    ['pg with rowMode array', { rows: [[1]] }],
  ])('of %s is refused, because its rows have no names', async (_, result) => {
    await expect(queryOf({ query: async () => result })('SELECT')).rejects.toThrow('the client returns rows as arrays');
  });
});
