import { describe, expect, it } from 'vitest';
import { parseHealth } from './health-options.js';

describe('health.signals', () => {
  it.each(['SIGTEM', 'SIGKILL', 'SIGSTOP', 'TERM'])('refuses %s, at which no process can drain', (signal) => {
    expect(() => parseHealth({ signals: [signal as NodeJS.Signals] })).toThrow(
      `signals[0] must be a signal that a process can catch, got "${signal}"`,
    );
  });

  it('takes the signals of other process managers', () => {
    expect(parseHealth({ signals: ['SIGQUIT', 'SIGHUP', 'SIGUSR2'] }).signals).toEqual([
      'SIGQUIT',
      'SIGHUP',
      'SIGUSR2',
    ]);
  });
});
