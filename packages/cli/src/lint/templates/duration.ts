import { nanoseconds } from '../../expr/functions.js';

/** Seconds of a duration as Go reads it; `NaN` of what is none. */
export function secondsIn(text: string): number {
  try {
    return nanoseconds(text) / 1e9;
  } catch {
    return Number.NaN;
  }
}
