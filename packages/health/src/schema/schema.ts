import { warn } from '@coalmine/options';
import { createPoll } from '../poll.js';
import { oneLine, reasonOf } from '../reason.js';
import { failureOf, Unreadable } from './failure.js';
import { readFloor } from './floor.js';
import { hasMigration, type Judgement, judge } from './judgement.js';
import { parseSchema, type SchemaOptions, type SchemaSettings, type SchemaState } from './schema-options.js';
import { type SchemaReading, type SchemaSource, spellingOf } from './source.js';

/** The schema of one database, read in the background and served from memory. */
export interface Schema {
  /** Label of its series. */
  readonly name: string;
  /**
   * Whether a migration is applied, by the last reading: for code that must work before and after the migration. False
   * before the first reading. While the database does not respond, the last reading counts.
   */
  has(migration: string | number): boolean;
  state(): SchemaState;
  /** Returns why it is in that state. The reason names migrations, so show it only to those who may see details. */
  reason(): string;
  /** Epoch milliseconds of the last reading that succeeded. */
  readonly readAt: number | undefined;
  /** The highest floor that this build works with, if versions are numbers. */
  readonly floorRequired: number | undefined;
  /** Whether a process that was never ready may join. */
  mayJoin(): boolean;
  /** Returns what the state means to a process that has been ready. */
  whileServing(): 'pass' | 'warn' | 'fail';
  /** Starts to read in the background. A second call does nothing. */
  start(): void;
  stop(): void;
  /**
   * Reads now, for code that needs the state before the first request. Resolves within the timeout, with or without a
   * reading.
   */
  refresh(): Promise<void>;
}

interface Answer {
  /** `undefined` if nothing was ever migrated. */
  readonly reading: SchemaReading | undefined;
  readonly judgement: Judgement;
}

interface Known extends Answer {
  /** On the monotonic clock. */
  readonly at: number;
  readonly readAt: number;
}

/** Creates a schema. Throws `InvalidOption`, which names the option by its path below `schema`. */
export function createSchema(options: SchemaOptions): Schema {
  return schemaOf(parseSchema(options));
}

