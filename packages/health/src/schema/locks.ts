import { cellOf } from './client.js';
import { type AdvisoryLock, type Database, hiddenRows } from './database.js';
import { Unreadable } from './failure.js';
import type { At, SqlTool } from './sql-source.js';

/**
 * Returns a check for the lock that a tool holds while it is at work: an advisory lock in PostgreSQL and, if the tool
 * uses one, a lock by name in MySQL, which may contain the names of the database and the table.
 */
export function holds(
  isIt: (lock: AdvisoryLock, at: At) => boolean,
  nameIn?: (database: string, table: string) => string,
): NonNullable<SqlTool['lock']> {
  return async (at, database) => {
    if (at.dialect !== 'mysql') return (await database.advisoryLocks())?.some((lock) => isIt(lock, at));
    if (nameIn === undefined) return undefined;
    return database.isLockHeld(nameIn(at.table.schema ?? (await database.current()), at.table.name));
  };
}

/** Returns a check for a lock with one key in PostgreSQL and, if the tool uses one, one name in MySQL. */
export function holdsKey(key: bigint, name?: string): NonNullable<SqlTool['lock']> {
  return holds((lock) => lock.key === key, name === undefined ? undefined : () => name);
}

/**
 * Returns how many rows of a lock table say that the lock is taken; `undefined` if there is no such table. Rejects if
 * the role may not see all rows.
 */
export async function countLockedRows(
  at: At,
  database: Database,
  name: string,
  isTaken: string,
): Promise<number | undefined> {
  const table = { ...at.table, name };
  const sight = await database.look(table);
  if (sight.kind !== 'seen') {
    if (sight.kind === 'absent') return undefined;
    throw new Unreadable(sight.reason);
  }
  if (sight.policies !== undefined) throw new Unreadable(hiddenRows(table, sight.policies));
  const rows = await database.query(`SELECT COUNT(*) AS held FROM ${at.named(name)} WHERE ${isTaken}`);
  return Number(cellOf(rows, 'held'));
}
