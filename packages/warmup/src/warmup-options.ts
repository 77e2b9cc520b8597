import { functionOption, InvalidOption, integerOption, objectOption, secondsOption } from '@coalmine/options';

/** When a pod is warm, and what is withheld before. */
export interface WarmupOptions {
  /** Seconds past its readiness for which a pod is cold at least. @defaultValue `30` */
  readonly minSeconds?: number;
  /** Users that a pod must have served to be warm. @defaultValue `0` */
  readonly minRequests?: number;
  /** Seconds past its readiness after which a pod is warm in any case. @defaultValue `300` */
  readonly maxSeconds?: number;
  /**
   * What does not count while the pod is cold. With `'all'`, a canary that crashes before it is warm never shows an
   * error. @defaultValue `'latency'`
   */
  readonly withhold?: 'latency' | 'all';
  /** Monotonic clock in milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

/** Parsed {@link WarmupOptions}. */
export type WarmupSettings = Required<WarmupOptions>;

const KEYS = ['minSeconds', 'minRequests', 'maxSeconds', 'withhold', 'now'];

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `warmup`. */
export function parseWarmup(options: WarmupOptions | undefined): WarmupSettings {
  const {
    minSeconds = 30,
    minRequests,
    maxSeconds,
    withhold = 'latency',
    now,
  } = objectOption('options', options, KEYS);
  if (typeof minSeconds !== 'number' || !Number.isFinite(minSeconds) || minSeconds < 0) {
    throw new InvalidOption('minSeconds', 'a finite number of seconds, 0 or above', minSeconds);
  }
  const most = secondsOption('maxSeconds', maxSeconds, Math.max(300, minSeconds));
  if (most < minSeconds) throw new InvalidOption('maxSeconds', `at least minSeconds, ${minSeconds}`, most);
  if (withhold !== 'latency' && withhold !== 'all') {
    throw new InvalidOption('withhold', "'latency' or 'all'", withhold);
  }
  return {
    minSeconds,
    minRequests: integerOption('minRequests', minRequests, 0, 0),
    maxSeconds: most,
    withhold,
    now: functionOption('now', now) ?? (() => performance.now()),
  };
}
