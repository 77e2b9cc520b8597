import { causesOf } from '../error.js';
import { NoAnswer } from '../poll.js';

/** The database answered, and the answer is of no use: a table of another tool's, a column that is not there. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** There is no such table, and that is certain: the role would see one. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** What stands in the way of an answer: the table is not there, the question was refused, or nobody answered. */
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
// No grant, no such column, no such function, wrong syntax.
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

/** Reads an error of any client: what one of its causes says, else that nobody answered. Never throws. */
export function failureOf(error: unknown): Failure {
  try {
    return readFailure(error);
  } catch {
    // An error whose members cannot be read says nothing.
    return 'unreachable';
  }
}

function readFailure(error: unknown): Failure {
  if (error instanceof NoAnswer) return 'unreachable';
  if (error instanceof Unreadable) return 'refused';
  if (error instanceof Missing) return 'missing';
  for (const { code, codeName, message, originalCode } of causesOf(error)) {
    // MongoDB, whose codes are numbers of its own.
    if (codeName === 'Unauthorized') return 'refused';
    for (const each of [code, originalCode]) {
      if (MISSING.has(each)) return 'missing';
      // Class 42 of SQLSTATE: the statement itself, or the right to it.
      if (REFUSED.has(each) || (typeof each === 'string' && /^42[0-9A-Z]{3}$/.test(each))) return 'refused';
    }
    if (typeof message !== 'string') continue;
    if (/no such table/i.test(message)) return 'missing';
    if (/no such column|no such function|near ".*": syntax error/i.test(message)) return 'refused';
  }
  return 'unreachable';
}
