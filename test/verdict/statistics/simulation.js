import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { addTallies } from './tally.js';

/** @typedef {{ readonly setting: import('./release.js').Setting, readonly rule: import('./rule.js').Rule, readonly releases: number }} Experiment */

// The number of releases in one message to a worker: enough to make the cost of messages small, and few enough that all workers end
// at the same time.
const AT_ONCE = 250;

/**
 * Runs experiments on all cores. Each experiment has its own seeds, so that the results do not depend on their order.
 *
 * @param {readonly Experiment[]} experiments
 * @param {(done: number) => void} onProgress with the number of experiments that are done
 */
export async function runExperiments(experiments, onProgress) {
  /** @type {import('./tally.js').Tally[][]} */
  const tallies = experiments.map(() => []);
  const parts = experiments.flatMap(({ setting, rule, releases }, experiment) =>
    Array.from({ length: Math.ceil(releases / AT_ONCE) }, (_, part) => {
      const first = experiment * 1_000_000;
      const seeds = { from: first + part * AT_ONCE, to: first + Math.min(releases, (part + 1) * AT_ONCE) };
      return { experiment, setting, rule, seeds };
    }),
  );
  const queue = parts.values();
  const work = async () => {
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    try {
      for (const { experiment, ...part } of queue) {
        const result = once(worker, 'message');
        worker.postMessage(part);
        const [tally] = await result;
        tallies[experiment].push(tally);
        onProgress(tallies.filter((of, i) => of.length === Math.ceil(experiments[i].releases / AT_ONCE)).length);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return tallies.map(addTallies);
}
