import type { Database } from './database.js';
import type { Compare } from './order.js';

/** A version, or the name of a migration, as the tool has it. */
export type Version = string | number;

/** What a tool has recorded of its migrations. What it cannot know it leaves out, rather than denies. */
export interface SchemaReading {
  /** Migrations that are applied; of a tool that keeps a single version, that one. */
  readonly applied: readonly string[];
  /** Migrations that failed. Absent where the tool does not record it. */
  readonly failed?: readonly string[];
  /** Migrations that began and have not ended, be it that they run or that the tool died. Absent where it is not recorded. */
  readonly unfinished?: readonly string[];
  /** Whether the tool is at work, by its lock. Absent where that cannot be told. */
  readonly isLocked?: boolean;
  /** The latest version that a baseline stands for: those up to it count as applied. Absent where there is none. */
  readonly baseline?: string;
  /** Names of versions, by version, where a version is no name itself, as Flyway's descriptions. */
  readonly names?: ReadonlyMap<string, string>;
  /** Whether the history has names, where the tool itself has them only since some version. @defaultValue `true` */
  readonly hasNames?: boolean;
  /** Why rows of the history may be hidden from the role. Absent where it sees all. */
  readonly hidden?: string;
  /** pgroll: the version schemas that exist, and those of all migrations that are complete. */
  readonly versionSchemas?: { readonly served: readonly string[]; readonly completed: readonly string[] };
}

/** Where the version of a schema is read: one of ours for each migration tool, or one of your own. */
export interface SchemaSource {
  /** Label of its series, such as `prisma`. */
  readonly name: string;
  /** Whether each version includes those before it, so that the latest alone says all. @defaultValue `false` */
  readonly isLinear?: boolean;
  /** The order of its versions. Absent where they have none, as the changes of Liquibase and Sqitch. */
  readonly compare?: Compare;
  /** One spelling of a version, for what is recorded and what is asked for. @defaultValue as it is */
  readonly normalise?: (version: string) => string;
  /** Whether migrations have names, which a rule of names can read. @defaultValue `true` */
  readonly hasNames?: boolean;
  /** Whether it serves each version in a schema of its own, as pgroll does. @defaultValue `false` */
  readonly hasVersionSchemas?: boolean;
  /** For the compatibility table; absent where the database has no SQL. */
  readonly database?: Database;
  /** Where the compatibility table is, the first that has one wins. @defaultValue the schema of the connection */
  readonly floorSchemas?: readonly (string | undefined)[];
  /** Reads it, or answers `undefined` where nothing was ever migrated. Rejects where there is no history to read. */
  read(): Promise<SchemaReading | undefined>;
}

/** A version as its source spells it. */
export function spellingOf(version: Version, { normalise }: Pick<SchemaSource, 'normalise'>): string {
  return normalise?.(String(version)) ?? String(version);
}
