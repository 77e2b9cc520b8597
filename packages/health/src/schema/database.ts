import { reasonOf } from '../reason.js';
import { cellOf, type Query, queryOf, type SqlClient } from './client.js';
import { failureOf, Unreadable } from './failure.js';
import { type Dialect, literal, quoteTable, type Table } from './identifier.js';

/** What differs between databases, queried in the way of each. */
export interface Database {
  readonly query: Query;
  /** Returns the dialect, queried once. */
  dialect(): Promise<Dialect>;
  /** Returns how the role of the connection sees a table. Rejects if the role may not use its schema. */
  look(table: Table): Promise<Sight>;
  /**
   * Returns the advisory locks that anybody holds in this database; `undefined` if they cannot be seen, as on a replica.
   * PostgreSQL.
   */
  advisoryLocks(): Promise<readonly AdvisoryLock[] | undefined>;
  /** Returns the name of the database of the connection, queried once. MySQL. */
  current(): Promise<string>;
  /** Whether anybody holds a lock of `GET_LOCK`; `undefined` if that cannot be seen, as on a replica. MySQL. */
  isLockHeld(name: string): Promise<boolean | undefined>;
}

/**
 * A table as the role sees it. MySQL gives the same error for a table without a grant and for a table that does not
 * exist, unless the role has a grant on the whole database. Without that grant the table is `hidden`; `absent` is
 * certain.
 */
export type Sight =
  | {
      readonly kind: 'seen';
      /** In lower case. */
      readonly columns: readonly string[];
      /**
       * The policies of row-level security that choose the rows for this role; absent if the role sees all rows.
       * PostgreSQL.
       */
      readonly policies?: string;
    }
  | { readonly kind: 'absent' | 'hidden'; readonly reason: string };

export interface AdvisoryLock {
  /** Both halves of the key in one signed number. */
  readonly key: bigint;
  /** Names of the database and the schema of the connection that saw the lock. */
  readonly database: string;
  readonly schema: string;
}

export function createDatabase(client: SqlClient, given?: Dialect): Database {
  const query = queryOf(client);
  let known: Product | undefined;
  let name: string | undefined;
  const product = async (): Promise<Product> => {
    known ??= await askProduct(query, given);
    return known;
  };

  return {
    query,
    dialect: async () => (await product()).dialect,
    async look(table) {
      const known = await product();
      const rows = await query(columnsQuery(table, known)).catch((error) => {
        if (failureOf(error) !== 'refused') throw error;
        // The server names only the schema.
        const which = [table.schema, table.name].filter((part) => part !== undefined).join('.');
        throw new Unreadable(`the table ${which} cannot be seen`, { cause: error });
      });
      if (rows.length === 0) return explainUnseen(query, table, known.dialect);
      const columns = rows.map(({ name }) => String(name).toLowerCase());
      const policies = cellOf(rows, 'policies');
      return { kind: 'seen', columns, ...(typeof policies === 'string' ? { policies } : {}) };
    },
    async advisoryLocks() {
      const { dialect, isCockroach } = await product();
      // CockroachDB accepts the functions of advisory locks, but takes no lock.
      if (dialect !== 'postgres' || isCockroach) return undefined;
      const rows = await query(LOCKS);
      if (Number(cellOf(rows, 'replica')) === 1) return undefined;
      const locks = rows.filter(({ high }) => high !== null);
      return locks.map(({ high, low, db, sch }) => ({
        key: BigInt.asIntN(64, (BigInt(high as string) << 32n) | BigInt(low as string)),
        database: String(db),
        schema: String(sch),
      }));
    },
    async current() {
      name ??= String(cellOf(await query(CURRENT), 'db'));
      return name;
    },
    async isLockHeld(name) {
      const rows = await query(`SELECT CASE WHEN IS_USED_LOCK(${literal(name, 'mysql')}) IS NOT NULL THEN 'yes'
WHEN CAST(@@global.read_only AS CHAR) NOT IN ('0', 'OFF') OR @@global.innodb_read_only THEN 'unknown' ELSE 'no' END AS held`);
      const held = String(cellOf(rows, 'held'));
      return held === 'unknown' ? undefined : held === 'yes';
    },
  };
}

// Each column is a single word in lower case, of a type that every client can read: some clients rename, some refuse. There is
// one row even without a lock: a replica knows no locks of the primary.
const LOCKS = `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 1 ELSE 0 END AS replica,
classid::bigint AS high, objid::bigint AS low, current_database()::text AS db, current_schema()::text AS sch
FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_locks ON locktype = 'advisory' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

interface Product {
  readonly dialect: Dialect;
  readonly isCockroach: boolean;
}

function columnsQuery({ name, schema }: Table, { dialect, isCockroach }: Product): string {
  const table = quoteTable({ name, schema }, dialect);
  if (dialect === 'postgres') {
    const policies = isCockroach ? '' : `, ${POLICIES} AS policies`;
    return `SELECT attname::text AS name${policies} FROM pg_catalog.pg_attribute
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

