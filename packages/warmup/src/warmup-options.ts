import {
  functionOption,
  InvalidOption,
  integerOption,
  objectOption,
  secondsOption,
  secondsOrZeroOption,
} from '@coalmine/options';

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

const KEYS = ['minSeconds', 'minRequests', 'maxSeconds', 'withhold', 'now'] as const;

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `warmup`. */
export function parseWarmup(options: WarmupOptions | undefined): WarmupSettings {
  const { minSeconds, minRequests, maxSeconds, withhold = 'latency', now } = objectOption('options', options, KEYS);
  const least = secondsOrZeroOption('minSeconds', minSeconds, 30);
  const most = secondsOption('maxSeconds', maxSeconds, Math.max(300, least));
  if (most < least) throw new InvalidOption('maxSeconds', `at least minSeconds, ${least}`, most);
  if (withhold !== 'latency' && withhold !== 'all') {
    throw new InvalidOption('withhold', "'latency' or 'all'", withhold);
  }
  return {
    minSeconds: least,
    minRequests: integerOption('minRequests', minRequests, 0, 0),
    maxSeconds: most,
    withhold,
    now: functionOption('now', now) ?? (() => performance.now()),
  };
}
