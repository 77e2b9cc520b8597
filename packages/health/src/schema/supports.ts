import { InvalidOption, isMapping, listOption, objectOption } from '@coalmine/options';
import { COMPATIBILITY_TABLE } from './floor.js';
import { identifierOption, type Table } from './identifier.js';
import { latest, numberInVersion } from './order.js';
import { type SchemaSource, spellingOf, type Version } from './source.js';

/** Which schemas a build works with. */
export type SchemaSupports = SupportsSet | SupportsRange | SupportsVersionSchema;

/** By names, in whatever order they are applied. */
export interface SupportsSet {
  /** What must be applied. @defaultValue what the build `knows`, except for contract migrations by `floor.names` */
  readonly requires?: readonly Version[];
  /** What must not be applied. */
  readonly breaksOn?: readonly Version[];
  /** Every migration that the build was made with, as `readMigrations` lists them. */
  readonly knows?: readonly Version[];
  /**
   * Names of versions, as `readMigrations` lists them for tools whose versions are numbers: for `floor.names`. A
   * version that has a name here is known, whether it is required or not.
   */
  readonly names?: Readonly<Record<string, string>>;
  readonly floor?: FloorOptions | false;
}

/** By versions that are in order; both ends are included. */
export interface SupportsRange {
  readonly min?: Version;
  /** The newest version that the build knows. The build accepts a newer version, but not a floor above this version. */
  readonly max?: Version;
  readonly floor?: FloorOptions | false;
}

/** pgroll: by the one schema of views that the build works with. */
export interface SupportsVersionSchema {
  readonly versionSchema: string;
}

/**
 * How the database says which builds are too old for it, because an old build cannot know that. If given, it must be
 * readable. @defaultValue the table, if the build says what it `knows`, or its `max`; otherwise none
 */
export interface FloorOptions {
  /** The one-row table that a contract migration writes. @defaultValue `'schema_compatibility'` */
  readonly table?: string | false;
  /** PostgreSQL schema or MySQL database of that table. @defaultValue the schema of the source, or of the connection */
  readonly schema?: string;
  /** A migration with such a name breaks builds that do not know it, and is not required. @defaultValue no name */
  readonly names?: RegExp;
}

/** Parsed {@link SchemaSupports}, every version as its source spells it. */
export interface SupportsSettings {
  readonly requires: ReadonlySet<string>;
  readonly breaksOn: ReadonlySet<string>;
  /** Absent if only `requires` says what the build knows. */
  readonly knows: ReadonlySet<string> | undefined;
  readonly min: string | undefined;
  /** The newest version that the build knows, if versions are in order. */
  readonly newest: string | undefined;
  /** Whether a version that comes after the newest is ahead of the build. */
  readonly isBounded: boolean;
  readonly versionSchema: string | undefined;
  /** The first of the build's own migrations. Older migrations were squashed into it. */
  readonly first: string | undefined;
  /** Tables that may be the compatibility table; the first that exists counts. */
  readonly floorTables: readonly Table[];
  /** Whether the options ask for the compatibility table. Otherwise it is read only if it exists. */
  readonly isFloorAsked: boolean;
  readonly contract: RegExp | undefined;
  /** The floor above which the build breaks, if it is a number. */
  readonly floorRequired: number | undefined;
}

const KEYS = ['requires', 'breaksOn', 'knows', 'names', 'min', 'max', 'versionSchema', 'floor'] as const;
type Any = SupportsSet & SupportsRange & Partial<SupportsVersionSchema>;

