import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { byName, byNumber } from './order.js';
import { createSchema, type Schema } from './schema.js';
import type { SchemaOptions, SchemaState } from './schema-options.js';
import type { SchemaReading, SchemaSource } from './source.js';

// A source of one's own, which answers what the test says; those of the tools are in test/schema.
let answer: () => SchemaReading | undefined | Promise<SchemaReading | undefined>;
let reads = 0;
const source: SchemaSource = {
  name: 'own',
  compare: byName,
  async read() {
    reads++;
    return answer();
  },
};
const REQUIRES = { requires: ['a', 'b'] } as const;

const schemaOf = (options: Partial<SchemaOptions> = {}): Schema =>
  createSchema({ source, supports: { ...REQUIRES, breaksOn: ['z'] }, ...options });
const read = async (schema: Schema, reading: SchemaReading | undefined): Promise<void> => {
  answer = () => reading;
  await schema.refresh();
};
const warnings: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
    warnings.push(String(warning));
  });
  warnings.length = 0;
  reads = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const failing = (fields: object) => (): never => {
  throw Object.assign(new Error('no'), fields);
};
const FINE: SchemaReading = { applied: ['a', 'b'] };

describe('a schema', () => {
  it.each<[string, SchemaState, () => SchemaReading | undefined, boolean, 'pass' | 'warn']>([
    ['has what is required', 'compatible', () => FINE, true, 'pass'],
    ['has more than what is required', 'ahead', () => ({ applied: ['a', 'b', 'c'] }), true, 'pass'],
    ['lacks what is required', 'behind', () => ({ applied: ['a'] }), false, 'warn'],
    ['has no history', 'unmigrated', () => undefined, false, 'warn'],
    ['has no table', 'unmigrated', failing({ code: '42P01' }), false, 'warn'],
    ['breaks the build', 'incompatible', () => ({ applied: ['a', 'b', 'z'] }), false, 'warn'],
    ['is being migrated', 'migrating', () => ({ ...FINE, isLocked: true }), false, 'warn'],
    [
      'is half migrated, and does not say whether a tool is at work',
      'migrating',
      () => ({ ...FINE, unfinished: ['c'] }),
      false,
      'warn',
    ],
    [
      'is half migrated, and no tool is at work',
      'failed',
      () => ({ ...FINE, unfinished: ['b'], isLocked: false }),
      false,
      'warn',
    ],
    [
      'is half migrated to the next release, and no tool is at work',
      'failed',
      () => ({ ...FINE, unfinished: ['c'], isLocked: false }),
      true,
      'warn',
    ],
    ['has a failed migration of the build', 'failed', () => ({ ...FINE, failed: ['b'] }), false, 'warn'],
    ['has a failed migration of the next release', 'failed', () => ({ ...FINE, failed: ['c'] }), true, 'warn'],
    [
      'has a failed migration of the next release, and lacks one of the build',
      'behind',
      () => ({ applied: ['a'], failed: ['c'] }),
      false,
      'warn',
    ],
    [
      'has a failed migration, and a tool is at work',
      'migrating',
      () => ({ ...FINE, failed: ['c'], isLocked: true }),
      false,
      'warn',
    ],
    ['does not respond', 'unreachable', failing({ code: 'ECONNREFUSED' }), false, 'warn'],
    ['may not be read', 'unknown', failing({ code: '42501' }), false, 'warn'],
  ])('that %s is %s', async (_, state, answers, mayJoin, whileServing) => {
    const schema = schemaOf();
    answer = answers;
    await schema.refresh();
    expect({ state: schema.state(), mayJoin: schema.mayJoin(), whileServing: schema.whileServing() }).toEqual({
      state,
      mayJoin,
      whileServing,
    });
  });

  it('is unknown before it is read', () => {
    const schema = schemaOf();
    expect([schema.state(), schema.reason(), schema.mayJoin(), schema.has('a')]).toEqual([
      'unknown',
      'not read yet',
      false,
      false,
    ]);
  });

  it('keeps its last state for a serving process in an outage, with a warning once that state is stale', async () => {
    const schema = schemaOf({ staleAfterSeconds: 60 });
    await read(schema, FINE);
    answer = failing({ code: 'ECONNREFUSED' });
    await schema.refresh();
    expect([schema.state(), schema.whileServing(), schema.mayJoin(), schema.has('a')]).toEqual([
      'unreachable',
      'pass',
      false,
      true,
    ]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(schema.whileServing()).toBe('warn');
    await read(schema, FINE);
    expect([schema.state(), schema.whileServing()]).toEqual(['compatible', 'pass']);
  });

  it('keeps an earlier warning in an outage', async () => {
    const schema = schemaOf();
    await read(schema, { applied: ['a'] });
    answer = failing({ code: 'ECONNREFUSED' });
    await schema.refresh();
    expect(schema.whileServing()).toBe('warn');
  });

  it('lets no process join while a migration runs, for a grace, and after that only a process that fits', async () => {
    const schema = schemaOf({ graceSeconds: 60 });
    await read(schema, { ...FINE, isLocked: true });
    expect(schema.mayJoin()).toBe(false);
    await vi.advanceTimersByTimeAsync(61_000);
    await read(schema, { ...FINE, isLocked: true });
    expect([schema.state(), schema.mayJoin(), schema.whileServing()]).toEqual(['migrating', true, 'warn']);
    await read(schema, { applied: ['a'], isLocked: true });
    expect([schema.state(), schema.mayJoin()]).toEqual(['migrating', false]);
    await read(schema, FINE);
    await read(schema, { ...FINE, isLocked: true });
    expect(schema.mayJoin()).toBe(false);
  });

  it('treats a migration that nobody finishes within the grace as failed', async () => {
    const schema = schemaOf({ graceSeconds: 60 });
    await read(schema, { ...FINE, unfinished: ['c'] });
    await vi.advanceTimersByTimeAsync(61_000);
    expect([schema.state(), schema.reason()]).toEqual([
      'failed',
      'failed, or given up half-way, and unknown to this build: c',
    ]);
  });

  it.each<[string, Partial<SchemaOptions>]>([
    ['is asked to wait', { onUnknownFailure: 'wait' }],
    ['would leave at once', { leaveOn: ['failed'] }],
  ])(
    'does not let a process join after a failed migration of the next release if the process %s',
    async (_, options) => {
      const schema = schemaOf(options);
      await read(schema, { ...FINE, failed: ['c'] });
      expect([schema.state(), schema.mayJoin(), schema.whileServing()]).toEqual(['failed', false, expect.any(String)]);
    },
  );

  it('makes a process leave only if the process opted in, and not all processes at once', async () => {
    const leaving = Array.from({ length: 50 }, () => schemaOf({ leaveOn: ['incompatible'], leaveWithinSeconds: 30 }));
    const leftAfter = async (seconds: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(1000 * seconds);
      return leaving.filter((schema) => schema.whileServing() === 'fail').length;
    };
    for (const schema of leaving) await read(schema, { applied: ['a'] });
    expect(await leftAfter(100)).toBe(0);
    for (const schema of leaving) await read(schema, { applied: ['a', 'b', 'z'] });
    expect(await leftAfter(0)).toBeLessThan(10);
    const half = await leftAfter(15);
    expect(half).toBeGreaterThan(10);
    expect(half).toBeLessThan(40);
    expect(await leftAfter(15)).toBe(50);
    for (const schema of leaving) await read(schema, FINE);
    expect(await leftAfter(100)).toBe(0);
  });

  it('is read periodically, and more often until it has fitted once', async () => {
    answer = () => ({ applied: ['a'] });
    const schema = schemaOf({ periodSeconds: 10 });
    schema.start();
    await vi.advanceTimersByTimeAsync(3_600);
    expect(reads).toBeGreaterThanOrEqual(4);
    answer = () => FINE;
    await vi.advanceTimersByTimeAsync(1_200);
    expect(schema.mayJoin()).toBe(true);
    reads = 0;
    answer = failing({ code: 'ECONNREFUSED' });
    await vi.advanceTimersByTimeAsync(50_000);
    expect(reads).toBeGreaterThanOrEqual(4);
    expect(reads).toBeLessThanOrEqual(6);
    schema.stop();
    reads = 0;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(reads).toBe(0);
  });

  it('reports each new state once', async () => {
    const schema = schemaOf();
    await read(schema, FINE);
    await read(schema, { applied: ['a'] });
    await read(schema, { applied: ['a'] });
    await read(schema, FINE);
    expect(warnings).toEqual([
      'The schema of own is behind: not applied: b',
      'The schema of own is compatible: what this build works with',
    ]);
  });

  it('accepts the name of a migration in any spelling of the tool', async () => {
    const schema = schemaOf({ source: { ...source, normalise: (name) => name.replace(/\.[jt]s$/, '') } });
    await read(schema, FINE);
    expect([schema.has('b.ts'), schema.has('b'), schema.has('c')]).toEqual([true, true, false]);
  });

  it('of a tool that keeps only its latest version has the versions before it', async () => {
    const schema = schemaOf({ source: { ...source, compare: byNumber, isLinear: true }, supports: { min: 3 } });
    await read(schema, { applied: ['7'] });
    expect([schema.has(7), schema.has('3'), schema.has(8)]).toEqual([true, true, false]);
    await read(schema, { applied: ['7'], unfinished: ['7'] });
    expect([schema.has(7), schema.has(6)]).toEqual([false, true]);
  });

  it.each<[unknown, string]>([
    [{ supports: REQUIRES }, 'source must be a source such as sources.prisma(client), got undefined'],
    [{ source }, 'supports must be given: which versions this build works with, got undefined'],
    [{ source, supports: REQUIRES, grace: 1 }, 'schema.grace must be left out'],
    [
      { source, supports: REQUIRES, graceSeconds: -1 },
      'graceSeconds must be a finite number of seconds, 0 or above, got -1',
    ],
    [
      { source, supports: REQUIRES, onUnknownFailure: 'ignore' },
      'onUnknownFailure must be one of join, wait, got "ignore"',
    ],
    [
      { source, supports: REQUIRES, leaveOn: ['ahead'] },
      'leaveOn[0] must be one of behind, unmigrated, incompatible, failed, unreachable, unknown, got "ahead"',
    ],
  ])('%# is refused', (options, message) => {
    expect(() => createSchema(options as SchemaOptions)).toThrow(message);
  });
});
