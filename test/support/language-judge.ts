import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeWithRun } from './server-process.js';

// The original implementations of the languages of the controllers, in a Go program: test/judges/languages.

/** A case for an original implementation. A `result` has the values of a vector. */
export type Question =
  | {
      readonly language: 'expr';
      readonly source: string;
      readonly result: readonly number[];
      readonly isScalar: boolean;
    }
  | { readonly language: 'template'; readonly source: string; readonly model: Readonly<Record<string, unknown>> };

/** The result of a case in an original implementation. */
export interface Judgement {
  readonly value?: string;
  readonly error?: string;
}

const SOURCE = fileURLToPath(new URL('../judges/languages', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'coalmine-judge-'));
removeWithRun(folder);
const program = join(folder, 'judge');
const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: SOURCE, encoding: 'utf8' });
const isBuilt = built.error === undefined && built.status === 0;

/** Whether the tests must skip comparisons with the originals. Always false in CI, where they fail instead. */
export const areOriginalsMissing: boolean = !isBuilt && process.env.CI !== 'true';
if (areOriginalsMissing) {
  const cause = built.error?.message ?? built.stderr.trim().split('\n')[0];
  process.stderr.write(`SKIPPING the comparisons with expr-lang and text/template: go cannot build them: ${cause}\n`);
}

/** Returns the results of the originals, one for each case. */
export function judgementsOf(questions: readonly Question[]): readonly Judgement[] {
  const input = questions.map((question) => JSON.stringify(withTexts(question))).join('\n');
  const { status, stdout, stderr } = spawnSync(program, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`the originals ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Judgement);
}

/** Returns numbers as texts, because JSON has no `NaN`. */
function withTexts(question: Question): unknown {
  if (question.language === 'template') return question;
  return { ...question, result: question.result.map((value) => String(value).replace('Infinity', 'Inf')) };
}
