import {
  choiceOption,
  InvalidOption,
  listOption,
  objectOption,
  secondsOption,
  secondsOrZeroOption,
} from '@coalmine/options';
import type { SchemaSource } from './source.js';
import { parseSupports, type SchemaSupports, type SupportsSettings } from './supports.js';

/**
 * The state of a schema for a build.
 *
 * `compatible` and `ahead` fit. `behind` and `unmigrated` lack something; `incompatible` has something that breaks the
 * build. With `migrating` a migration is running; with `failed` one has failed. With `unreachable` the database did not
 * respond. With `unknown` the schema was not read yet, or cannot be read.
 */
export type SchemaState = (typeof SCHEMA_STATES)[number];

export const SCHEMA_STATES = [
  'compatible',
  'ahead',
  'behind',
  'unmigrated',
  'incompatible',
  'migrating',
  'failed',
  'unreachable',
  'unknown',
] as const;

export interface SchemaOptions {
  /** Where the version is read: `sources.prisma(client)`, `sources.knex(client)`, … */
  readonly source: SchemaSource;
  /** Which versions this build works with. */
  readonly supports: SchemaSupports;
  /** Seconds between readings, plus or minus 15 %. @defaultValue `10` */
  readonly periodSeconds?: number;
  /** Seconds after which a reading has failed. The next reading starts only after it has ended. @defaultValue `2` */
  readonly timeoutSeconds?: number;
  /** Seconds for which a process that was never ready waits for a migration that runs. @defaultValue `60` */
  readonly graceSeconds?: number;
  /** Seconds without a reading for which the last one is good enough for a process that serves. @defaultValue `60` */
  readonly staleAfterSeconds?: number;
  /**
   * Whether a process that was never ready joins, with a warning, or waits, if a migration failed that its build does
   * not know, such as a migration of the next release. The process waits if `leaveOn` has `failed`. @defaultValue
   * `'join'`
   */
  readonly onUnknownFailure?: 'join' | 'wait';
  /** States in which a process that has been ready leaves. @defaultValue none: it stays, with a warning */
  readonly leaveOn?: readonly SchemaState[];
  /** Seconds over which the pods spread their leaving. @defaultValue `30` */
  readonly leaveWithinSeconds?: number;
}

/** Parsed {@link SchemaOptions}. */
export interface SchemaSettings {
  readonly source: SchemaSource;
  readonly supports: SupportsSettings;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly graceSeconds: number;
  readonly staleAfterSeconds: number;
  readonly onUnknownFailure: 'join' | 'wait';
  readonly leaveOn: readonly SchemaState[];
  readonly leaveWithinSeconds: number;
}

const KEYS = [
  'source',
  'supports',
  'periodSeconds',
  'timeoutSeconds',
  'graceSeconds',
  'staleAfterSeconds',
  'onUnknownFailure',
  'leaveOn',
  'leaveWithinSeconds',
] as const;
// States that are no reason to leave in any service.
const GOOD: readonly SchemaState[] = ['compatible', 'ahead', 'migrating'];

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `schema`. */
export function parseSchema(options: SchemaOptions): SchemaSettings {
  const given = objectOption('schema', options, KEYS);
  const { source, supports } = given;
  if (typeof source?.read !== 'function' || typeof source.name !== 'string') {
    throw new InvalidOption('source', 'a source such as sources.prisma(client)', source);
  }
  if (supports === undefined)
    throw new InvalidOption('supports', 'given: which versions this build works with', supports);
  const bad = SCHEMA_STATES.filter((state) => !GOOD.includes(state));
  return {
    source,
    supports: parseSupports(supports, source),
    periodSeconds: secondsOption('periodSeconds', given.periodSeconds, 10),
    timeoutSeconds: secondsOption('timeoutSeconds', given.timeoutSeconds, 2),
    graceSeconds: secondsOrZeroOption('graceSeconds', given.graceSeconds, 60),
    staleAfterSeconds: secondsOrZeroOption('staleAfterSeconds', given.staleAfterSeconds, 60),
    onUnknownFailure: choiceOption('onUnknownFailure', given.onUnknownFailure, ['join', 'wait'], 'join'),
    leaveOn: listOption('leaveOn', given.leaveOn, `one of ${bad.join(', ')}`, (state) => bad.includes(state)),
    leaveWithinSeconds: secondsOrZeroOption('leaveWithinSeconds', given.leaveWithinSeconds, 30),
  };
}
