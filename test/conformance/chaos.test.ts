import { beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/self-signed.js';
import { everyKindOf, strangersOf } from './strangers.js';
import { attack, attackKnown } from './strangers-attack.js';
import { type Certificate, TARGETS, type Target } from './strangers-services.js';

// No stranger can make a good service look bad, whatever bytes the stranger sends, withholds or does not read.
// CHAOS_RUNS=100 plays a hundred seeds, and CHAOS_SEED=7 starts with another seed than the first.
const FIRST = Number(process.env.CHAOS_SEED ?? 1);
const SEEDS = Array.from({ length: Number(process.env.CHAOS_RUNS ?? 3) }, (_, i) => FIRST + i);
const STRANGERS = 8;
// The number of targets at the same time for two cores, if each target is attacked in every way.
const ROOM = 3;
const GROUPS = Array.from({ length: TARGETS.length / ROOM }, (_, i) => TARGETS.slice(ROOM * i, ROOM * (i + 1)));
// After a failure, finds out who causes it alone, and with how few deeds.
const TIMEOUT = 300_000;

describe('a good service that strangers attack', () => {
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await selfSigned();
  });
  const named = (targets: readonly Target[]) => [targets.map(({ name }) => name).join(', '), targets] as const;

  it.each(GROUPS.map(named))(
    'counts each kind of stranger, and has failed nobody: %s',
    async (_names, targets) => {
      const problems = targets.map((target) => attack(target, everyKindOf(target, FIRST), certificate));
      expect((await Promise.all(problems)).flat()).toEqual([]);
    },
    TIMEOUT,
  );

  it.each(SEEDS)(
    'counts strangers who do anything in any order, and has failed nobody: seed %i',
    async (seed) => {
      const problems = TARGETS.map((target) => attack(target, strangersOf(target, seed, STRANGERS), certificate));
      expect((await Promise.all(problems)).flat()).toEqual([]);
    },
    TIMEOUT,
  );

  // These counts follow from the deed alone, whatever the server has seen of it.
  it(
    'counts strangers whose outcome is known beforehand',
    async () => {
      const problems = await Promise.all(TARGETS.map((target) => attackKnown(target, certificate)));
      expect(problems.flat()).toEqual([]);
    },
    TIMEOUT,
  );
});
