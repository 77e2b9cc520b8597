import { InvalidOption } from '@coalmine/options';
import { Unreadable } from './failure.js';

/** A row, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Sends one query without parameters to a database. */
export type Query = (sql: string) => Promise<readonly Row[]>;

/**
 * A database client, recognised by its shape: a Pool, Client or Connection of pg, postgres.js, mysql2 or PGlite; a
 * database of better-sqlite3 or node:sqlite; a PrismaClient; a Knex, Kysely, Drizzle, TypeORM, Sequelize or MikroORM
 * instance; or a function that takes SQL and returns a promise of rows.
 */
export type SqlClient = object | Query;

const ACCEPTED =
  'a client of pg, postgres.js, mysql2, better-sqlite3, node:sqlite, PGlite, Prisma, Knex, Kysely, Drizzle, TypeORM, Sequelize or MikroORM, or a function that takes SQL and returns a promise of rows';

type Call = (...args: unknown[]) => unknown;

/** Returns a query function for any client. Throws `InvalidOption`. */
export function queryOf(client: SqlClient): Query {
  const ask = askerOf(client);
  if (ask === undefined) throw new InvalidOption('client', ACCEPTED, client);
  return async (sql) => rowsOf(await ask(sql));
}

/** Recognises a client by its methods, the most distinctive first. */
function askerOf(client: unknown): ((sql: string) => unknown) | undefined {
  if (client === null || (typeof client !== 'object' && typeof client !== 'function')) return undefined;
  const has = (name: string): boolean => typeof (client as Record<string, unknown>)[name] === 'function';
  const call = (name: string, ...args: unknown[]): unknown =>
    ((client as Record<string, unknown>)[name] as Call)(...args);

  if (has('$queryRawUnsafe')) return (sql) => call('$queryRawUnsafe', sql); // Prisma
  if (has('unsafe')) return (sql) => call('unsafe', sql); // postgres.js
  // Kysely; a connection of MikroORM has a method of that name too.
  if (has('executeQuery') && !has('execute')) return (sql) => call('executeQuery', kyselyQuery(sql));
  if (has('raw')) return (sql) => call('raw', sql); // Knex
  // mysql2 with callbacks; the same connection also speaks in promises.
  if (has('promise') && has('query')) return askerOf(call('promise'));
  if (has('query')) return (sql) => call('query', sql); // pg, PGlite, mysql2, TypeORM, Sequelize
  if (has('all')) return (sql) => call('all', sql); // Drizzle on SQLite
  if (has('execute')) return (sql) => call('execute', sql); // Drizzle, a connection of MikroORM
  if (has('prepare')) return (sql) => (call('prepare', sql) as { all(): unknown }).all(); // better-sqlite3, node:sqlite
  const { em } = client as { em?: { getConnection?(): unknown } };
  if (typeof em?.getConnection === 'function') return askerOf(em.getConnection()); // MikroORM
  return typeof client === 'function' ? (client as Query) : undefined;
}

/** Returns the object that `CompiledQuery.raw(sql)` creates. */
function kyselyQuery(sql: string): object {
  return {
    sql,
    parameters: [],
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: 'coalmine' },
  };
}

/** Returns the rows, out of `rows`, `[rows, …]` or `{ rows }`. */
function rowsOf(result: unknown): readonly Row[] {
  const rows = Array.isArray(result)
    ? Array.isArray(result[0])
      ? result[0]
      : result
    : (result as { rows?: unknown } | null | undefined)?.rows;
  if (!Array.isArray(rows)) throw new Unreadable('the client returned no rows');
  if (rows.length > 0 && (typeof rows[0] !== 'object' || Array.isArray(rows[0]))) {
    throw new Unreadable('the client returns rows as arrays, without the names of columns');
  }
  return rows;
}

/** Returns the value of a column in the first row. */
export function cellOf(rows: readonly Row[], column: string): unknown {
  return rows[0]?.[column];
}