/** Parses what a build supports, for the source of its schema. Throws `InvalidOption`. */
export function parseSupports(supports: SchemaSupports, source: SchemaSource): SupportsSettings {
  const given = objectOption('supports', supports as Any | undefined, KEYS);
  demandOneForm(supports, given);
  const spell = (version: Version): string => spellingOf(version, source);
  const set = (key: 'requires' | 'breaksOn' | 'knows'): ReadonlySet<string> | undefined =>
    given[key] && new Set(listOption(`supports.${key}`, given[key], 'a version', isVersion).map(spell));
  const end = (key: 'min' | 'max'): string | undefined => {
    const version = given[key];
    if (version === undefined) return undefined;
    if (!isVersion(version)) throw new InvalidOption(`supports.${key}`, 'a version', version);
    if (source.compare === undefined) {
      throw new InvalidOption(
        `supports.${key}`,
        `left out: the versions of ${source.name} have no order; list them in requires`,
        version,
      );
    }
    return spell(version);
  };

  const min = end('min');
  const max = end('max');
  if (min !== undefined && max !== undefined && (source.compare?.(min, max) ?? 0) > 0) {
    throw new InvalidOption('supports.max', `at least min, ${min}`, given.max);
  }
  const knows = set('knows');
  const names = parseNames(given.names, spell);
  const floor = parseFloor(given.floor, knows !== undefined || max !== undefined, source);
  const requires =
    set('requires') ??
    new Set([...(knows ?? [])].filter((version) => !floor.names?.test(names.get(version) ?? version)));
  const { compare } = source;
  const newest = compare && (max ?? latest([...(knows ?? []), ...requires], compare));
  return {
    requires,
    breaksOn: set('breaksOn') ?? new Set(),
    knows: knows && new Set([...knows, ...requires, ...names.keys()]),
    min,
    newest,
    isBounded: max !== undefined || min === undefined,
    first: knows && (compare === undefined ? [...knows][0] : latest(knows, (a, b) => compare(b, a))),
    versionSchema: versionSchemaOf(given, source),
    floorTables: floor.tables,
    isFloorAsked: given.floor !== undefined,
    contract: floor.names,
    floorRequired: newest === undefined ? undefined : numberInVersion(newest),
  };
}

function demandOneForm(supports: unknown, given: Any): void {
  const forms = [['requires', 'breaksOn', 'knows', 'names'], ['min', 'max'], ['versionSchema']].filter((keys) =>
    keys.some((key) => given[key as keyof Any] !== undefined),
  );
  if (forms.length !== 1) {
    throw new InvalidOption(
      'supports',
      'one of { requires, breaksOn, knows }, { min, max } and { versionSchema }',
      supports,
    );
  }
}

function versionSchemaOf({ versionSchema }: Any, source: SchemaSource): string | undefined {
  if (versionSchema === undefined) return undefined;
  if (typeof versionSchema !== 'string' || versionSchema === '') {
    throw new InvalidOption('supports.versionSchema', 'the name of a schema', versionSchema);
  }
  if (!source.hasVersionSchemas) {
    throw new InvalidOption('supports.versionSchema', `left out: ${source.name} has no version schemas`, versionSchema);
  }
  return versionSchema;
}

/** Returns the listed names, by version. */
function parseNames(
  names: Readonly<Record<string, string>> | undefined,
  spell: (version: string) => string,
): ReadonlyMap<string, string> {
  if (names === undefined) return new Map();
  if (!isMapping(names)) throw new InvalidOption('supports.names', 'an object of names, by version', names);
  return new Map(
    Object.entries(names).map(([version, name]) => {
      if (typeof name !== 'string') throw new InvalidOption(`supports.names.${version}`, 'a name', name);
      return [spell(version), name];
    }),
  );
}

interface Floor {
  readonly tables: readonly Table[];
  readonly names: RegExp | undefined;
}

function parseFloor(floor: FloorOptions | false | undefined, isDefault: boolean, source: SchemaSource): Floor {
  if (floor === false || (floor === undefined && !isDefault)) return { tables: [], names: undefined };
  const { table, schema, names } = objectOption('supports.floor', floor, ['table', 'schema', 'names']);
  demandRule(names, source);
  if (table !== undefined && table !== false && source.database === undefined) {
    throw new InvalidOption('supports.floor.table', `left out: ${source.name} has no SQL`, table);
  }
  if (table === false || source.database === undefined) return { tables: [], names };
  const name = identifierOption('supports.floor.table', table ?? COMPATIBILITY_TABLE);
  const given = identifierOption('supports.floor.schema', schema);
  const schemas = given === undefined ? (source.floorSchemas ?? [undefined]) : [given];
  return { tables: schemas.map((each) => ({ name, schema: each })), names };
}

function demandRule(names: RegExp | undefined, { name, hasNames = true }: SchemaSource): void {
  if (names === undefined) return;
  if (!(names instanceof RegExp)) throw new InvalidOption('supports.floor.names', 'a regular expression', names);
  if (names.global || names.sticky) {
    throw new InvalidOption('supports.floor.names', 'without the flags g and y, which make it remember', String(names));
  }
  if (!hasNames) {
    throw new InvalidOption(
      'supports.floor.names',
      `left out: ${name} records no names of migrations; raise the floor in the table instead`,
      String(names),
    );
  }
}

function isVersion(version: unknown): version is Version {
  return (typeof version === 'string' && version !== '') || (typeof version === 'number' && Number.isFinite(version));
}
