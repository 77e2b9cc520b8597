import { setImmediate } from 'node:timers/promises';

// Below the millisecond that we promise, since a slice ends only after the chunk in hand.
const SLICE_MILLISECONDS = 0.5;

/** A stretch of work that should give the event loop back before long. */
export class Slice {
  #startedAt = performance.now();

  isOver(): boolean {
    return performance.now() - this.#startedAt > SLICE_MILLISECONDS;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#startedAt = performance.now();
  }
}
