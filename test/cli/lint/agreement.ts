import type { Finding } from '@coalmine/cli';
import { expect } from 'vitest';
import type { Reply } from '../../support/scripted-prometheus.js';

/** How many of the generated templates have no finding, and how many have errors that must not be promoted. */
export interface Kinds {
  clean: number;
  errors: number;
}

/** Returns the verdict of `analyze` on one template with each of some results, or why the analysis cannot run. */
export async function outcomesOf(
  answers: readonly Reply[],
  run: (answer: Reply) => Promise<{ readonly verdict: string }>,
): Promise<readonly string[]> {
  const all: string[] = [];
  for (const answer of answers) {
    all.push(
      await run(answer).then(
        ({ verdict }) => verdict,
        ({ name, message }: Error) => `cannot be run: ${name}: ${message}`,
      ),
    );
  }
  return all;
}

/** Compares the findings of `lint` with the verdicts of `analyze` on the same text. Excused errors may go with a promotion. */
export function expectAgreement(
  text: string,
  findings: readonly Finding[],
  outcomes: readonly string[],
  isExcused: boolean,
  kinds: Kinds,
): void {
  const said = `${text}\n${findings.map(({ rule, severity }) => `${severity} ${rule}`).join(', ')}\n${outcomes.join('\n')}`;
  expect(
    outcomes.filter((each) => /^cannot be run: (?!AnalysisError)/.test(each)),
    said,
  ).toEqual([]);
  if (findings.some(({ severity }) => severity === 'error') && !isExcused) {
    kinds.errors += 1;
    expect(
      outcomes.every((each) => each === 'promote'),
      said,
    ).toBe(false);
  }
  if (findings.length === 0) {
    kinds.clean += 1;
    expect(
      outcomes.filter((each) => each.startsWith('cannot be run')),
      said,
    ).toEqual([]);
  }
}
