import { readdirSync, readFileSync } from 'node:fs';
import { type Mutant, mutantsOf } from './mutants.js';

/** What the judges said of the mutants of one seed, and which judges they were. */
export interface Verdicts {
  readonly versions: Readonly<Record<string, string>>;
  /** By the name of a mutant, in the order in which they are made. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Who refused a mutant, and why; `accepted` by both. */
export type Verdict = 'accepted' | `server: ${string}` | `controller: ${string}`;

const SEED = 15;

const MUTANTS_OF_EACH = 110;

const MANIFESTS: URL = new URL('manifests/', import.meta.url);

export const RECORD: URL = new URL('verdicts.json', import.meta.url);

/** The files that mutants are made of, with their text. */
export function manifestFiles(): ReadonlyMap<string, string> {
  const files = readdirSync(MANIFESTS).sort();
  return new Map(files.map((file) => [file, readFileSync(new URL(file, MANIFESTS), 'utf8')]));
}

/** All mutants, of every file. */
export function allMutants(): readonly Mutant[] {
  const made = [...manifestFiles()].flatMap(([file, text]) => mutantsOf(file, text, SEED, MUTANTS_OF_EACH));
  // What is of no known kind is none of the linter's business.
  return made.filter(({ path }) => path[0] !== 'kind');
}
