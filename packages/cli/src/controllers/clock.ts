import { setTimeout as delay } from 'node:timers/promises';

/** The time of an analysis, in epoch seconds. */
export interface Clock {
  now(): number;
  /** Waits until then. Resolves at once for a time that has passed, and when the signal is aborted. */
  until(time: number, signal?: AbortSignal): Promise<void>;
}

/** The time on the wall. */
export function createWallClock(): Clock {
  const now = (): number => Date.now() / 1000;
  return {
    now,
    async until(time, signal) {
      const wait = 1000 * (time - now());
      if (wait <= 0) return;
      // An analysis that is given up has nothing to wait for.
      await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    },
  };
}

/** A time that has passed: it moves as fast as the questions are answered. */
export function createPastClock(from: number): Clock {
  let time = from;
  return {
    now: () => time,
    async until(wanted) {
      time = Math.max(time, wanted);
    },
  };
}
