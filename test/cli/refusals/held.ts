import { type Finding, lintTemplates } from '@coalmine/cli';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, stringify } from 'yaml';
import type { Mutant } from './mutants.js';
import type { Verdict } from './verdicts.js';

/** A file of manifests, and the verdicts on its mutants. */
export interface Held {
  readonly file: string;
  readonly text: string;
  readonly mutants: readonly Mutant[];
  readonly verdictOf: (mutant: Mutant) => Verdict;
}

/** Returns the refused mutants in which `coalmine lint` finds nothing at the place of the change. */
export function unnamedIn({ file, text, mutants, verdictOf }: Held): readonly string[] {
  const before = new Set(lintTemplates([{ file, text }]).map(named));
  return mutants.flatMap((mutant) => {
    const verdict = verdictOf(mutant);
    if (verdict === 'accepted') return [];
    const mutated = textOf(mutant);
    const found = lintTemplates([{ file, text: mutated }]).filter((finding) => !before.has(named(finding)));
    const [first, last] = linesAround(mutant, mutated);
    const isNamed = found.some(({ line }) => !verdict.startsWith('server') || (line >= first && line <= last));
    return isNamed ? [] : [`${mutant.name}: ${verdict}; found ${JSON.stringify(found.map(named))}`];
  });
}

/** Returns the findings that say that the API server refuses a mutant, although it does not. */
export function wrongedIn({ file, mutants, verdictOf }: Held): readonly string[] {
  return mutants.flatMap((mutant) => {
    if (verdictOf(mutant).startsWith('server')) return [];
    const found = lintTemplates([{ file, text: textOf(mutant) }]).filter(isOfServer);
    return found.map((finding) => `${mutant.name}: ${named(finding)}`);
  });
}

function textOf({ objects }: Mutant): string {
  return objects.map((object) => stringify(object, { version: '1.1' })).join('---\n');
}

function isOfServer({ rule, message }: Finding): boolean {
  return rule === 'unknown-field' || /the API server refuses/.test(message);
}

function named({ rule, message }: Finding): string {
  return `${rule} ${message}`;
}

/** Returns the first and the last line of the parent of the changed field, or of the object if a field was moved. */
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
