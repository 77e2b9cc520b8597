import { InvalidOption } from '@coalmine/options';

/** The SQL dialects that are told apart here. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';
export const DIALECTS: readonly Dialect[] = ['postgres', 'mysql', 'sqlite'];

/** A table, with its schema or (MySQL) database if that is not the one of the connection. */
export interface Table {
  readonly name: string;
  readonly schema?: string | undefined;
}

/** Returns the value as a name of a table or a schema, because it becomes part of a query. Throws `InvalidOption`. */
export function identifierOption<T extends string | undefined>(option: string, value: T): T {
  if (value === undefined || (typeof value === 'string' && /^[\p{L}\p{N}_][\p{L}\p{N}_$-]{0,62}$/u.test(value)))
    return value;
  throw new InvalidOption(
    option,
    'a name of up to 63 letters, digits, _, $ and -, which begins with a letter, a digit or _',
    value,
  );
}

/** Returns an identifier that has passed {@link identifierOption} in quotes, for a query. */
export function quoteTable(table: Table, dialect: Dialect): string {
  const mark = dialect === 'mysql' ? '`' : '"';
  return [table.schema, table.name]
    .filter((part) => part !== undefined)
    .map((part) => `${mark}${part}${mark}`)
    .join('.');
}

/** Returns a text as a literal, for a query. */
export function literal(text: string, dialect: Dialect): string {
  const doubled = text.replaceAll("'", "''");
  // Only MySQL interprets a backslash in plain text.
  return `'${dialect === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled}'`;
}
