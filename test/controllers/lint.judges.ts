import { describe, expect, it } from 'vitest';
import { unnamedIn, wrongedIn } from '../cli/refusals/held.js';
import { judgeMutants } from '../cli/refusals/judging.js';
import { type Mutant, mutantsOf } from '../cli/refusals/mutants.js';
import { manifestFiles } from '../cli/refusals/verdicts.js';
import { areMissing, JUDGES } from './judges/judges.js';

// Each day has other mutants than the record. The same seed has the same mutants.
const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 86_400_000));
const MUTANTS_OF_EACH = Number(process.env.MUTANTS ?? 8);

const isMissing = areMissing('kube-apiserver', 'rollouts-controller', 'flagger');

describe.skipIf(isMissing).each(['argo', 'flagger'] as const)('the refusals of mutants for %s', (controller) => {
  it(`is named by coalmine lint (SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
    const files = [...manifestFiles()].filter(([file]) => file.startsWith(controller));
    const held = files.map(([file, text]) => ({
      file,
      text,
      mutants: mutantsOf(file, text, SEED, MUTANTS_OF_EACH).filter(({ path }) => path[0] !== 'kind'),
    }));
    const verdicts = await judgeMutants(
      JUDGES,
      controller,
      held.flatMap(({ mutants }) => mutants),
    );
    const refused = [...verdicts.values()].filter((verdict) => verdict !== 'accepted');
    console.log(`${controller}: ${refused.length} of ${verdicts.size} mutants refused`);
    const all = held.map((each) => ({
      ...each,
      verdictOf: (mutant: Mutant) => verdicts.get(mutant) ?? ('accepted' as const),
    }));
    expect(all.flatMap(unnamedIn)).toEqual([]);
    expect(all.flatMap(wrongedIn)).toEqual([]);
  });
});
