import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Check, createCheck } from './check.js';
import { type HealthCheck, parseChecks, type Run, type Status } from './check-options.js';

describe('a check', () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_700_000_000_000 }));
  afterEach(() => vi.useRealTimers());
  const started = async (check: HealthCheck): Promise<Check> => {
    const [[name, settings] = ['', undefined]] = parseChecks({ it: check });
    if (settings === undefined) throw new Error('no check');
    const made = createCheck(name, settings);
    made.start();
    await vi.advanceTimersByTimeAsync(0);
    return made;
  };

  it('has failed until it has been run', () => {
    const [[, settings] = []] = parseChecks({ it: () => true });
    expect(settings && createCheck('it', settings).result()).toEqual({ status: 'fail', output: 'not checked yet' });
  });

  it.each<[string, Run, Status, string | undefined]>([
    ['nothing', () => undefined, 'pass', undefined],
    ['true', () => true, 'pass', undefined],
    ['what a driver returns', async () => ({ rows: [], status: 200 }), 'pass', undefined],
    ['null', () => null, 'pass', undefined],
    ['false', () => false, 'fail', 'returned false'],
    ['an error', () => Promise.reject(new Error('no disk')), 'fail', 'no disk'],
    [
      'an error at once',
      () => {
        throw new Error('no disk');
      },
      'fail',
      'no disk',
    ],
    [
      'an error without a message',
      () => Promise.reject(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
      'fail',
      'ECONNREFUSED',
    ],
    [
      'an error with its cause',
      () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') })),
      'fail',
      'fetch failed: connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['a warning', () => ({ status: 'warn', output: 'nearly full' }), 'warn', 'nearly full'],
    [
      'a caught error',
      () => new TypeError('fetch failed', { cause: new Error('no route') }),
      'fail',
      'fetch failed: no route',
    ],
    ['an indicator of Terminus that is up', () => ({ database: { status: 'up' } }), 'pass', undefined],
    ['an indicator of Terminus that is down', () => ({ database: { status: 'down' } }), 'fail', 'database is down'],
    [
      'an indicator of Terminus with a message',
      () => ({ database: { message: 'timeout of 300ms exceeded', status: 'down' } }),
      'fail',
      'timeout of 300ms exceeded',
    ],
    [
      'an indicator of Terminus that is degraded',
      () => ({ database: { status: 'degraded' } }),
      'warn',
      'database is degraded',
    ],
    ['rows whose first is down', () => [{ status: 'down' }, { status: 'up' }], 'pass', undefined],
  ])('that returns %s has the status $2', async (_, run, status, output) => {
    expect((await started(run)).result()).toMatchObject({ status, ...(output === undefined ? {} : { output }) });
  });

  it('runs again after a period, give or take 15 %, and sooner until it has passed once', async () => {
    let runs = 0;
    let isGood = false;
    await started({ periodSeconds: 10, run: () => ++runs > 0 && isGood });
    await vi.advanceTimersByTimeAsync(3_600);
    expect(runs).toBeGreaterThanOrEqual(4);
    isGood = true;
    await vi.advanceTimersByTimeAsync(1_200);
    runs = 0;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(runs).toBeGreaterThanOrEqual(4);
    expect(runs).toBeLessThanOrEqual(6);
  });

  it('fails if it hangs, and has one call in flight at most', async () => {
    let calls = 0;
    let aborted = 0;
    const check = await started({
      periodSeconds: 1,
      timeoutSeconds: 0.5,
      run: (signal) => {
        calls++;
        signal.addEventListener('abort', () => aborted++);
        return new Promise(() => {});
      },
    });
    expect(check.result()).toMatchObject({ status: 'fail', output: 'not checked yet' });
    await vi.advanceTimersByTimeAsync(600);
    expect(check.result()).toMatchObject({ status: 'fail', output: 'no answer within 0.5 s' });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect({ calls, aborted }).toEqual({ calls: 1, aborted: 1 });
    expect(check.result().output).toMatch(/^no answer for 3\d{3} s, so it was not asked again$/);
  });

  it('runs again after a call that hung has returned', async () => {
    let answer = (): void => {};
    const check = await started({
      periodSeconds: 1,
      run: () =>
        new Promise((resolve) => {
          answer = () => resolve(true);
        }),
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(check.result().status).toBe('fail');
    answer();
    await vi.advanceTimersByTimeAsync(1_200);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(check.result().status).toBe('pass');
  });

  it('warns of a failure, and fails at the third', async () => {
    let isGood = true;
    const check = await started({ periodSeconds: 10, run: () => isGood });
    isGood = false;
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      await check.refresh();
      seen.push(check.result().status);
    }
    expect(seen).toEqual(['warn', 'warn', 'fail', 'fail']);
    isGood = true;
    await check.refresh();
    expect(check.result().status).toBe('pass');
  });

  it('is doubtful when it is stale, and void when it has expired', async () => {
    const check = await started({ staleAfterSeconds: 30, expiresAfterSeconds: 60, run: () => true });
    check.stop();
    const after = async (seconds: number): Promise<unknown> => {
      await vi.advanceTimersByTimeAsync(1000 * seconds);
      return check.result();
    };
    expect(await after(29)).toMatchObject({ status: 'pass' });
    expect(await after(2)).toMatchObject({ status: 'warn', output: 'last checked 31 s ago' });
    expect(await after(30)).toMatchObject({ status: 'fail', output: 'last checked 61 s ago' });
  });

  it('at start-up is over once it has passed', async () => {
    let runs = 0;
    const check = await started({ kind: 'startup', run: () => ++runs > 2 });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(check.result().status).toBe('pass');
    expect(runs).toBe(3);
  });

  it.each<[string, unknown, Status, string | undefined]>([
    ['undefined', undefined, 'fail', 'returned undefined, and passes with true or another value'],
    ['null', null, 'fail', 'returned null, and passes with true or another value'],
    ['false', false, 'fail', 'returned false'],
    ['zero', 0, 'pass', undefined],
    ['an object', {}, 'pass', undefined],
    ['a warning', { status: 'warn', output: 'half loaded' }, 'warn', 'half loaded'],
  ])('at start-up that returns %s has the status $2', async (_, value, status, output) => {
    const check = await started({ kind: 'startup', run: async () => value });
    expect(check.result()).toMatchObject({ status, ...(output === undefined ? {} : { output }) });
  });

  it.each<[unknown, string]>([
    [
      { 'a b': () => true },
      'checks must be keyed by names of up to 64 letters, digits, dots, dashes and underscores, got "a b"',
    ],
    [{ db: { run: 1 } }, 'checks.db.run must be a function, got 1'],
    [{ db: {} }, 'checks.db.run must be a function, got undefined'],
    [
      { db: { run: () => true, kind: 'fatal' } },
      'checks.db.kind must be one of startup, joining, critical, advisory, got "fatal"',
    ],
    [
      { db: { run: () => true, periodSeconds: 0 } },
      'checks.db.periodSeconds must be a finite number of seconds above 0, got 0',
    ],
    [
      { db: { run: () => true, staleAfterSeconds: 9, expiresAfterSeconds: 8 } },
      'checks.db.expiresAfterSeconds must be at least staleAfterSeconds, 9, got 8',
    ],
    [[], 'checks must be an object of checks by name, got []'],
  ])('%j is refused', (checks, message) => {
    expect(() => parseChecks(checks as never)).toThrow(message);
  });
});
