import { setImmediate } from 'node:timers/promises';

// Below the millisecond that we promise: a slice ends only after the current chunk, and the garbage collector may come
// in the same turn of the event loop.
const SLICE_MILLISECONDS = 0.25;

/** Turns of the event loop for jobs that run at the same time: each turn is for one of them. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves in a turn of the event loop that nobody else has got. */
  next(): Promise<unknown> {
    this.#last = this.#last.then(() => setImmediate());
    return this.#last;
  }
}

/** A stretch of work that should yield to the event loop before long. */
export class Slice {
  readonly #turns: Turns;
  #startedAt = performance.now();

  /** `turns` are shared with the jobs that run at the same time. */
  constructor(turns: Turns = new Turns()) {
    this.#turns = turns;
  }

  /** Whether the slice has lasted for about a quarter of a millisecond. */
  isOver(): boolean {
    return performance.now() - this.#startedAt > SLICE_MILLISECONDS;
  }

  /** Yields to the event loop, and starts the next slice. */
  async next(): Promise<void> {
    await this.#turns.next();
    this.#startedAt = performance.now();
  }
}
