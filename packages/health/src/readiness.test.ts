import { describe, expect, it } from 'vitest';
import type { Check } from './check.js';
import type { CheckKind, Status } from './check-options.js';
import { createReadiness, type Parts } from './readiness.js';
import type { Schema } from './schema/schema.js';

const check = (kind: CheckKind, status: () => Status): Check =>
  ({ name: kind, kind, result: () => ({ status: status() }), isFatal: () => false }) as Check;
const readiness = (parts: Partial<Parts>) =>
  createReadiness({ checks: [], schemas: [], holds: [], isDraining: () => false, ...parts });

describe('readiness', () => {
  // Strict before the first readiness, sticky after it.
  it.each<[CheckKind, Status, Status, Status]>([
    ['startup', 'fail', 'fail', 'pass'],
    ['joining', 'fail', 'fail', 'warn'],
    ['joining', 'warn', 'warn', 'warn'],
    ['critical', 'fail', 'fail', 'fail'],
    ['critical', 'warn', 'warn', 'warn'],
    ['advisory', 'fail', 'warn', 'warn'],
  ])('with a %s check that is a %s: %s before it was ever ready, %s after', (kind, status, before, after) => {
    let now: Status = status;
    const never = readiness({ checks: [check(kind, () => now)] });
    expect(never.report().status).toBe(before);
    now = 'pass';
    expect(never.report().status).toBe('pass');
    now = status;
    expect(never.report().status).toBe(after);
  });

  it('waits for a hold until it is over, and never again', () => {
    let isOver = false;
    const held = readiness({ holds: [{ name: 'priming', isOver: () => isOver }] });
    expect(held.report()).toEqual({ status: 'fail', lines: [{ name: 'priming', status: 'fail' }] });
    expect(held.hasBeenReady).toBe(false);
    isOver = true;
    expect(held.report()).toEqual({ status: 'pass', lines: [{ name: 'priming', status: 'pass' }] });
    isOver = false;
    expect(held.report()).toEqual({ status: 'pass', lines: [] });
    expect(held.hasBeenReady).toBe(true);
  });

  it('depends on mayJoin() of a schema until it has been ready, and on whileServing() afterwards', () => {
    const schema = {
      name: 'prisma',
      readAt: undefined,
      state: () => 'behind',
      reason: () => 'not applied: b',
      mayJoin: () => mayJoin,
      whileServing: () => 'warn',
    } as Partial<Schema> as Schema;
    let mayJoin = false;
    const one = readiness({ schemas: [schema] });
    const line = { name: 'schema:prisma', observedValue: 'behind', output: 'not applied: b' };
    expect(one.report()).toEqual({ status: 'fail', lines: [{ ...line, status: 'fail' }] });
    mayJoin = true;
    expect(one.report()).toEqual({ status: 'warn', lines: [{ ...line, status: 'warn' }] });
    mayJoin = false;
    expect(one.report()).toEqual({ status: 'warn', lines: [{ ...line, status: 'warn' }] });
  });

  it('shows no reason for a schema that fits, only the time at which it was read', () => {
    const schema = {
      name: 'prisma',
      readAt: 1_700_000_000_000,
      state: () => 'compatible',
      reason: () => 'what this build works with',
      mayJoin: () => true,
      whileServing: () => 'pass',
    } as Partial<Schema> as Schema;
    const line = { name: 'schema:prisma', status: 'pass', observedValue: 'compatible', checkedAt: 1_700_000_000_000 };
    expect(readiness({ schemas: [schema] }).report()).toEqual({ status: 'pass', lines: [line] });
  });

  it('has started when its checks at start-up have passed, whatever the other checks say', () => {
    let now: Status = 'fail';
    const one = readiness({ checks: [check('startup', () => now), check('critical', () => 'fail')] });
    expect(one.started()).toEqual({ status: 'fail', lines: [{ name: 'startup', status: 'fail' }] });
    now = 'pass';
    expect(one.started()).toEqual({ status: 'pass', lines: [{ name: 'startup', status: 'pass' }] });
    expect(one.hasBeenReady).toBe(false);
  });

  it('is refused once the pod drains, whatever the checks say', () => {
    let isDraining = false;
    const one = readiness({ checks: [check('joining', () => 'pass')], isDraining: () => isDraining });
    expect(one.report().status).toBe('pass');
    isDraining = true;
    expect(one.report()).toEqual({ status: 'fail', lines: [{ name: 'draining', status: 'fail' }] });
  });

  it('leaves liveness at 200 until the end of a drain, unless a check asks for a restart', () => {
    const [fine, stuck] = [check('joining', () => 'fail'), { ...check('critical', () => 'fail'), isFatal: () => true }];
    let isDraining = false;
    const one = readiness({ checks: [fine, stuck], isDraining: () => isDraining });
    expect(one.alive()).toEqual({ status: 'fail', lines: [{ name: 'critical', status: 'fail' }] });
    isDraining = true;
    expect(one.alive()).toEqual({ status: 'pass', lines: [] });
    expect(readiness({ checks: [fine] }).alive()).toEqual({ status: 'pass', lines: [] });
  });
});