function schemaOf(settings: SchemaSettings): Schema {
  const { source, supports, graceSeconds, staleAfterSeconds, leaveOn, leaveWithinSeconds } = settings;
  // Otherwise the process would join and leave at once.
  const joinsUnknownFailure = settings.onUnknownFailure === 'join' && !leaveOn.includes('failed');
  const leaveAfterSeconds = Math.random() * leaveWithinSeconds;
  let known: Known | undefined;
  let problem: { readonly state: 'unreachable' | 'unknown'; readonly reason: string } | undefined;
  let migratingSince: number | undefined;
  let leavingSince: number | undefined;
  let told: SchemaState | undefined;
  let isFloorTold = false;
  let hasFitted = false;

  const poll = createPoll<Answer>({
    periodSeconds: settings.periodSeconds,
    timeoutSeconds: settings.timeoutSeconds,
    ask,
    answered: takeAnswer,
    failed(error) {
      const failure = failureOf(error);
      if (failure === 'missing') return takeAnswer(answerUnmigrated(reasonOf(error)));
      problem = { state: failure === 'refused' ? 'unknown' : 'unreachable', reason: reasonOf(error) };
      warnOfChange();
    },
    // Until the schema fits for the first time, somebody may be waiting for it.
    isUrgent: () => !hasFitted,
  });

  return {
    name: source.name,
    has(migration) {
      return known?.reading !== undefined && hasMigration(known.reading, spellingOf(migration, source), source);
    },
    state,
    reason,
    get readAt() {
      return known?.readAt;
    },
    floorRequired: supports.floorRequired,
    mayJoin,
    whileServing,
    start: poll.start,
    stop: poll.stop,
    refresh: poll.refresh,
  };

  async function ask(): Promise<Answer> {
    const read = await source.read();
    if (read === undefined) return answerUnmigrated('no migration was ever applied');
    const reading = spellVersions(read, source);
    if (supports.contract !== undefined && reading.hasNames === false) {
      throw new Unreadable(
        `the history of ${source.name} has no names of migrations, which supports.floor.names needs`,
      );
    }
    const judgement = judge(reading, supports, source, await floors());
    // Rows that the role does not see may change the judgement, unless a row breaks the build.
    if (reading.hidden !== undefined && judgement.fit !== 'incompatible') {
      throw new Unreadable(`${reading.hidden}; by the rows that it sees: ${judgement.fit}, ${judgement.reason}`);
    }
    return { reading, judgement };
  }

  async function floors(): Promise<readonly string[]> {
    if (source.database === undefined) return [];
    const { floors, hidden } = await readFloor(source.database, supports.floorTables);
    if (hidden === undefined) return floors.map((floor) => spellingOf(floor, source));
    const why = `it cannot be told whether there is a floor: ${hidden}`;
    if (supports.isFloorAsked) throw new Unreadable(why);
    if (!isFloorTold) warn('COALMINE_FLOOR_HIDDEN', oneLine(`Schema of ${source.name}: ${why}`));
    isFloorTold = true;
    return [];
  }

  function takeAnswer(answer: Answer): void {
    known = { ...answer, at: performance.now(), readAt: Date.now() };
    problem = undefined;
    migratingSince = isAtWork(answer.reading) ? (migratingSince ?? known.at) : undefined;
    hasFitted ||= mayJoin();
    warnOfChange();
  }

  function state(): SchemaState {
    if (problem !== undefined) return problem.state;
    if (known === undefined) return 'unknown';
    const { reading, judgement } = known;
    if (isAtWork(reading) && (reading?.isLocked || isInGrace())) return 'migrating';
    if (judgement.failure === 'own') return 'failed';
    // What this build lacks matters more to it than the failed migration of another build.
    return judgement.failure === 'foreign' && fits(judgement.fit) ? 'failed' : judgement.fit;
  }

  function reason(): string {
    return oneLine(why());
  }

  function why(): string {
    if (problem !== undefined) return problem.reason;
    if (known === undefined) return 'not read yet';
    const { reading, judgement } = known;
    const now = state();
    if (now === 'migrating') return `a migration runs; ${judgement.fit}: ${judgement.reason}`;
    if (now !== 'failed') return judgement.reason;
    const names = [...(reading?.failed ?? []), ...(reading?.unfinished ?? [])];
    const unknown = judgement.failure === 'foreign' ? ', and unknown to this build' : '';
    return `failed, or given up half-way${unknown}: ${names.join(', ')}`;
  }

  function mayJoin(): boolean {
    const now = state();
    if (now === 'migrating') return !isInGrace() && fits(known?.judgement.fit);
    if (now === 'failed') return known?.judgement.failure === 'foreign' && joinsUnknownFailure;
    return fits(now);
  }

  function whileServing(): 'pass' | 'warn' | 'fail' {
    const now = state();
    if (isLeaving(now)) return 'fail';
    if (fits(now)) return 'pass';
    if (now !== 'unreachable' || known === undefined) return 'warn';
    const isFresh = performance.now() - known.at <= 1000 * staleAfterSeconds;
    return isFresh && isFine(known) ? 'pass' : 'warn';
  }

  function isLeaving(now: SchemaState): boolean {
    if (!leaveOn.includes(now)) {
      leavingSince = undefined;
      return false;
    }
    leavingSince ??= performance.now();
    return performance.now() - leavingSince >= 1000 * leaveAfterSeconds;
  }

  function isInGrace(): boolean {
    return migratingSince !== undefined && performance.now() - migratingSince < 1000 * graceSeconds;
  }

  /** Emits a warning if the state has changed: a pod that does not join must not be silent about the reason. */
  function warnOfChange(): void {
    const now = state();
    if (now === told) return;
    const isNews = told !== undefined || !fits(now);
    told = now;
    if (!isNews) return;
    warn('COALMINE_SCHEMA_STATE', `The schema of ${source.name} is ${now}: ${reason()}`);
  }
}

/** Returns a reading whose versions are all spelled like the versions that a build supports. */
function spellVersions(reading: SchemaReading, { normalise }: SchemaSource): SchemaReading {
  if (normalise === undefined) return reading;
  const { applied, failed, unfinished, baseline, names, ...rest } = reading;
  return {
    ...rest,
    applied: applied.map(normalise),
    ...(baseline === undefined ? {} : { baseline: normalise(baseline) }),
    ...(names === undefined ? {} : { names: new Map([...names].map(([version, name]) => [normalise(version), name])) }),
    ...(failed === undefined ? {} : { failed: failed.map(normalise) }),
    ...(unfinished === undefined ? {} : { unfinished: unfinished.map(normalise) }),
  };
}

/**
 * Whether the tool is at work: by its lock, or, if the lock is unknown, by migrations that have started and not ended.
 */
function isAtWork(reading: SchemaReading | undefined): boolean {
  if (reading === undefined) return false;
  return reading.isLocked ?? (reading.unfinished ?? []).length > 0;
}

function isFine({ judgement }: Known): boolean {
  return judgement.failure === undefined && fits(judgement.fit);
}

function answerUnmigrated(reason: string): Answer {
  return { reading: undefined, judgement: { fit: 'unmigrated', reason } };
}

function fits(state: SchemaState | undefined): boolean {
  return state === 'compatible' || state === 'ahead';
}
