import { InvalidOption } from '@coalmine/options';

/** The languages of SQL that differ here. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';
export const DIALECTS: readonly Dialect[] = ['postgres', 'mysql', 'sqlite'];

/** A table, in a schema or (MySQL) database of its own where it is not in that of the connection. */
export interface Table {
  readonly name: string;
  readonly schema?: string | undefined;
}

/** The value as a name of a table or a schema: it becomes part of a query. Throws `InvalidOption`. */
export function identifierOption<T extends string | undefined>(option: string, value: T): T {
  if (value === undefined || (typeof value === 'string' && /^[A-Za-z_][\w$-]{0,62}$/.test(value))) return value;
  throw new InvalidOption(
    option,
    'a name of up to 63 letters, digits, _, $ and -, which begins with a letter or _',
    value,
  );
}

/** An identifier that has passed {@link identifierOption}, as a query has it. */
export function quoted(table: Table, dialect: Dialect): string {
  const mark = dialect === 'mysql' ? '`' : '"';
  return [table.schema, table.name]
    .filter((part) => part !== undefined)
    .map((part) => `${mark}${part}${mark}`)
    .join('.');
}

/** A text, as a query has it. */
export function literal(text: string, dialect: Dialect): string {
  const doubled = text.replaceAll("'", "''");
  // MySQL alone reads a backslash in plain text.
  return `'${dialect === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled}'`;
}
