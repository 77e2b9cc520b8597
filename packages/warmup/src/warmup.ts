import { parseWarmup, type WarmupOptions } from './warmup-options.js';

/** Tells whether a pod is old enough for its durations to be judged. */
export interface Warmup {
  /** What does not count while the pod is cold. */
  readonly withhold: 'latency' | 'all';
  /** Whether the pod is warm. Once true, it stays true. */
  readonly isWarm: boolean;
  /** Epoch seconds at which the clock started; `undefined` before. */
  readonly readyAt: number | undefined;
  /** Starts the clock, because the pod is ready. Later calls do nothing. */
  ready(): void;
  /**
   * Counts a served request of a user, and returns whether the pod was cold when the request started: at `beganAt`, in
   * milliseconds on the clock of the options. Starts the clock there if `ready()` was never called.
   */
  served(beganAt: number): boolean;
}

/**
 * Creates the state of a pod. A pod is warm when it is at least `minSeconds` past its readiness and has served
 * `minRequests`, and in any case at `maxSeconds`. It never becomes cold again. Throws `InvalidOption`, which names the
 * option by its path below `warmup`.
 *
 * The clock does not start with the process, so that a slow boot does not use up the time.
 */
export function createWarmup(options?: WarmupOptions): Warmup {
  const { minSeconds, minRequests, maxSeconds, withhold, now } = parseWarmup(options);
  const needsNothing = minSeconds === 0 && minRequests === 0;
  /** When the pod is warm, as far as that is known, on the clock of the options. */
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
      if (++served === minRequests) fixWarmFrom(now());
      return wasCold;
    },
  };

  function start(at: number): void {
    if (startedAt !== undefined) return;
    startedAt = at;
    readyAt = (Date.now() - (now() - at)) / 1000;
    if (needsNothing) return;
    warmFrom = at + 1000 * maxSeconds;
    if (minRequests === 0) fixWarmFrom(at);
  }

  /** Fixes when the pod is warm, once it has served enough requests: from now on only its age decides. */
  function fixWarmFrom(at: number): void {
    const oldEnoughAt = (startedAt ?? at) + 1000 * minSeconds;
    warmFrom = Math.min(warmFrom, Math.max(oldEnoughAt, at));
  }
}
