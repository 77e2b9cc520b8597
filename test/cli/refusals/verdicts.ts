import { readdirSync, readFileSync } from 'node:fs';
import { type Mutant, mutantsOf } from './mutants.js';

/** The verdicts of the judges on the mutants of one seed, and the versions of the judges. */
export interface Verdicts {
  readonly versions: Readonly<Record<string, string>>;
  /** By the name of the mutant, in the order in which the mutants are made. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Who refused a mutant, and why, or `accepted` by both. */
export type Verdict = 'accepted' | `server: ${string}` | `controller: ${string}`;

const SEED = 15;

const MUTANTS_OF_EACH = 110;

const MANIFESTS: URL = new URL('manifests/', import.meta.url);

export const RECORD: URL = new URL('verdicts.json', import.meta.url);

/** The files from which mutants are made, with their text. */
export function manifestFiles(): ReadonlyMap<string, string> {
  const files = readdirSync(MANIFESTS).sort();
  return new Map(files.map((file) => [file, readFileSync(new URL(file, MANIFESTS), 'utf8')]));
}

/** All mutants, of every file. */
export function allMutants(): readonly Mutant[] {
  const made = [...manifestFiles()].flatMap(([file, text]) => mutantsOf(file, text, SEED, MUTANTS_OF_EACH));
  // The linter does not judge objects of an unknown kind.
  return made.filter(({ path }) => path[0] !== 'kind');
}
