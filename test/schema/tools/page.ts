import { readFileSync } from 'node:fs';

/** The steps in a section of the page, in their order. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly line: string };

export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
  /** The commands for a database that existed before. */
  readonly adopts: readonly string[];
}

/** Returns the sections of a page. Files are the blocks below their name in code. Commands are the lines of `sh` blocks. */
export function sectionsOf(page: URL): readonly Section[] {
  const [, ...sections] = readFileSync(page, 'utf8').split(/^## /m);
  return sections.map((section) => {
    const [own = '', before = ''] = section.split(/^### .*/m);
    return { title: own.slice(0, own.indexOf('\n')), steps: stepsIn(own), adopts: commandsOf(stepsIn(before)) };
  });
}

/** Returns the shell lines of some steps. */
export function commandsOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'command' ? [step.line] : []));
}

function stepsIn(text: string): readonly Step[] {
  return [...text.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)\n```$/gms)].flatMap(stepsOf);
}

function stepsOf([, path, language, text = '']: RegExpMatchArray): readonly Step[] {
  if (path !== undefined) return [{ kind: 'file', path, text: `${text}\n` }];
  if (language !== 'sh') return [];
  return text.split('\n').map((line) => ({ kind: 'command', line }));
}
