import type { Finding } from '@coalmine/cli';
import { expect } from 'vitest';
import type { Reply } from '../../support/scripted-prometheus.js';

/** How many of what was generated was without a finding, and how many had errors that must not be promoted. */
export interface Kinds {
  clean: number;
  errors: number;
}

/** What `analyze` makes of one thing with each of some answers: a verdict, or why the thing cannot be run. */
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

/** Holds what `lint` says against what `analyze` made of the same text. Errors that are excused find a promotion. */
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
