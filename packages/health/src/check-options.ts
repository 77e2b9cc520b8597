import { choiceOption, functionOption, InvalidOption, isMapping, objectOption, secondsOption } from '@coalmine/options';
import { parseThreshold, type Threshold, type ThresholdSettings } from './hysteresis.js';

/**
 * What a check that does not pass means.
 *
 * - `startup`: the process has not started. Once the check has passed, it no longer counts.
 * - `joining`: the process must not join, but it does not leave either, once it has been ready.
 * - `critical`: the process is not ready, whether it has been ready before or not. Use it only for something that
 *   belongs
 *   to this process, never for something that all pods share: all of them would leave at the same time.
 * - `advisory`: a warning.
 */
export type CheckKind = 'startup' | 'joining' | 'critical' | 'advisory';

export type Status = 'pass' | 'warn' | 'fail';

/** The result of a check, besides `true` and `false`. The names come from `application/health+json`. */
export interface CheckAnswer {
  readonly status: Status;
  /** The reason, for those who may see details. */
  readonly output?: string;
  readonly observedValue?: unknown;
  readonly observedUnit?: string;
}

/**
 * Runs a check. It passes unless it throws, rejects, or returns `false` or an error. A check of the kind `startup` also
 * fails if it returns `undefined` or `null`. `signal` is aborted at the timeout.
 */
export type Run = (signal: AbortSignal) => unknown;

/** A check, run in the background. A function is short for `{ run }`. */
export type HealthCheck = Run | CheckOptions;

export interface CheckOptions {
  readonly run: Run;
  /** @defaultValue `'joining'` */
  readonly kind?: CheckKind;
  /** Seconds between runs, plus or minus 15 %. @defaultValue `10` */
  readonly periodSeconds?: number;
  /** Seconds after which a run has failed. It is not run again before it has ended. @defaultValue `2` */
  readonly timeoutSeconds?: number;
  /** Failures after which a check that passed fails. @defaultValue `{ runs: 3 }`: three in a row */
  readonly failing?: Threshold;
  /** Passes after which a check that failed passes. @defaultValue `{ runs: 1 }` */
  readonly passing?: Threshold;
  /** Seconds after which a result is doubtful: a warning. @defaultValue three periods and a timeout */
  readonly staleAfterSeconds?: number;
  /** Seconds after which a result is void: a failure. @defaultValue ten periods and a timeout */
  readonly expiresAfterSeconds?: number;
  /**
   * Makes liveness fail, so that Kubernetes restarts the process, if the check keeps failing although its witness
   * passes. For a check of the kind `joining` or `critical`. @defaultValue never
   */
  readonly liveness?: LivenessOptions;
}

/** When a check that fails should end in a restart. */
export interface LivenessOptions {
  /**
   * Seconds for which the check must have failed while the witness passed. Each process waits up to half as long again,
   * so that processes that got stuck by one cause do not restart together.
   */
  readonly afterSeconds: number;
  /**
   * Proves that the dependency works, without the part that may be stuck: over a connection of its own. It passes like
   * a check of the kind `startup`. It runs while the check fails, as often as the check.
   */
  readonly witness: Run;
}

/** Parsed {@link LivenessOptions}. */
export type LivenessSettings = Required<LivenessOptions>;

/** Parsed {@link HealthCheck}. */
export interface CheckSettings {
  readonly run: Run;
  readonly kind: CheckKind;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failing: ThresholdSettings;
  readonly passing: ThresholdSettings;
  readonly staleAfterSeconds: number;
  readonly expiresAfterSeconds: number;
  readonly liveness: LivenessSettings | undefined;
}

export const CHECK_KINDS: readonly CheckKind[] = ['startup', 'joining', 'critical', 'advisory'];
/** The options that say when a check runs, and how its results count. */
export const RUN_KEYS = [
  'periodSeconds',
  'timeoutSeconds',
  'failing',
  'passing',
  'staleAfterSeconds',
  'expiresAfterSeconds',
  'liveness',
] as const;
const KEYS = ['run', 'kind', ...RUN_KEYS] as const;

