import { choiceOption, InvalidOption, objectOption } from '@coalmine/options';
import type { Row, SqlClient } from './client.js';
import { createDatabase, type Database, hiddenRows } from './database.js';
import { Missing, Unreadable } from './failure.js';
import { DIALECTS, type Dialect, identifierOption, quoted, type Table } from './identifier.js';
import type { Compare } from './order.js';
import type { SchemaReading, SchemaSource } from './source.js';

/** Where a tool keeps its table, if not where it does by default. */
export interface SourceOptions {
  /** Label of its series; must differ between sources. @defaultValue that of the tool */
  readonly name?: string;
  /** @defaultValue that of the tool */
  readonly table?: string;
  /** PostgreSQL schema or MySQL database of the table. @defaultValue that of the tool, else that of the connection */
  readonly schema?: string;
  /** @defaultValue asked of the database */
  readonly dialect?: Dialect;
}

/** A migration tool that keeps its history in a table. */
export interface SqlTool {
  readonly name: string;
  readonly table: string | ((dialect: Dialect) => string);
  /** Where its table may be, the first that is there wins. @defaultValue the schema of the connection */
  readonly schemas?: (dialect: Dialect) => readonly (string | undefined)[];
  /** Columns that its table has, in lower case: several tools share the names of their tables. */
  readonly columns: readonly string[];
  /** Columns that its table does not have. */
  readonly foreign?: readonly string[];
  readonly isLinear?: boolean;
  readonly compare?: Compare;
  readonly normalise?: (version: string) => string;
  /** Whether it records names of migrations. @defaultValue `true` */
  readonly hasNames?: boolean;
  /** Selects what {@link SqlTool.reading} reads. */
  query(at: At): string;
  /** @defaultValue each row has the `name` of a migration that is applied */
  reading?(rows: readonly Row[], at: At): SchemaReading;
  /** Whether the tool is at work; `undefined` where that cannot be told. */
  lock?(at: At, database: Database): Promise<boolean | undefined>;
}

/** Where a table was found. */
export interface At {
  readonly dialect: Dialect;
  readonly table: Table;
  readonly columns: readonly string[];
  /** Why rows may be hidden from the role; absent where it sees all. */
  readonly hidden?: string;
  /** Another table beside it, or this one, as a query has it. */
  named(table?: string): string;
}

const KEYS = ['name', 'table', 'schema', 'dialect'] as const;

/** A source that reads the table of a tool. Throws `InvalidOption`. */
export function sqlSource(tool: SqlTool, client: SqlClient, options?: SourceOptions): SchemaSource {
  const { name = tool.name, table, schema, dialect } = parseSourceOptions(options);
  const database = createDatabase(client, dialect);
  let found: At | undefined;

  return {
    name,
    database,
    ...(tool.isLinear === undefined ? {} : { isLinear: tool.isLinear }),
    ...(tool.compare === undefined ? {} : { compare: tool.compare }),
    ...(tool.normalise === undefined ? {} : { normalise: tool.normalise }),
    ...(tool.hasNames === undefined ? {} : { hasNames: tool.hasNames }),
    // A tool with a schema of its own may be told another one; the contract migration writes where the app's tables are.
    ...(schema === undefined ? {} : { floorSchemas: tool.schemas === undefined ? [schema] : [schema, undefined] }),
    async read() {
      found ??= await find();
      try {
        return await readAt(found);
      } catch (error) {
        // Perhaps it has gone, or another tool has made a new one.
        found = undefined;
        throw error;
      }
    },
  };

  async function find(): Promise<At> {
    const dialect = await database.dialect();
    const named = table ?? (typeof tool.table === 'string' ? tool.table : tool.table(dialect));
    const schemas = schema === undefined ? (tool.schemas?.(dialect) ?? [undefined]) : [schema];
    const reasons: string[] = [];
    let isHidden = false;
    for (const each of schemas) {
      const candidate: Table = { name: named, schema: each };
      const sight = await database.look(candidate);
      if (sight.kind !== 'seen') {
        reasons.push(sight.reason);
        isHidden ||= sight.kind === 'hidden';
        continue;
      }
      const { columns, policies } = sight;
      demandColumns(tool, named, columns);
      return {
        dialect,
        table: candidate,
        columns,
        ...(policies === undefined ? {} : { hidden: hiddenRows(candidate, policies) }),
        named: (other = named) => quoted({ name: other, schema: each }, dialect),
      };
    }
    const reason = reasons.join('; ');
    throw isHidden ? new Unreadable(reason) : new Missing(reason);
  }

  async function readAt(at: At): Promise<SchemaReading> {
    // The lock first: a tool that lets go of it in between has recorded by then what it did.
    const isLocked = await tool.lock?.(at, database);
    const rows = await database.query(tool.query(at));
    if (rows.length === 0) {
      if (at.hidden !== undefined) throw new Unreadable(at.hidden);
      // Row-level security may have been turned on since the table was looked at.
      found = undefined;
    }
    const reading = tool.reading?.(rows, at) ?? { applied: rows.map(({ name }) => String(name)) };
    return {
      ...reading,
      ...(at.hidden === undefined ? {} : { hidden: at.hidden }),
      ...(isLocked === undefined ? {} : { isLocked }),
    };
  }
}

/** Parses what every source takes. Throws `InvalidOption`. */
export function parseSourceOptions(options: SourceOptions | undefined): {
  name?: string | undefined;
  table?: string | undefined;
  schema?: string | undefined;
  dialect?: Dialect | undefined;
} {
  const { name, table, schema, dialect } = objectOption('source', options, KEYS);
  if (name !== undefined && (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))) {
    throw new InvalidOption('source.name', 'up to 64 letters, digits, dots, dashes and underscores', name);
  }
  return {
    name,
    table: identifierOption('source.table', table),
    schema: identifierOption('source.schema', schema),
    dialect: dialect === undefined ? undefined : choiceOption('source.dialect', dialect, DIALECTS, 'postgres'),
  };
}

// What tells the tables that share a name, the most telling columns first.
const SIGNATURES: readonly (readonly [tool: string, columns: readonly string[]])[] = [
  ['golang-migrate', ['version', 'dirty']],
  ['Ecto', ['version', 'inserted_at']],
  ['Flyway', ['installed_rank']],
  ['Prisma', ['migration_name', 'applied_steps_count']],
  ['Laravel', ['id', 'migration', 'batch']],
  ['TypeORM', ['id', 'timestamp', 'name']],
  ['postgres-migrations', ['id', 'name', 'hash', 'executed_at']],
  ['Drizzle', ['id', 'hash', 'created_at']],
  ['Knex', ['name', 'batch', 'migration_time']],
  ['db-migrate or node-pg-migrate', ['id', 'name', 'run_on']],
  ['dbmate or Rails', ['version']],
];

function demandColumns({ name, columns: own, foreign = [] }: SqlTool, table: string, columns: readonly string[]): void {
  if (own.every((column) => columns.includes(column)) && !foreign.some((column) => columns.includes(column))) return;
  const [other] = SIGNATURES.find(([, signature]) => signature.every((column) => columns.includes(column))) ?? [];
  const guess = other === undefined ? '' : `: it looks like that of ${other}`;
  throw new Unreadable(`the table ${table} (${columns.join(', ')}) is not that of ${name}${guess}`);
}
