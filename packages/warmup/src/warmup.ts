import { parseWarmup, type WarmupOptions } from './warmup-options.js';

/** Tells whether a pod is old enough for its durations to be judged. */
export interface Warmup {
  /** What does not count while the pod is cold. */
  readonly withhold: 'latency' | 'all';
  /** True once the pod is warm, and from then on. */
  readonly isWarm: boolean;
  /** Epoch seconds at which the clock started; `undefined` before. */
  readonly readyAt: number | undefined;
  /** The pod is ready: starts the clock, once. */
  ready(): void;
  /**
   * Counts a request that a user has had served, and answers whether the pod was cold when it began: at `beganAt`, in
   * milliseconds on the clock of the options. Starts the clock there if readiness was never told.
   */
  served(beganAt: number): boolean;
}

/**
 * A pod is warm when it is at least `minSeconds` past its readiness and has served `minRequests`, and in any case at
 * `maxSeconds`. It is never cold again. Throws `InvalidOption`, which names the option by its path below `warmup`.
 *
 * The clock does not start with the process, so that a slow boot does not use the time up.
 */
export function createWarmup(options?: WarmupOptions): Warmup {
  const { minSeconds, minRequests, maxSeconds, withhold, now } = parseWarmup(options);
  const needsNothing = minSeconds === 0 && minRequests === 0;
  /** When the pod is warm, as far as is known; on the clock of the options. */
  let warmFrom = needsNothing ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  let startedAt: number | undefined;
  let readyAt: number | undefined;
  let served = 0;

  return {
    withhold,
    get isWarm() {
      return now() >= warmFrom;
    },
    get readyAt() {
      return readyAt;
    },
    ready: () => start(now()),
    served(beganAt) {
      start(beganAt);
      const wasCold = beganAt < warmFrom;
      if (served < minRequests && ++served === minRequests) settle(now());
      return wasCold;
    },
  };

  function start(at: number): void {
    if (startedAt !== undefined) return;
    startedAt = at;
    readyAt = (Date.now() - (now() - at)) / 1000;
    if (needsNothing) return;
    warmFrom = at + 1000 * maxSeconds;
    if (minRequests === 0) settle(at);
  }

  /** Enough requests have been served at this time: from now on it is only a matter of age. */
  function settle(at: number): void {
    const oldEnoughAt = (startedAt ?? at) + 1000 * minSeconds;
    warmFrom = Math.min(warmFrom, Math.max(oldEnoughAt, at));
  }
}
