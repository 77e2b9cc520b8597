import { cellOf, type Query, queryOf, type SqlClient } from './client.js';
import { type Dialect, literal, quoted, type Table } from './identifier.js';

/** What differs between databases, asked of each in its own way. */
export interface Database {
  readonly query: Query;
  /** Asks once. */
  dialect(): Promise<Dialect>;
  /** The columns of a table in lower case; none where there is no such table. */
  columns(table: Table): Promise<readonly string[]>;
  /** The advisory locks that anybody holds in this database; `undefined` where they cannot be seen. PostgreSQL. */
  advisoryLocks(): Promise<readonly AdvisoryLock[] | undefined>;
  /** Name of the database of the connection, asked once. MySQL. */
  current(): Promise<string>;
  /** Whether anybody holds a lock of `GET_LOCK`. MySQL. */
  isLockHeld(name: string): Promise<boolean>;
}

export interface AdvisoryLock {
  /** Both halves in one, with its sign. */
  readonly key: bigint;
  /** Names of the database and the schema that it was seen from. */
  readonly database: string;
  readonly schema: string;
}

export function createDatabase(client: SqlClient, given?: Dialect): Database {
  const query = queryOf(client);
  let known: { readonly dialect: Dialect; readonly hasLocks: boolean } | undefined;
  let name: string | undefined;
  const product = async (): Promise<NonNullable<typeof known>> => {
    known ??= await askProduct(query, given);
    return known;
  };

  return {
    query,
    dialect: async () => (await product()).dialect,
    async columns(table) {
      const rows = await query(columnsQuery(table, (await product()).dialect));
      return rows.map(({ name }) => String(name).toLowerCase());
    },
    async advisoryLocks() {
      if (!(await product()).hasLocks) return undefined;
      const rows = await query(LOCKS);
      return rows.map(({ high, low, db, sch }) => ({
        key: BigInt.asIntN(64, (BigInt(high as string) << 32n) | BigInt(low as string)),
        database: String(db),
        schema: String(sch),
      }));
    },
    async current() {
      name ??= String(cellOf(await query('SELECT DATABASE() AS db'), 'db'));
      return name;
    },
    async isLockHeld(name) {
      const rows = await query(`SELECT IS_USED_LOCK(${literal(name, 'mysql')}) IS NOT NULL AS held`);
      return Number(cellOf(rows, 'held')) === 1;
    },
  };
}

// Each column a single word in lower case and of a type that every client can read: some rename, some refuse.
const LOCKS = `SELECT classid::bigint AS high, objid::bigint AS low, current_database()::text AS db, current_schema()::text AS sch
FROM pg_catalog.pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

function columnsQuery({ name, schema }: Table, dialect: Dialect): string {
  const table = quoted({ name, schema }, dialect);
  if (dialect === 'postgres') {
    return `SELECT attname::text AS name FROM pg_catalog.pg_attribute
WHERE attrelid = pg_catalog.to_regclass(${literal(table, dialect)}) AND attnum > 0 AND NOT attisdropped`;
  }
  if (dialect === 'mysql') {
    const database = schema === undefined ? 'DATABASE()' : literal(schema, dialect);
    return `SELECT column_name AS name FROM information_schema.columns
WHERE table_schema = ${database} AND table_name = ${literal(name, dialect)}`;
  }
  const within = schema === undefined ? '' : `, ${literal(schema, dialect)}`;
  return `SELECT name AS name FROM pragma_table_info(${literal(name, dialect)}${within})`;
}

async function askProduct(query: Query, given: Dialect | undefined): Promise<{ dialect: Dialect; hasLocks: boolean }> {
  if (given === 'sqlite') return { dialect: given, hasLocks: false };
  let version: string;
  try {
    version = String(cellOf(await query('SELECT version() AS version'), 'version'));
  } catch (error) {
    if (given !== undefined || !/no such function/i.test(String((error as Error)?.message))) throw error;
    return { dialect: 'sqlite', hasLocks: false };
  }
  const isPostgres = given === undefined ? /postgresql|cockroach|yugabyte/i.test(version) : given === 'postgres';
  // CockroachDB takes advisory locks without taking any.
  return { dialect: isPostgres ? 'postgres' : 'mysql', hasLocks: isPostgres && !/cockroach/i.test(version) };
}
