import { readFileSync } from 'node:fs';

/** What a section of the page has its reader do, one after the other. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly line: string };

export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
  /** The commands for a database that was there before. */
  readonly adopts: readonly string[];
}

/** The sections of a page: files are the blocks below their name in code, commands are the lines of the blocks of `sh`. */
export function sectionsOf(page: URL): readonly Section[] {
  const [, ...sections] = readFileSync(page, 'utf8').split(/^## /m);
  return sections.map((section) => {
    const [own = '', before = ''] = section.split(/^### .*/m);
    return { title: own.slice(0, own.indexOf('\n')), steps: stepsIn(own), adopts: commandsOf(stepsIn(before)) };
  });
}

/** The lines of a shell among some steps. */
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
