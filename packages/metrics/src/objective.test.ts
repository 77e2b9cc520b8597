import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { parseObjective } from './objective.js';

describe('an objective', () => {
  it('is half a second, and a patience of four times that, unless given', () => {
    expect(parseObjective(undefined)).toEqual({ latency: 0.5, patience: 2 });
    expect(parseObjective({})).toEqual({ latency: 0.5, patience: 2 });
  });

  it('has a patience of four times its latency, unless given', () => {
    expect(parseObjective({ latency: 0.3 })).toEqual({ latency: 0.3, patience: 1.2 });
    expect(parseObjective({ latency: 0.3, patience: 0.3 })).toEqual({ latency: 0.3, patience: 0.3 });
    expect(parseObjective({ patience: 9 })).toEqual({ latency: 0.5, patience: 9 });
  });

  it('takes missing values from the objective of the service', () => {
    const service = { latency: 1, patience: 10 };
    expect(parseObjective(undefined, service)).toEqual(service);
    expect(parseObjective({ patience: 20 }, service)).toEqual({ latency: 1, patience: 20 });
    expect(parseObjective({ latency: 3, patience: 4 }, service)).toEqual({ latency: 3, patience: 4 });
  });

  it('warns if its latency looks like milliseconds', async () => {
    const warned = once(process, 'warning');
    parseObjective({ latency: 99 });
    parseObjective({}, { latency: 500, patience: 2000 });
    const options = { latency: 300 };
    const emitted = vi.spyOn(process, 'emitWarning');
    // Adapters parse the options of a route when they are given, and when the route is found.
    for (let i = 0; i < 3; i++) parseObjective(options);
    expect(emitted).toHaveBeenCalledTimes(1);
    emitted.mockRestore();
    const message = expect.stringContaining('objective.latency is 300 seconds');
    expect(await warned).toMatchObject([{ name: 'CoalmineWarning', code: 'COALMINE_LONG_OBJECTIVE', message }]);
  });

  it('does not take the patience of a service whose latency it replaces', () => {
    expect(parseObjective({ latency: 30 }, { latency: 1, patience: 10 })).toEqual({ latency: 30, patience: 120 });
  });

  it.each<[unknown, string]>([
    [0.5, 'objective must be an object with latency, patience, got 0.5'],
    [null, 'objective must be an object with latency, patience, got null'],
    [[], 'objective must be an object with latency, patience, got []'],
    [{ slo: 1 }, 'objective.slo must be left out: objective takes latency, patience, got 1'],
    [{ latency: 0 }, 'objective.latency must be a finite number of seconds above 0, got 0'],
    [{ latency: -1 }, 'objective.latency must be a finite number of seconds above 0, got -1'],
    [{ latency: '500ms' }, 'objective.latency must be a finite number of seconds above 0, got "500ms"'],
    [{ latency: Number.NaN }, 'objective.latency must be a finite number of seconds above 0, got NaN'],
    [{ latency: 1n }, 'objective.latency must be a finite number of seconds above 0, got 1'],
    [
      { patience: Number.POSITIVE_INFINITY },
      'objective.patience must be a finite number of seconds above 0, got Infinity',
    ],
    [{ latency: 1, patience: 0.5 }, 'objective.patience must be at least the latency of 1 seconds, got 0.5'],
  ])('refuses %o in one sentence', (options, message) => {
    expect(() => parseObjective(options as never)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  it('refuses a patience below the latency that it takes from the service', () => {
    expect(() => parseObjective({ patience: 0.7 }, { latency: 1, patience: 4 })).toThrow(
      expect.objectContaining({
        code: 'COALMINE_INVALID_OPTION',
        message: 'objective.patience must be at least the latency of 1 seconds, got 0.7',
      }),
    );
  });
});
