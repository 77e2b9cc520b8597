import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// One label a line, its value in quotes. Of what would have to be escaped a label has nothing.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const LABEL = /^([\w./-]+)="([\w.-]*)"$/;

/** What the files of a downwardAPI volume say; whatever cannot be read says nothing. */
export interface Podinfo {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** Values by key, those that are empty left out. */
  readonly labels: ReadonlyMap<string, string>;
}

export function readPodinfo(folder: string): Podinfo {
  return {
    name: readText(join(folder, 'name')),
    namespace: readText(join(folder, 'namespace')),
    labels: labelsIn(readText(join(folder, 'labels')) ?? ''),
  };
}

/** The text of a file without the space around it; `undefined` where there is none, or no such file. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function labelsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, key = '', value = ''] = LABEL.exec(line) ?? [];
      return value === '' ? [] : [[key, value]];
    }),
  );
}
