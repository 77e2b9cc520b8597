import { causesOf } from '../error.js';
import { NoAnswer } from '../poll.js';

/** The database responded, but its answer cannot be used: the table belongs to another tool, or a column is missing. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** There is no such table. That is certain, because the role would see it. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** Why there is no answer: the table does not exist, the query was refused, or the database did not respond. */
export type Failure = 'missing' | 'refused' | 'unreachable';

// MySQL has names for its numbers; Prisma passes on the numbers alone.
const MISSING: ReadonlySet<unknown> = new Set([
  '42P01',
  '3F000',
  'ER_NO_SUCH_TABLE',
  '1146',
  'ER_BAD_DB_ERROR',
  '1049',
]);
// A missing grant, column or function, or wrong syntax.
const REFUSED: ReadonlySet<unknown> = new Set([
  'ER_TABLEACCESS_DENIED_ERROR',
  '1142',
  'ER_COLUMNACCESS_DENIED_ERROR',
  '1143',
  'ER_DBACCESS_DENIED_ERROR',
  '1044',
  'ER_BAD_FIELD_ERROR',
  '1054',
  'ER_PARSE_ERROR',
  '1064',
]);

/** Classifies an error of any client by its causes, or as unreachable if no cause says more. Never throws. */
export function failureOf(error: unknown): Failure {
  try {
    return readFailure(error);
  } catch {
    // The members of this error cannot be read.
    return 'unreachable';
  }
}

function readFailure(error: unknown): Failure {
  if (error instanceof NoAnswer) return 'unreachable';
  if (error instanceof Unreadable) return 'refused';
  if (error instanceof Missing) return 'missing';
  for (const { code, codeName, message, originalCode } of causesOf(error)) {
    // MongoDB has its own numbers as codes.
    if (codeName === 'Unauthorized') return 'refused';
    for (const each of [code, originalCode]) {
      if (MISSING.has(each)) return 'missing';
      // Class 42 of SQLSTATE: the statement is wrong, or not allowed.
      if (REFUSED.has(each) || (typeof each === 'string' && /^42[0-9A-Z]{3}$/.test(each))) return 'refused';
    }
    if (typeof message !== 'string') continue;
    if (/no such table/i.test(message)) return 'missing';
    if (/no such column|no such function|near ".*": syntax error/i.test(message)) return 'refused';
  }
  return 'unreachable';
}
