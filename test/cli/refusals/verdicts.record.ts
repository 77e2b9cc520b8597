import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { JUDGES, versionOf } from '../../controllers/judges/judges.js';
import { judgeMutants } from './judging.js';
import { allMutants, RECORD, type Verdict, type Verdicts } from './verdicts.js';

const VERSIONS = {
  kubernetes: versionOf('kubernetes'),
  'argo-rollouts': versionOf('argo-rollouts'),
  flagger: versionOf('flagger'),
};

// Records each controller separately: `npm run refusals -- -t flagger` does not change the record of Argo Rollouts.
it.each(['argo', 'flagger'] as const)(
  'records what the API server and %s refuse',
  { timeout: 3_600_000 },
  async (controller) => {
    const mutants = allMutants().filter(({ name }) => name.startsWith(controller));
    const verdicts = await judgeMutants(JUDGES, controller, mutants);
    record(new Map(mutants.map((mutant) => [mutant.name, verdicts.get(mutant) ?? 'accepted'])));
  },
);

/** Writes verdicts, and keeps the recorded verdicts on other mutants. */
function record(verdicts: ReadonlyMap<string, Verdict>): void {
  const before = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, 'utf8')) as Verdicts).verdicts : {};
  const all = allMutants().flatMap(({ name }) => {
    const verdict = verdicts.get(name) ?? before[name];
    return verdict === undefined ? [] : [[name, verdict] as const];
  });
  const text = JSON.stringify({ versions: VERSIONS, verdicts: Object.fromEntries(all) } satisfies Verdicts, null, 2);
  writeFileSync(RECORD, `${text}\n`);
}
