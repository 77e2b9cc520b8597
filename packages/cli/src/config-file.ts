import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CoalmineError, InvalidOption, isMapping, listOption, objectOption } from '@coalmine/options';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { IgnoreEntry, IgnoreList } from './lint/suppress.js';
import type { ReleaseOptions } from './release/release-options.js';

/** The files with the options of a release, searched in this order if no file is named. */
const CONFIG_FILES = ['coalmine.config.json', 'coalmine.config.yaml', 'coalmine.config.yml'] as const;

/**
 * Reads the options of a release from a file, or from the first of {@link CONFIG_FILES} in the working directory; `{}`
 * if there is none of these. Throws `CoalmineError` if a named file cannot be read, or a file cannot be parsed.
 */
export async function readConfig(named: string | undefined): Promise<ReleaseOptions> {
  return (await readConfigFile(named)).release;
}

/** Reads the options of a release, as {@link readConfig} does, and the findings to suppress. */
export async function readLintConfig(
  named: string | undefined,
): Promise<{ readonly release: ReleaseOptions; readonly ignore: IgnoreList }> {
  const { release, lint, source, lineAt } = await readConfigFile(named);
  const { ignore } = objectOption('lint', lint as { readonly ignore?: readonly Given[] } | undefined, ['ignore']);
  const entries = listOption('lint.ignore', ignore, 'an object with rule, file, reason', isMapping);
  return { release, ignore: { source, entries: entries.map((entry, i) => ignoreEntry(entry, i, lineAt)) } };
}

type Given = Readonly<Partial<Record<'rule' | 'file' | 'reason', unknown>>>;

function ignoreEntry(entry: Given, i: number, lineAt: (path: readonly (string | number)[]) => number): IgnoreEntry {
  const path = `lint.ignore[${i}]`;
  const { rule, file, reason } = objectOption(path, entry, ['rule', 'file', 'reason']);
  return {
    rule: textOption(`${path}.rule`, rule, 'the name of a rule'),
    reason: textOption(`${path}.reason`, reason, 'a sentence that says why the finding does not count'),
    ...(file === undefined
      ? {}
      : { file: textOption(`${path}.file`, file, 'a file or a pattern, such as "deploy/*.yaml"') }),
    line: lineAt(['lint', 'ignore', i]),
  };
}

function textOption(name: string, value: unknown, accepted: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw new InvalidOption(name, accepted, value);
  return value.trim();
}

interface ConfigFile {
  readonly source: string;
  readonly release: ReleaseOptions;
  /** The options of the linter, unchecked. */
  readonly lint: object | undefined;
  /** Returns the line of the value at a path. */
  lineAt(path: readonly (string | number)[]): number;
}

async function readConfigFile(named: string | undefined): Promise<ConfigFile> {
  for (const file of named === undefined ? CONFIG_FILES : [named]) {
    const text = await textOf(file, named !== undefined);
    if (text !== undefined) return parseText(file, text);
  }
  return { source: CONFIG_FILES[0], release: {}, lint: undefined, lineAt: () => 1 };
}

async function textOf(file: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await readFile(resolve(file), 'utf8');
  } catch (error) {
    if (!isNamed && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${file} cannot be read: ${(error as Error).message}`);
  }
}

function parseText(source: string, text: string): ConfigFile {
  const lines = new LineCounter();
  let document: Document;
  let value: unknown;
  try {
    // YAML is a superset of JSON.
    document = parseDocument(text, { lineCounter: lines });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    value = document.toJS();
  } catch (error) {
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${source} is neither YAML nor JSON: ${(error as Error).message}`);
  }
  if (!isMapping(value)) {
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${source} must be an object with the options of a release`);
  }
  if (holdsItself(value)) {
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${source} has an alias within its own anchor`);
  }
  const { lint, ...release } = value as ReleaseOptions & { readonly lint?: object };
  return {
    source,
    release,
    lint,
    lineAt(path) {
      const node = document.getIn(path, true);
      return isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1;
    },
  };
}

function holdsItself(value: unknown, outer: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (outer.includes(value)) return true;
  return Object.values(value).some((inner) => holdsItself(inner, [...outer, value]));
}
