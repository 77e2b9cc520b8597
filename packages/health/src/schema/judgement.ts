import { hasLargerNumber } from './order.js';
import type { SchemaReading, SchemaSource } from './source.js';
import type { SupportsSettings } from './supports.js';

/** How a schema fits a build, by the recorded migrations only. */
type Fit = 'compatible' | 'ahead' | 'behind' | 'incompatible' | 'unmigrated';

export interface Judgement {
  readonly fit: Fit;
  /** The reason, for those who may see details. */
  readonly reason: string;
  /**
   * Whose migration failed, or was given up: one that the build knows, or one of the next release. Absent if none did.
   */
  readonly failure?: 'own' | 'foreign';
}

type Kind = Pick<SchemaSource, 'isLinear' | 'compare'>;

/** Whether a reading contains a migration. */
export function hasMigration(
  { applied, unfinished = [], baseline }: SchemaReading,
  version: string,
  { isLinear, compare }: Kind,
): boolean {
  if (unfinished.includes(version)) return false;
  if (baseline !== undefined && compare !== undefined && compare(version, baseline) <= 0) return true;
  if (!isLinear || compare === undefined) return applied.includes(version);
  return applied.some((each) => compare(each, version) >= 0);
}

/**
 * Returns how a reading fits a build. `floors` are what the database says about the oldest build that it still works
 * with. What breaks the build is reported before what it lacks.
 */
export function judge(
  reading: SchemaReading,
  supports: SupportsSettings,
  source: Kind,
  floors: readonly string[],
): Judgement {
  const judgement = judgeFit(reading, supports, source, floors);
  const failed = [...(reading.failed ?? []), ...(reading.unfinished ?? [])];
  if (failed.length === 0) return judgement;
  const isOwn = failed.some((version) => isKnown(version, reading, supports, source));
  return { ...judgement, failure: isOwn ? 'own' : 'foreign' };
}

function judgeFit(
  reading: SchemaReading,
  supports: SupportsSettings,
  source: Kind,
  floors: readonly string[],
): Judgement {
  if (supports.versionSchema !== undefined) return judgeVersionSchema(reading, supports.versionSchema);
  const has = (version: string): boolean => hasMigration(reading, version, source);

  const breaking = [...supports.breaksOn].filter(has);
  if (breaking.length > 0)
    return { fit: 'incompatible', reason: `applied, and this build cannot work with it: ${joinFirst(breaking)}` };
  const above = floors.filter((floor) => !isKnown(floor, reading, supports, source));
  if (above.length > 0) {
    return {
      fit: 'incompatible',
      reason: `the floor of the database is ${joinFirst(above)}, which this build does not know`,
    };
  }
  const unknown = reading.applied.filter((version) => !isKnown(version, reading, supports, source));
  const contracts = unknown.filter((version) => supports.contract?.test(reading.names?.get(version) ?? version));
  if (contracts.length > 0)
    return {
      fit: 'incompatible',
      reason: `contract migrations that this build does not know: ${joinFirst(contracts)}`,
    };

  const missing = [...supports.requires].filter((version) => !has(version));
  if (missing.length > 0) return { fit: 'behind', reason: `not applied: ${joinFirst(missing)}` };
  if (supports.min !== undefined && !isReached(supports.min, reading, source)) {
    return { fit: 'behind', reason: `at ${reading.applied.at(-1) ?? 'no version'}, below ${supports.min}` };
  }
  if (supports.isBounded && unknown.length > 0)
    return { fit: 'ahead', reason: `applied, and newer than this build: ${joinFirst(unknown)}` };
  return { fit: 'compatible', reason: 'what this build works with' };
}

/**
 * Whether a build knows a version: by its list, or otherwise by its newest version. If it has neither, it knows all
 * versions.
 */
function isKnown(version: string, reading: SchemaReading, supports: SupportsSettings, { compare }: Kind): boolean {
  const { knows, newest, requires } = supports;
  if (knows !== undefined) return knows.has(version) || isSquashed(version, reading, supports, compare);
  if (compare === undefined) return requires.size === 0 || requires.has(version);
  return newest === undefined || compare(version, newest) <= 0;
}

/**
 * Whether a version came before the first migration of the build, in the history or by its name. The first migration
 * creates the schema from nothing, so everything before it was squashed into it.
 */
function isSquashed(
  version: string,
  { applied }: SchemaReading,
  { first }: SupportsSettings,
  compare: Kind['compare'],
): boolean {
  if (first === undefined) return false;
  // By name, `10_b` comes before `1_a`. It must not count as older only because of that.
  if (compare !== undefined && compare(version, first) < 0 && !hasLargerNumber(version, first)) return true;
  const index = applied.indexOf(version);
  return index >= 0 && index < applied.indexOf(first);
}

function isReached(min: string, { applied, unfinished = [] }: SchemaReading, { compare }: Kind): boolean {
  return applied.some((version) => {
    const order = compare?.(version, min) ?? -1;
    // A version that is unfinished is not reached, but the versions before it are.
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

function joinFirst(versions: readonly string[]): string {
  const more = versions.length - LISTED;
  return versions.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
