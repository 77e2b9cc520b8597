import { readFileSync } from 'node:fs';
import { type Finding, lintTemplates } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, stringify } from 'yaml';
import type { Mutant } from './mutants.js';
import { allMutants, manifestFiles, RECORD, type Verdicts } from './verdicts.js';

const { verdicts } = JSON.parse(readFileSync(RECORD, 'utf8')) as Verdicts;
const mutants = allMutants();

// Rules whose errors say that an API server or a controller refuses the object.
const REFUSALS = ['unknown-field', 'missing-field', 'wrong-type', 'refused-value', 'refused-together'];

describe('the record of what the API server and the controllers refuse', () => {
  it('is of these mutants, and of a thousand at least', () => {
    expect(mutants.map(({ name }) => name)).toEqual(Object.keys(verdicts));
    expect(mutants.length).toBeGreaterThanOrEqual(1000);
  });
});

describe.each([...manifestFiles()])('%s', (file, text) => {
  const before = new Set(lintTemplates([{ file, text }]).map(named));
  const own = mutants
    .filter((mutant) => mutant.name.startsWith(`${file} `))
    .map((mutant) => {
      const mutated = mutant.objects.map((object) => stringify(object, { version: '1.1' })).join('---\n');
      return {
        mutant,
        mutated,
        verdict: verdicts[mutant.name] ?? '',
        findings: lintTemplates([{ file, text: mutated }]),
      };
    });

  it('has nothing that is refused', () => {
    expect(lintTemplates([{ file, text }]).filter(({ rule }) => REFUSALS.includes(rule))).toEqual([]);
  });

  it('has a finding at the place of whatever is refused', () => {
    const unnamed = own.flatMap(({ mutant, mutated, verdict, findings }) => {
      if (verdict === 'accepted') return [];
      const found = findings.filter((finding) => !before.has(named(finding)));
      const [first, last] = linesAround(mutant, mutated);
      const isNamed = found.some(({ line }) => !verdict.startsWith('server') || (line >= first && line <= last));
      return isNamed ? [] : [`${mutant.name}: ${verdict}; found ${JSON.stringify(found.map(named))}`];
    });
    expect(unnamed).toEqual([]);
  });

  it('has nothing that the API server is said to refuse where the API server accepts it', () => {
    const wronged = own.flatMap(({ mutant, verdict, findings }) =>
      verdict.startsWith('server')
        ? []
        : findings.filter(isOfServer).map((finding) => `${mutant.name}: ${named(finding)}`),
    );
    expect(wronged).toEqual([]);
  });
});

function isOfServer({ rule, message }: Finding): boolean {
  return rule === 'unknown-field' || /the API server refuses/.test(message);
}

function named({ rule, message }: Finding): string {
  return `${rule} ${message}`;
}

/** The first and the last line of what holds the field that was changed; of the object, where a field was moved. */
function linesAround({ name, changed, path }: Mutant, text: string): readonly [number, number] {
  const lines = new LineCounter();
  const document = [...parseAllDocuments(text, { lineCounter: lines })][changed];
  let node = document?.contents as Node | undefined;
  let first = node?.range?.[0] ?? 0;
  for (const key of name.includes(' moved to ') ? [] : path.slice(0, -1)) {
    const inner = isMap(node)
      ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
      : isSeq(node)
        ? { key: node.items[Number(key)], value: node.items[Number(key)] }
        : undefined;
    if (inner === undefined) break;
    node = inner.value as Node;
    first = (inner.key as Node | undefined)?.range?.[0] ?? first;
  }
  return [lines.linePos(first).line, lines.linePos(node?.range?.[1] ?? first).line];
}
