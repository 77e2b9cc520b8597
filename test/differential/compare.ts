import { type Random, randomOf } from '../support/random.js';
import { COALMINE_OPTIONS } from './coalmine-options.js';
import { shrink } from './shrink.js';
import { type Case, type Side, startSide } from './side.js';

const SEED = Number(process.env.COALMINE_SEED ?? 1);
const CASES = Number(process.env.COALMINE_CASES ?? 150);
/** Two runs of one app may differ by their timing, so a difference counts only if the sides never agree. */
const ATTEMPTS = 8;
const SHRINK_MILLISECONDS = 60_000;

/** A difference between an app with Coalmine and the same app without. */
export interface Difference {
  readonly seed: number;
  /** The smallest app found with this difference. */
  readonly smallest: Case;
  readonly measured: string;
  readonly bare: string;
}

/** What a generator decides about a case. */
export type Generated = Pick<Case, 'framework' | 'plan' | 'visits'>;

/** Plays the cases of a generator with Coalmine and without, until one differs. Each case has its own seed. */
export async function findDifference(generate: (random: Random) => Generated): Promise<Difference | undefined> {
  const sides = { measured: startSide(true), bare: startSide(false) };
  try {
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      const random = randomOf(seed);
      const options = random.pick(Object.keys(COALMINE_OPTIONS));
      const played = { options, isWatching: random.chance(0.6), ...generate(random) } as Case;
      let seen = await differ(sides, played);
      if (seen === undefined) continue;
      const isDifferent = async (smaller: Case): Promise<boolean> => {
        const found = await differ(sides, smaller);
        seen = found ?? seen;
        return found !== undefined;
      };
      return { seed, smallest: await shrink(played, isDifferent, SHRINK_MILLISECONDS), ...seen };
    }
    return undefined;
  } finally {
    await Promise.all([sides.measured.close(), sides.bare.close()]);
  }
}

/** Returns how to play a difference again, and what its smallest app is. */
export function textOf({ seed, smallest }: Difference): string {
  return `COALMINE_SEED=${seed} COALMINE_CASES=1 plays this case again. Smallest app:\n${JSON.stringify(smallest, undefined, 1)}\n`;
}

/** Returns what the sides saw, if they never see the same. */
async function differ(
  sides: Record<'measured' | 'bare', Side>,
  played: Case,
): Promise<Record<'measured' | 'bare', string> | undefined> {
  const seen = { measured: new Set<string>(), bare: new Set<string>() };
  for (let attempt = 1; ; attempt++) {
    const [measured, bare] = await Promise.all([sides.measured.play(played), sides.bare.play(played)]);
    seen.measured.add(measured);
    seen.bare.add(bare);
    if ([...seen.measured].some((each) => seen.bare.has(each))) return undefined;
    if (attempt === ATTEMPTS) return { measured, bare };
  }
}