/** Parses the checks, by name. Throws `InvalidOption`. */
export function parseChecks(
  checks: Readonly<Record<string, HealthCheck>> | undefined,
): ReadonlyMap<string, CheckSettings> {
  if (checks === undefined) return new Map();
  if (!isMapping(checks)) throw new InvalidOption('checks', 'an object of checks by name', checks);
  return new Map(
    Object.entries(checks).map(([name, check]) => {
      // The name is the last part of a path, and a label.
      if (!/^[\w.-]{1,64}$/.test(name)) {
        throw new InvalidOption(
          'checks',
          'keyed by names of up to 64 letters, digits, dots, dashes and underscores',
          name,
        );
      }
      return [name, parseCheck(`checks.${name}`, check)];
    }),
  );
}

function parseCheck(name: string, check: HealthCheck): CheckSettings {
  const given: CheckOptions = typeof check === 'function' ? { run: check } : check;
  const options = objectOption(name, given, KEYS);
  const run = functionOption(`${name}.run`, options.run);
  if (run === undefined) throw new InvalidOption(`${name}.run`, 'a function', run);
  const periodSeconds = secondsOption(`${name}.periodSeconds`, options.periodSeconds, 10);
  const timeoutSeconds = secondsOption(`${name}.timeoutSeconds`, options.timeoutSeconds, 2);
  const staleAfterSeconds = secondsOption(
    `${name}.staleAfterSeconds`,
    options.staleAfterSeconds,
    3 * periodSeconds + timeoutSeconds,
  );
  const expiresAfterSeconds = secondsOption(
    `${name}.expiresAfterSeconds`,
    options.expiresAfterSeconds,
    Math.max(10 * periodSeconds + timeoutSeconds, staleAfterSeconds),
  );
  if (expiresAfterSeconds < staleAfterSeconds) {
    const accepted = `at least staleAfterSeconds, ${staleAfterSeconds}`;
    throw new InvalidOption(`${name}.expiresAfterSeconds`, accepted, expiresAfterSeconds);
  }
  const kind = choiceOption(`${name}.kind`, options.kind, CHECK_KINDS, 'joining');
  return {
    run,
    kind,
    periodSeconds,
    timeoutSeconds,
    failing: parseThreshold(`${name}.failing`, options.failing, 3),
    passing: parseThreshold(`${name}.passing`, options.passing, 1),
    staleAfterSeconds,
    expiresAfterSeconds,
    liveness: parseLiveness(`${name}.liveness`, options.liveness, { kind, periodSeconds, timeoutSeconds }),
  };
}

function parseLiveness(
  name: string,
  liveness: LivenessOptions | undefined,
  { kind, periodSeconds, timeoutSeconds }: Pick<CheckSettings, 'kind' | 'periodSeconds' | 'timeoutSeconds'>,
): LivenessSettings | undefined {
  if (liveness === undefined) return undefined;
  if (kind !== 'joining' && kind !== 'critical') {
    throw new InvalidOption(name, `left out of a check of the kind ${kind}`, liveness);
  }
  const { afterSeconds, witness } = objectOption(name, liveness, ['afterSeconds', 'witness']);
  if (typeof witness !== 'function') throw new InvalidOption(`${name}.witness`, 'a function', witness);
  // When something that pods share comes back, the witness may see it one period before the check does.
  const least = 2 * periodSeconds + timeoutSeconds;
  if (typeof afterSeconds !== 'number' || !Number.isFinite(afterSeconds) || afterSeconds < least) {
    const accepted = `at least two periods and the timeout of the check, ${least}`;
    throw new InvalidOption(`${name}.afterSeconds`, accepted, afterSeconds);
  }
  return { afterSeconds, witness };
}
