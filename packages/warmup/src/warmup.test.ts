import { describe, expect, it } from 'vitest';
import { createWarmup, type Warmup } from './warmup.js';
import type { WarmupOptions } from './warmup-options.js';

describe('a pod', () => {
  let now = 0;
  const pod = (options: WarmupOptions): Warmup => {
    now = 5_000;
    return createWarmup({ now: () => now, ...options });
  };
  /** Serves users whose requests take no time, and says for each whether the pod was cold. */
  const serve = (warmup: Warmup, times: number): boolean[] => Array.from({ length: times }, () => warmup.served(now));

  it('is cold until it is old enough, counted from its readiness', () => {
    const warmup = pod({ minSeconds: 30 });
    now += 100_000;
    expect(warmup).toMatchObject({ isWarm: false, readyAt: undefined });
    warmup.ready();
    now += 29_999;
    expect([warmup.isWarm, ...serve(warmup, 1)]).toEqual([false, true]);
    now += 1;
    expect([warmup.isWarm, ...serve(warmup, 1)]).toEqual([true, false]);
  });

  it('counts from its first user if nobody reported its readiness', () => {
    const warmup = pod({ minSeconds: 30 });
    now += 100_000;
    expect(warmup.served(now - 1_000)).toBe(true);
    now += 28_999;
    expect(warmup.isWarm).toBe(false);
    now += 1;
    expect(warmup.isWarm).toBe(true);
  });

  it('keeps its first readiness', () => {
    const warmup = pod({ minSeconds: 30 });
    warmup.ready();
    now += 20_000;
    const { readyAt } = warmup;
    warmup.ready();
    expect(warmup.readyAt).toBe(readyAt);
    now += 10_000;
    expect(warmup.isWarm).toBe(true);
  });

  it('tells its readiness in epoch seconds', () => {
    const warmup = pod({ minSeconds: 30 });
    warmup.served(now - 2_000);
    expect(Math.abs(Date.now() / 1000 - 2 - (warmup.readyAt ?? 0))).toBeLessThan(1);
  });

  it('must be old enough and have served enough', () => {
    const warmup = pod({ minSeconds: 30, minRequests: 3 });
    warmup.ready();
    serve(warmup, 2);
    now += 60_000;
    expect(warmup.isWarm).toBe(false);
    expect(serve(warmup, 2)).toEqual([true, false]);
    const quick = pod({ minSeconds: 30, minRequests: 3 });
    serve(quick, 3);
    expect(quick.isWarm).toBe(false);
    now += 30_000;
    expect(quick.isWarm).toBe(true);
  });

  it('is warm at its latest age, whatever it has served', () => {
    const warmup = pod({ minSeconds: 1, minRequests: 1_000, maxSeconds: 60 });
    warmup.ready();
    now += 59_999;
    expect([warmup.isWarm, ...serve(warmup, 1)]).toEqual([false, true]);
    now += 1;
    expect([warmup.isWarm, ...serve(warmup, 1)]).toEqual([true, false]);
  });

  it('withholds a request that began cold, however late it ends', () => {
    const warmup = pod({ minSeconds: 30 });
    warmup.ready();
    const beganAt = now + 29_000;
    now += 90_000;
    expect(warmup.served(beganAt)).toBe(true);
    expect(warmup.served(now)).toBe(false);
  });

  it('never becomes cold again', () => {
    const warmup = pod({ minSeconds: 10, minRequests: 2, maxSeconds: 20 });
    warmup.ready();
    now += 20_000;
    expect(warmup.isWarm).toBe(true);
    const seen: boolean[] = [];
    for (let i = 0; i < 50; i++) {
      now += 1_000;
      seen.push(...serve(warmup, 1), !warmup.isWarm);
      warmup.ready();
    }
    expect(seen).not.toContain(true);
  });

  it('is warm from the start if no warm-up is asked for', () => {
    const warmup = pod({ minSeconds: 0 });
    expect(warmup).toMatchObject({ isWarm: true, readyAt: undefined });
    expect(warmup.served(now - 1_000)).toBe(false);
    expect(warmup.readyAt).toBeDefined();
    const early = pod({ minSeconds: 0 });
    early.ready();
    expect(early.served(now - 1_000)).toBe(false);
  });

  it('is cold until it has served enough, however old it must be', () => {
    const warmup = pod({ minSeconds: 0, minRequests: 2 });
    warmup.ready();
    now += 60_000;
    expect([warmup.isWarm, ...serve(warmup, 3)]).toEqual([false, true, true, false]);
  });

  it('uses a clock of its own if it is given none', () => {
    const warmup = createWarmup({ minSeconds: 0.01 });
    warmup.ready();
    expect(warmup.isWarm).toBe(false);
    expect(warmup.served(performance.now() + 1_000)).toBe(false);
    expect(warmup.served(performance.now() - 1_000)).toBe(true);
  });

  it('withholds everything, if that is asked for', () => {
    expect(pod({ withhold: 'all' }).withhold).toBe('all');
  });

  it('has the defaults that are documented', () => {
    const warmup = pod({});
    expect(warmup.withhold).toBe('latency');
    warmup.ready();
    now += 29_999;
    expect(warmup.isWarm).toBe(false);
    now += 1;
    expect(warmup.isWarm).toBe(true);
    const demanding = pod({ minRequests: 1 });
    demanding.ready();
    now += 299_999;
    expect(demanding.isWarm).toBe(false);
    now += 1;
    expect(demanding.isWarm).toBe(true);
  });
});

describe('the options', () => {
  it.each<[object, string]>([
    [
      { seconds: 3 },
      'options.seconds must be left out: options takes minSeconds, minRequests, maxSeconds, withhold, now, got 3',
    ],
    [{ minSeconds: -1 }, 'minSeconds must be a finite number of seconds, 0 or above, got -1'],
    [{ minSeconds: '30' }, 'minSeconds must be a finite number of seconds, 0 or above, got "30"'],
    [{ minRequests: 1.5 }, 'minRequests must be an integer of at least 0, got 1.5'],
    [{ maxSeconds: Number.POSITIVE_INFINITY }, 'maxSeconds must be a finite number of seconds above 0, got Infinity'],
    [{ minSeconds: 60, maxSeconds: 30 }, 'maxSeconds must be at least minSeconds, 60, got 30'],
    [{ withhold: 'errors' }, "withhold must be 'latency' or 'all', got \"errors\""],
    [{ now: 3 }, 'now must be a function, got 3'],
  ])('are refused in one sentence: %j', (options, message) => {
    expect(() => createWarmup(options as WarmupOptions)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  it('may have a long minSeconds without maxSeconds', () => {
    expect(() => createWarmup({ minSeconds: 900 })).not.toThrow();
  });
});
