const SLICES = 10;
// Up to this many late slices count as one slice in time: a loop that is held for ever must not hold a timeout for
// ever.
const LATE_SLICES = 10;
// Node takes a longer time for a millisecond.
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/**
 * A monotonic clock that stands still while the event loop is held, as far as the timers of the clock can tell. Time in
 * which nobody could read I/O must not count against the I/O.
 */
export class LoopClock {
  #heldMilliseconds = 0;

  /** Returns milliseconds since an arbitrary start, without the milliseconds in which the loop was held. */
  now(): number {
    return performance.now() - this.#heldMilliseconds;
  }

  /**
   * Calls `run` after a time of up to 24 days, with the milliseconds by which the call is late. The timer keeps no process
   * alive.
   */
  after(milliseconds: number, run: (lateMilliseconds: number) => void): NodeJS.Timeout {
    const wait = Math.min(milliseconds, LONGEST_MILLISECONDS);
    const dueAt = performance.now() + wait;
    return setTimeout(() => {
      const late = Math.max(0, performance.now() - dueAt);
      this.#heldMilliseconds += late;
      run(late);
    }, wait).unref();
  }

  /**
   * Calls `expired` once the loop has had `seconds` to read I/O. The time is cut into slices, and a slice that ends
   * late by more than its own length counts as a tenth. Returns a function that cancels the timeout.
   */
  timeout(seconds: number, expired: () => void): () => void {
    const milliseconds = (1000 * seconds) / SLICES;
    let left = SLICES * LATE_SLICES;
    let immediate: NodeJS.Immediate | undefined;
    const endSlice = (late: number): void => {
      left -= late > milliseconds ? 1 : LATE_SLICES;
      if (left > 0) timer = this.after(milliseconds, endSlice);
      // Timers come before I/O in a turn of the loop: the answer may be ready to be read.
      else immediate = setImmediate(expired);
    };
    let timer = this.after(milliseconds, endSlice);
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  }
}
