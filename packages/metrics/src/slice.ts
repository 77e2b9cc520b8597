import { setImmediate } from 'node:timers/promises';

// Below the millisecond that we promise, because a slice ends only after the current chunk.
const SLICE_MILLISECONDS = 0.5;

/** A stretch of work that should yield to the event loop before long. */
export class Slice {
  #startedAt = performance.now();

  /** Whether the slice has lasted for about half a millisecond. */
  isOver(): boolean {
    return performance.now() - this.#startedAt > SLICE_MILLISECONDS;
  }

  /** Yields to the event loop, and begins the next slice. */
  async next(): Promise<void> {
    await setImmediate();
    this.#startedAt = performance.now();
  }
}
