import type { SchemaReading, SchemaSource } from './source.js';
import type { SupportsSettings } from './supports.js';

/** How a schema and a build fit, from what is recorded alone. */
type Fit = 'compatible' | 'ahead' | 'behind' | 'incompatible' | 'unmigrated';

export interface Judgement {
  readonly fit: Fit;
  /** For those who may see details. */
  readonly reason: string;
}

/** Whether a reading has a migration. */
export function hasMigration(
  { applied, unfinished = [] }: SchemaReading,
  version: string,
  { isLinear, compare }: Pick<SchemaSource, 'isLinear' | 'compare'>,
): boolean {
  if (unfinished.includes(version)) return false;
  if (!isLinear || compare === undefined) return applied.includes(version);
  return applied.some((each) => compare(each, version) >= 0);
}

/**
 * How a reading fits a build; `floor` is what the database says of the oldest build it still works with. What breaks the
 * build comes before what it lacks.
 */
export function judge(
  reading: SchemaReading | undefined,
  supports: SupportsSettings,
  source: Pick<SchemaSource, 'isLinear' | 'compare'>,
  floor?: string,
): Judgement {
  if (reading === undefined) return { fit: 'unmigrated', reason: 'no migration was ever applied' };
  if (supports.versionSchema !== undefined) return judgeVersionSchema(reading, supports.versionSchema);
  const has = (version: string): boolean => hasMigration(reading, version, source);

  const breaking = [...supports.breaksOn].filter(has);
  if (breaking.length > 0)
    return { fit: 'incompatible', reason: `applied, which this build cannot work with: ${list(breaking)}` };
  if (floor !== undefined && !isKnown(floor, supports, source)) {
    return { fit: 'incompatible', reason: `the floor of the database is ${floor}, which this build does not know` };
  }
  const unknown = reading.applied.filter((version) => !isKnown(version, supports, source));
  const contracts = unknown.filter((version) => supports.contract?.test(version));
  if (contracts.length > 0)
    return { fit: 'incompatible', reason: `contract migrations that this build does not know: ${list(contracts)}` };

  const missing = [...supports.requires].filter((version) => !has(version));
  if (missing.length > 0) return { fit: 'behind', reason: `not applied: ${list(missing)}` };
  if (supports.min !== undefined && !isReached(supports.min, reading, source)) {
    return { fit: 'behind', reason: `at ${reading.applied.at(-1) ?? 'no version'}, below ${supports.min}` };
  }
  if (supports.isBounded && unknown.length > 0)
    return { fit: 'ahead', reason: `applied, and newer than this build: ${list(unknown)}` };
  return { fit: 'compatible', reason: 'what this build works with' };
}

/** Whether a build knows a version: by its list, or else by the newest that it knows. Where it says neither, it does. */
function isKnown(
  version: string,
  { knows, newest, requires }: SupportsSettings,
  { compare }: Pick<SchemaSource, 'compare'>,
): boolean {
  if (knows !== undefined) return knows.has(version);
  if (compare === undefined) return requires.size === 0 || requires.has(version);
  return newest === undefined || compare(version, newest) <= 0;
}

function isReached(
  min: string,
  { applied, unfinished = [] }: SchemaReading,
  { compare }: Pick<SchemaSource, 'compare'>,
): boolean {
  return applied.some((version) => {
    const order = compare?.(version, min) ?? -1;
    // A version that is unfinished is not reached, but those before it are.
    return unfinished.includes(version) ? order > 0 : order >= 0;
  });
}

function judgeVersionSchema({ versionSchemas }: SchemaReading, wanted: string): Judgement {
  if (versionSchemas?.served.includes(wanted)) return { fit: 'compatible', reason: `${wanted} is served` };
  if (versionSchemas?.completed.includes(wanted)) {
    return { fit: 'incompatible', reason: `${wanted} was served and is no more` };
  }
  return { fit: 'behind', reason: `${wanted} is not served yet` };
}

const LISTED = 5;

function list(versions: readonly string[]): string {
  const more = versions.length - LISTED;
  return versions.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