// One policy lets this role see each row, and no other policy takes a row away.
const SEES_ALL = `EXISTS (
SELECT 1 FROM pg_catalog.pg_policy WHERE polrelid = attrelid AND polcmd IN ('r', '*') AND polpermissive
AND pg_catalog.pg_get_expr(polqual, polrelid) = 'true' AND (0::oid = ANY (polroles) OR EXISTS (
SELECT 1 FROM pg_catalog.unnest(polroles) AS id WHERE pg_catalog.pg_has_role(id, 'USAGE'))))
AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_policy WHERE polrelid = attrelid AND polcmd IN ('r', '*') AND NOT polpermissive)`;

// A policy for reading hides rows from this role. The result is a text whenever row-level security may hide a row.
const POLICIES = `CASE WHEN pg_catalog.row_security_active(attrelid) AND NOT (${SEES_ALL}) THEN COALESCE((
SELECT pg_catalog.string_agg(polname::text, ', ' ORDER BY polname) FROM pg_catalog.pg_policy
WHERE polrelid = attrelid AND polcmd IN ('r', '*')), '') END`;

/** Says which rows of a table the role does not see; `policies` as in {@link Sight}. */
export function hiddenRows({ name }: Table, policies: string): string {
  const who =
    policies === '' ? 'no policy lets this role see any' : `the policy ${policies} chooses what this role sees`;
  return `row-level security hides rows of the table ${name}: ${who}`;
}

/** Returns whether a table without visible columns is hidden from the role, or does not exist. */
async function explainUnseen(query: Query, table: Table, dialect: Dialect): Promise<Sight> {
  const { name, schema } = table;
  if (dialect === 'sqlite') return { kind: 'absent', reason: `there is no table ${name}` };
  if (dialect === 'mysql') {
    const which = `table ${name} of the database ${schema ?? cellOf(await query(CURRENT), 'db')}`;
    try {
      await query(`SELECT 1 AS one FROM ${quoteTable(table, dialect)} LIMIT 1`);
      return { kind: 'hidden', reason: `the columns of the ${which} cannot be seen` };
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'missing') return { kind: 'absent', reason: `there is no ${which}` };
      if (failure === 'refused') return { kind: 'hidden', reason: `the ${which} cannot be seen: ${reasonOf(error)}` };
      throw error;
    }
  }
  if (schema !== undefined) return { kind: 'absent', reason: `there is no table ${name} in the schema ${schema}` };
  const rows = await query(pathQuery(name));
  const hidden = cellOf(rows, 'hidden');
  if (typeof hidden === 'string') {
    throw new Unreadable(`the table ${name} is in the schema ${hidden}, which the role may not use: GRANT USAGE on it`);
  }
  const path = cellOf(rows, 'path');
  const where =
    typeof path === 'string' && path !== '' ? `the schemas of the search_path (${path})` : 'an empty search_path';
  return { kind: 'absent', reason: `there is no table ${name} in ${where}` };
}

const CURRENT = 'SELECT DATABASE() AS db';

/**
 * Returns a query for the schemas that the connection searches, and for a schema of its search_path that has the table
 * but may not be used.
 */
function pathQuery(name: string): string {
  return `SELECT pg_catalog.array_to_string(pg_catalog.current_schemas(false), ', ') AS path, (
SELECT nspname::text FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
WHERE relname = ${literal(name, 'postgres')} AND relkind IN ('r', 'p', 'v', 'm', 'f')
AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND nspname::text IN (
SELECT CASE WHEN part = '$user' THEN current_user::text ELSE part END FROM (
SELECT pg_catalog.btrim(each, ' "') AS part
FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('search_path'), ',')) AS each) AS parts)
LIMIT 1) AS hidden`;
}

async function askProduct(query: Query, given: Dialect | undefined): Promise<Product> {
  if (given === 'sqlite') return { dialect: given, isCockroach: false };
  let version: string;
  try {
    version = String(cellOf(await query('SELECT version() AS version'), 'version'));
  } catch (error) {
    if (given !== undefined || !/no such function/i.test(String((error as Error)?.message))) throw error;
    return { dialect: 'sqlite', isCockroach: false };
  }
  const isPostgres = given === undefined ? /postgresql|cockroach|yugabyte/i.test(version) : given === 'postgres';
  return { dialect: isPostgres ? 'postgres' : 'mysql', isCockroach: /cockroach/i.test(version) };
}
