import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Check, createCheck } from './check.js';
import { parseChecks } from './check-options.js';

const AFTER_SECONDS = 60;

describe('a check that may fail liveness', () => {
  let isUp: boolean;
  let witness: () => unknown;
  let asked: number;
  let check: Check;

  beforeEach(async () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    isUp = true;
    asked = 0;
    witness = () => true;
    const liveness = {
      afterSeconds: AFTER_SECONDS,
      witness: () => {
        asked++;
        return witness();
      },
    };
    const [[name, settings] = ['', undefined]] = parseChecks({ database: { run: () => isUp, liveness } });
    if (settings === undefined) throw new Error('no check');
    check = createCheck(name, settings);
    check.start();
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    check.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const after = async (seconds: number): Promise<boolean> => {
    await vi.advanceTimersByTimeAsync(1000 * seconds);
    return check.isFatal();
  };

  it('fails liveness once it has failed long enough while its witness passed, until it passes', async () => {
    isUp = false;
    expect(await after(AFTER_SECONDS)).toBe(false);
    // Three failures, up to half as long again, and a run of the witness.
    expect(await after(35 + AFTER_SECONDS / 2 + 15)).toBe(true);
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringMatching(/^The check database has failed for \d+ s while its witness passed/),
      expect.objectContaining({ code: 'COALMINE_NOT_LIVE' }),
    );
    isUp = true;
    expect(await after(15)).toBe(false);
    expect(process.emitWarning).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => unknown]>([
    ['returns false', () => false],
    ['returns nothing', () => undefined],
    ['rejects', () => Promise.reject(new Error('refused'))],
    ['never ends', () => new Promise(() => {})],
  ])('does not fail liveness if its witness %s, as in an outage of what pods share', async (_name, run) => {
    witness = run;
    isUp = false;
    expect(await after(3_600)).toBe(false);
  });

  it('starts to count again when the witness fails once, so that the end of an outage restarts no pod', async () => {
    isUp = false;
    await after(75);
    witness = () => false;
    await after(15);
    witness = () => true;
    expect(await after(AFTER_SECONDS)).toBe(false);
    expect(await after(AFTER_SECONDS)).toBe(true);
  });

  it('asks the witness only while the check fails, as often as the check', async () => {
    await after(600);
    expect(asked).toBe(0);
    isUp = false;
    await after(600);
    expect(asked).toBeGreaterThan(45);
    expect(asked).toBeLessThan(75);
    isUp = true;
    await after(15);
    const before = asked;
    await after(600);
    expect(asked).toBe(before);
  });

  it('does not fail liveness if it has never passed', async () => {
    check.stop();
    const liveness = { afterSeconds: AFTER_SECONDS, witness: () => true };
    const [[name, settings] = ['', undefined]] = parseChecks({ database: { run: () => false, liveness } });
    if (settings === undefined) throw new Error('no check');
    check = createCheck(name, settings);
    check.start();
    expect(await after(3_600)).toBe(false);
  });

  it.each<[object, string]>([
    [{ liveness: { afterSeconds: 60 } }, 'checks.db.liveness.witness must be a function, got undefined'],
    [
      { liveness: { witness: () => true } },
      'checks.db.liveness.afterSeconds must be at least two periods and the timeout of the check, 22, got undefined',
    ],
    [
      { periodSeconds: 30, liveness: { afterSeconds: 60, witness: () => true } },
      'checks.db.liveness.afterSeconds must be at least two periods and the timeout of the check, 62, got 60',
    ],
    [
      { kind: 'advisory', liveness: { afterSeconds: 60, witness: () => true } },
      'checks.db.liveness must be left out of a check of the kind advisory, got an object',
    ],
    [
      { kind: 'startup', liveness: { afterSeconds: 60, witness: () => true } },
      'checks.db.liveness must be left out of a check of the kind startup, got an object',
    ],
    [{ liveness: true }, 'checks.db.liveness must be an object with afterSeconds, witness, got true'],
    [
      { liveness: { afterSeconds: 60, witness: () => true, unless: 1 } },
      'checks.db.liveness.unless must be left out: checks.db.liveness takes afterSeconds, witness, got 1',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => parseChecks({ db: { run: () => true, ...options } as never })).toThrow(message);
  });
});
