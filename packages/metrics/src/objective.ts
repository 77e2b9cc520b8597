import { InvalidOption, isMapping, objectOption, secondsOption, warn } from '@coalmine/options';

// No user waits for so many seconds, and an objective in milliseconds is hardly ever lower.
const LONG_SECONDS = 100;

/** What the service promises to its users, in seconds. */
export interface ObjectiveOptions {
  /**
   * Seconds within which a response should end. The latency of the service is always a bucket bound. @defaultValue
   * `0.5`
   */
  readonly latency?: number;
  /**
   * Seconds after which a user who leaves was failed (504), not merely impatient (499).
   * @defaultValue four times `latency`, the point from which Apdex calls a user frustrated
   */
  readonly patience?: number;
}

/** A parsed {@link ObjectiveOptions}; both in seconds. */
export interface Objective {
  readonly latency: number;
  readonly patience: number;
}

/**
 * Parses an objective. An absent value comes from `base`; if only a latency is given, the patience is four times that
 * latency. Warns if the latency looks like milliseconds.
 */
export function parseObjective(options: ObjectiveOptions | undefined, base?: Objective): Objective {
  const given = objectOption('objective', options, ['latency', 'patience']);
  const latency = secondsOption('objective.latency', given.latency, base?.latency ?? 0.5);
  const patience = given.latency === undefined && base !== undefined ? base.patience : 4 * latency;
  const objective = { latency, patience: secondsOption('objective.patience', given.patience, patience) };
  if (objective.patience < latency) {
    throw new InvalidOption('objective.patience', `at least the latency of ${latency} seconds`, objective.patience);
  }
  if (latency >= LONG_SECONDS && given.latency !== undefined) {
    warn(
      'COALMINE_LONG_OBJECTIVE',
      `objective.latency is ${latency} seconds, so a faster response never counts as slow: write ${latency / 1000} if milliseconds are meant`,
      given,
    );
  }
  return objective;
}

/**
 * Returns an objective as it is if it has both numbers, and otherwise parses it: code without types may leave one out.
 * Throws `InvalidOption`.
 */
export function completeObjective(objective: Objective, base: Objective): Objective {
  const { latency = 0, patience = 0 }: Partial<Objective> = isMapping(objective) ? objective : {};
  const isComplete = latency > 0 && patience >= latency && Number.isFinite(patience);
  return isComplete ? objective : parseObjective(objective, base);
}
