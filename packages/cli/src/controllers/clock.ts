import { setTimeout as delay } from 'node:timers/promises';

/** The time of an analysis, in epoch seconds. */
export interface Clock {
  now(): number;
  /** Waits until a time. Resolves at once if the time has passed, or when the signal is aborted. */
  until(time: number, signal?: AbortSignal): Promise<void>;
}

/** Returns the current time in epoch seconds. */
export function epochSeconds(): number {
  return Date.now() / 1000;
}

/** Returns a clock of the real time. */
export function createWallClock(): Clock {
  return {
    now: epochSeconds,
    async until(time, signal) {
      const wait = 1000 * (time - epochSeconds());
      if (wait <= 0) return;
      // An aborted analysis has nothing to wait for.
      await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    },
  };
}

/** Returns a clock for the past: it moves as fast as the queries return. */
export function createPastClock(from: number): Clock {
  let time = from;
  return {
    now: () => time,
    async until(wanted) {
      time = Math.max(time, wanted);
    },
  };
}
