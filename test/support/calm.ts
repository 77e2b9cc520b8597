import { monitorEventLoopDelay } from 'node:perf_hooks';

const ATTEMPTS = 5;

/**
 * Runs a test that measures time in this process, again if it fails while the machine was too busy to say anything: when
 * the event loop, which serves the requests of the test, was held for `milliseconds` or more.
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
      } finally {
        delays.disable();
      }
    }
  };
}
