import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS = 10;

/**
 * Runs a test that measures time in this process. Runs the test again if it fails while the machine was too busy for a
 * verdict, which means that the event loop of the test was held for `milliseconds` or more.
 */
export function calmly(milliseconds: number, test: () => Promise<void>): () => Promise<void> {
  return async () => {
    for (let attempt = 1; ; attempt++) {
      const delays = monitorEventLoopDelay({ resolution: 10 });
      delays.enable();
      try {
        return await test();
      } catch (error) {
        const held = delays.max / 1e6;
        if (held < milliseconds || attempt === ATTEMPTS) throw error;
        console.warn(`AGAIN: the event loop of this test was held for ${held.toFixed(0)} ms`);
        await calm(milliseconds);
      } finally {
        delays.disable();
      }
    }
  };
}

/** Waits until the event loop has been on time for a second, but at most for ten seconds. */
async function calm(milliseconds: number): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  for (let second = 0; second < 10; second++) {
    delays.reset();
    await delay(1_000);
    if (delays.max / 1e6 < milliseconds) break;
  }
  delays.disable();
}
