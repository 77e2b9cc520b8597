import { median } from './median.js';

const ROUNDS = 25;
const CALLS = 20_000;
// Few enough to fit in the young generation, so that no garbage collection hides the allocated bytes.
const CALLS_WEIGHED = 4_000;

/**
 * Returns the cost of one call of each contender: medians of rounds in which the contenders take turns.
 *
 * @param {((count: number) => void)[]} contenders each does its work `count` times
 * @param {number} [callsWeighed] the number of calls over which bytes are measured
 * @returns {{ nanoseconds: number, bytes: number }[]}
 */
export function compare(contenders, callsWeighed = CALLS_WEIGHED) {
  for (const run of contenders) run(CALLS);
  const times = contenders.map(() => []);
  const weights = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    contenders.forEach((run, i) => {
      const startedAt = process.hrtime.bigint();
      run(CALLS);
      times[i].push(Number(process.hrtime.bigint() - startedAt) / CALLS);
    });
    contenders.forEach((run, i) => {
      globalThis.gc();
      const before = process.memoryUsage().heapUsed;
      run(callsWeighed);
      weights[i].push((process.memoryUsage().heapUsed - before) / callsWeighed);
    });
  }
  return contenders.map((_, i) => ({
    nanoseconds: median(times[i]),
    bytes: Math.max(0, median(weights[i])),
  }));
}
