import { setImmediate } from 'node:timers/promises';

// Below the millisecond that we promise, since a slice ends only after the chunk in hand.
const SLICE_MILLISECONDS = 0.5;

/** A stretch of work that should give the event loop back before long. */
export class Slice {
  #startedAt = performance.now();

  /** Whether it has lasted for about half a millisecond. */
  isOver(): boolean {
    return performance.now() - this.#startedAt > SLICE_MILLISECONDS;
  }

  /** Gives the event loop back, and begins the next one. */
  async next(): Promise<void> {
    await setImmediate();
    this.#startedAt = performance.now();
  }
}
