import { afterEach, describe, expect, it } from 'vitest';
import { findExitingListener } from './exiting-listener.js';

const SIGNAL = 'SIGUSR2';
afterEach(() => {
  process.removeAllListeners(SIGNAL);
});

describe('exitingListener', () => {
  it('finds a listener that calls process.exit, by its name', () => {
    process.on(SIGNAL, function stop() {
      process.exit(1);
    });
    expect(findExitingListener(SIGNAL)).toBe('stop');
  });

  it('finds the listener of close-with-grace, which exits at the second signal', () => {
    const run = (_out: object): void => {};
    process.once(SIGNAL, function onSignal(signal) {
      run({ signal });
    });
    expect(findExitingListener(SIGNAL)).toBe('onSignal of close-with-grace');
  });

  it('passes over a listener that drains, and one that does not exit', () => {
    const health = { drain: async (): Promise<void> => {} };
    process.on(SIGNAL, () => void health.drain().then(() => process.exit()));
    process.on(SIGNAL, () => {});
    expect(findExitingListener(SIGNAL)).toBeUndefined();
  });
});
