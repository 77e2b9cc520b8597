import { readFileSync, statSync } from 'node:fs';
import nodeModule from 'node:module';

// A sentence that every client contains and that survives minifying. The pattern is written so that it does not find
// itself in a bundle.
const SENTENCE = /A metric with the nam[e] /g;
// A bundle has some megabytes; a larger file is an executable.
const MAX_BYTES = 100_000_000;

/** Returns how many copies of a client are in the program's own file: 0, unless the program is a bundle. */
export function countBundledCopies(): number {
  const [, program] = process.argv;
  if (program === undefined) return 0;
  try {
    const file = nodeModule.createRequire(program).resolve(program);
    if (statSync(file).size > MAX_BYTES) return 0;
    return readFileSync(file, 'latin1').match(SENTENCE)?.length ?? 0;
  } catch {
    // Only a loader of modules may know the name of the program.
    return 0;
  }
}
