import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// One label per line, with its value in quotes. A label contains no character that would have to be escaped.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const LABEL = /^([\w./-]+)="([\w.-]*)"$/;

/** The contents of the files of a downwardAPI volume. A file that cannot be read is left out. */
export interface Podinfo {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** Values by key, without empty values. */
  readonly labels: ReadonlyMap<string, string>;
}

export function readPodinfo(folder: string): Podinfo {
  return {
    name: readText(join(folder, 'name')),
    namespace: readText(join(folder, 'namespace')),
    labels: labelsIn(readText(join(folder, 'labels')) ?? ''),
  };
}

/** Returns the text of a file without the space around it; `undefined` if it is empty, or there is no such file. */
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
