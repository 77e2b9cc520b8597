import type { Database } from './database.js';
import type { Compare } from './order.js';

/** A version, or the name of a migration, as the tool spells it. */
export type Version = string | number;

/** What a tool has recorded of its migrations. A member is absent if the tool cannot know it. */
export interface SchemaReading {
  /** Applied migrations. A tool that keeps a single version has only that one. */
  readonly applied: readonly string[];
  /** Migrations that failed. Absent if the tool does not record it. */
  readonly failed?: readonly string[];
  /**
   * Migrations that started and have not ended, because they run or because the tool died. Absent if it is not recorded.
   */
  readonly unfinished?: readonly string[];
  /** Whether the tool is at work, by its lock. Absent if that cannot be told. */
  readonly isLocked?: boolean;
  /** The latest version that a baseline includes: versions up to it count as applied. Absent if there is none. */
  readonly baseline?: string;
  /** Names of versions, by version, if a version itself is not a name, such as Flyway's descriptions. */
  readonly names?: ReadonlyMap<string, string>;
  /** Whether the history has names. Only recent versions of some tools record names. @defaultValue `true` */
  readonly hasNames?: boolean;
  /** Why rows of the history may be hidden from the role. Absent if the role sees all rows. */
  readonly hidden?: string;
  /** pgroll: the version schemas that exist, and the version schemas of all completed migrations. */
  readonly versionSchemas?: { readonly served: readonly string[]; readonly completed: readonly string[] };
}

/** Reads the version of a schema: a source of Coalmine for each migration tool, or your own. */
export interface SchemaSource {
  /** Label of its series, such as `prisma`. */
  readonly name: string;
  /**
   * Whether each version includes the versions before it, so that the latest version says all. @defaultValue `false`
   */
  readonly isLinear?: boolean;
  /** The order of the versions. Absent if they have none, such as the changes of Liquibase and Sqitch. */
  readonly compare?: Compare;
  /** Returns the one spelling of a version, for recorded and for wanted versions. @defaultValue the version as it is */
  readonly normalise?: (version: string) => string;
  /** Whether migrations have names, which a rule for names can read. @defaultValue `true` */
  readonly hasNames?: boolean;
  /** Whether the tool serves each version in its own schema, as pgroll does. @defaultValue `false` */
  readonly hasVersionSchemas?: boolean;
  /** For the compatibility table. Absent if the database has no SQL. */
  readonly database?: Database;
  /**
   * Where the compatibility table may be; the first schema that has it counts. @defaultValue the schema of the
   * connection
   */
  readonly floorSchemas?: readonly (string | undefined)[];
  /** Reads the history, or returns `undefined` if nothing was ever migrated. Rejects if there is no history to read. */
  read(): Promise<SchemaReading | undefined>;
}

/** Returns a version as its source spells it. */
export function spellingOf(version: Version, { normalise }: Pick<SchemaSource, 'normalise'>): string {
  return normalise?.(String(version)) ?? String(version);
}
