import { InvalidOption } from '@coalmine/options';
import { type Database, hiddenRows } from './database.js';
import { Unreadable } from './failure.js';
import { DIALECTS, type Dialect, identifierOption, literal, quoteTable, type Table } from './identifier.js';

/** The default name of the one-row table. */
export const COMPATIBILITY_TABLE = 'schema_compatibility';

/** Where the compatibility table is, if it is not in its default place. */
export interface CompatibilityOptions {
  readonly dialect: Dialect;
  /** @defaultValue `'schema_compatibility'` */
  readonly table?: string;
  /** @defaultValue the schema of the connection */
  readonly schema?: string;
}

/**
 * Returns the statement that creates the compatibility table: one row, with the oldest version that a build must know
 * to work with this database. The statement does nothing if the table exists. Throws `InvalidOption`.
 */
export function createCompatibilityTable(options: CompatibilityOptions): string {
  const { dialect, at } = parseCompatibility(options);
  const text = dialect === 'mysql' ? 'varchar(255)' : 'text';
  const key = dialect === 'mysql' ? 'tinyint' : 'smallint';
  return `CREATE TABLE IF NOT EXISTS ${at} (
  id ${key} NOT NULL DEFAULT 1 PRIMARY KEY CHECK (id = 1),
  floor ${text} NOT NULL,
  reason ${text},
  set_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
)`;
}

/**
 * Returns the statement that a contract migration ends with: from then on, builds that do not know the version `floor`
 * no longer work with this database. The table must exist. Throws `InvalidOption`.
 */
export function raiseFloor(
  floor: string | number,
  options: CompatibilityOptions & { readonly reason?: string },
): string {
  const { reason, ...where } = options;
  const { dialect, at } = parseCompatibility(where);
  const version = String(floor);
  if (version === '' || version.length > 255)
    throw new InvalidOption('floor', 'a version of up to 255 characters', floor);
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > 255)) {
    throw new InvalidOption('reason', 'a text of up to 255 characters', reason);
  }
  const why = reason === undefined ? 'NULL' : literal(reason, dialect);
  const insert = `INSERT INTO ${at} (id, floor, reason) VALUES (1, ${literal(version, dialect)}, ${why})`;
  return dialect === 'mysql'
    ? `${insert}
ON DUPLICATE KEY UPDATE floor = VALUES(floor), reason = VALUES(reason), set_at = CURRENT_TIMESTAMP`
    : `${insert}
ON CONFLICT (id) DO UPDATE SET floor = excluded.floor, reason = excluded.reason, set_at = CURRENT_TIMESTAMP`;
}

/** What the database says about the oldest build that it still works with. */
export interface FloorReading {
  /** One floor in a table of one row; none if there is no table, or no row. A build must know all of them. */
  readonly floors: readonly string[];
  /** Why nobody can tell whether there is a floor. */
  readonly hidden?: string;
}

/**
 * Reads the floor in the first of the tables that exists. Rejects if the role may not read that table, or if its rows
 * may be hidden from the role.
 *
 * Contract migrations that each insert a row, in a table of their own, leave several floors. The highest is the floor,
 * and a build that knows the highest knows all of them, so no order is needed.
 */
export async function readFloor(database: Database, tables: readonly Table[]): Promise<FloorReading> {
  let hidden: string | undefined;
  for (const table of tables) {
    const sight = await database.look(table);
    if (sight.kind !== 'seen') {
      // The next table may have a floor anyway.
      if (sight.kind === 'hidden') hidden ??= sight.reason;
      continue;
    }
    if (sight.policies !== undefined) throw new Unreadable(hiddenRows(table, sight.policies));
    const rows = await database.query(`SELECT floor AS floor FROM ${quoteTable(table, await database.dialect())}`);
    const floors = rows.flatMap(({ floor }) => (floor === undefined || floor === null ? [] : [String(floor)]));
    if (floors.length > 0) return { floors };
    break;
  }
  return { floors: [], ...(hidden === undefined ? {} : { hidden }) };
}

function parseCompatibility({ dialect, table = COMPATIBILITY_TABLE, schema }: CompatibilityOptions): {
  dialect: Dialect;
  at: string;
} {
  if (!DIALECTS.includes(dialect)) throw new InvalidOption('dialect', `one of ${DIALECTS.join(', ')}`, dialect);
  const name = identifierOption('table', table);
  return { dialect, at: quoteTable({ name, schema: identifierOption('schema', schema) }, dialect) };
}
