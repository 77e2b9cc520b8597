import { readFileSync } from 'node:fs';
import { lintTemplates } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { unnamedIn, wrongedIn } from './held.js';
import type { Mutant } from './mutants.js';
import { allMutants, manifestFiles, RECORD, type Verdict, type Verdicts } from './verdicts.js';

const { verdicts } = JSON.parse(readFileSync(RECORD, 'utf8')) as Verdicts;
const mutants = allMutants();

// Rules whose errors say that an API server or a controller refuses the object.
const REFUSALS = ['unknown-field', 'missing-field', 'wrong-type', 'refused-value', 'refused-together'];

describe('the record of the refusals of the API server and the controllers', () => {
  it('has exactly the current mutants, at least a thousand', () => {
    expect(mutants.map(({ name }) => name)).toEqual(Object.keys(verdicts));
    expect(mutants.length).toBeGreaterThanOrEqual(1000);
  });
});

describe.each([...manifestFiles()])('%s', (file, text) => {
  const held = {
    file,
    text,
    mutants: mutants.filter((mutant) => mutant.name.startsWith(`${file} `)),
    verdictOf: ({ name }: Mutant): Verdict => verdicts[name] ?? 'accepted',
  };

  it('has no finding of a refusal itself', () => {
    expect(lintTemplates([{ file, text }]).filter(({ rule }) => REFUSALS.includes(rule))).toEqual([]);
  });

  it('has a finding at the place of each refused mutation', () => {
    expect(unnamedIn(held)).toEqual([]);
  });

  it('has no finding of a refusal for a mutation that the API server accepts', () => {
    expect(wrongedIn(held)).toEqual([]);
  });
});
