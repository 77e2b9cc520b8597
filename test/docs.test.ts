import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { RULES } from '../packages/cli/src/lint/rules.js';
import { DOCUMENTS, filesIn } from './support/documents.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const GROUPS = [
  'objective',
  'metrics',
  'metrics.names',
  'metrics.names.labels',
  'traffic',
  'traffic.exclude',
  'traffic.exclude.trusted',
  'warmup',
  'warmup.prime',
  'health',
  'health.paths',
  'health.schema',
  'health.afterScrape',
  'admin',
];
// READMEs of packages link into the repository by its address, because npmjs.com resolves no relative link.
const { repository } = JSON.parse(readFileSync(join(root, 'project.json'), 'utf8')) as { repository: string };
const IN_REPOSITORY = `${repository}/blob/main/`;
const SOURCES = filesIn('packages', /\/src\/.*(?<!\.test)\.ts$/);

describe('the documents', () => {
  it('have links that work', () => {
    const links = DOCUMENTS.flatMap((document) => linksOf(document).map((link) => ({ document, ...link })));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ file, anchor }) => !isThere(file, anchor))).toEqual([]);
  });

  it('show only code of an example that the example contains', () => {
    const shown = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/<!-- from (\S+) -->\n\n```\w+\n(.*?)\n```/gs)].map(
        ([, example = '', code = '']) => ({ document, example, missing: linesMissingIn(read(example), code) }),
      ),
    );
    expect(shown.filter(({ missing }) => missing.length > 0)).toEqual([]);
    const documents = shown.map(({ document }) => document);
    for (const document of ['README.md', 'docs/start.md', 'packages/fastify/README.md', 'packages/express/README.md']) {
      expect(documents).toContain(document);
    }
  });

  it('name functions that are in the named files', () => {
    const named = DOCUMENTS.flatMap(linksOf).filter(({ text, file }) => text.startsWith('`') && file.endsWith('.ts'));
    expect(named.length).toBeGreaterThan(10);
    const isNamed = ({ text, file }: Link): boolean => new RegExp(`\\b${nameIn(text)}\\b`).test(read(file));
    expect(named.filter((link) => !isNamed(link)).map(({ link }) => link)).toEqual([]);
  });

  it('name only codes that exist', () => {
    // Environment variables, such as `COALMINE_SEED=7`, are not codes.
    const spoken = new Set(DOCUMENTS.flatMap((document) => read(document).match(/\bCOALMINE_[A-Z_]+\b(?!=)/g) ?? []));
    expect([...spoken].filter((code) => !codes().includes(code))).toEqual([]);
  });

  it('have one heading for each code of an error or a warning', () => {
    const headings = headingsOf('docs/errors.md').filter((heading) => heading.startsWith('`COALMINE_'));
    expect(headings.map((heading) => heading.replaceAll('`', '')).sort()).toEqual(codes());
  });

  it.each([
    ['Sources and suppressions', RULES.source],
    ['Templates', RULES.template],
    ['Expositions', RULES.exposition],
  ])('have one heading for each rule of the linter, under %s', (heading, rules) => {
    const [, section = ''] =
      new RegExp(`^## ${heading}\\n(.*?)(?=^## |$(?![\\s\\S]))`, 'ms').exec(read('docs/lint.md')) ?? [];
    const headings = [...section.matchAll(/^### `(.*)`$/gm)].map(([, rule = '']) => rule);
    expect(headings.sort()).toEqual(Object.keys(rules).sort());
  });

  it('have one row for each source of migrations', () => {
    const sources = [...read('packages/health/src/schema/named-sources.ts').matchAll(/^export const (\w+)/gm)].map(
      ([, source = '']) => source,
    );
    expect(sources.length).toBeGreaterThan(15);
    const [, table = ''] = /^## Sources\n(.*?)^## /ms.exec(read('docs/schema-versions.md')) ?? [];
    const rows = [...table.matchAll(/^\| `(\w+)/gm)].map(([, source = '']) => source);
    expect(rows.sort()).toEqual(sources.sort());
  });

  it('have one entry for each option', () => {
    const entries = [...read('docs/options.md').matchAll(/^\s*(?:#+|-) `([\w.]+)`$/gm)].map(
      ([, option = '']) => option,
    );
    expect(entries.sort()).toEqual(optionsIn('options').sort());
  });
});

/** Returns the codes of errors and of process warnings. */
function codes(): readonly string[] {
  const named = SOURCES.flatMap((source) => [...read(source).matchAll(/(?:\||code:) '(COALMINE_[A-Z_]+)'/g)]);
  return [...new Set(named.map(([, code = '']) => code))].sort();
}

/** Returns the options of a group and the options below them, as the error about an unknown option lists them. */
function optionsIn(group: string, at: readonly string[] = []): string[] {
  const unknown = [...at, 'unknown'].reduceRight<unknown>((value, key) => ({ [key]: value }), 1);
  let message = '';
  try {
    createInstrument({ registry: new Registry(), ...(unknown as object) });
  } catch (error) {
    message = (error as Error).message;
  }
  const [, list] = /must be left out: \S+ takes (.*), got/.exec(message) ?? [];
  if (list === undefined) throw new Error(`no list of the options of ${group}: ${message}`);
  return list.split(', ').flatMap((name) => {
    const path = [...at, name];
    return [path.join('.'), ...(GROUPS.includes(path.join('.')) ? optionsIn(path.join('.'), path) : [])];
  });
}

interface Link {
  readonly link: string;
  readonly text: string;
  /** The path from the root of the repository. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Returns the links of a document into the repository, without links in code. */
function linksOf(document: string): readonly Link[] {
  return [...withoutCode(document).matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)]
    .filter(([, , target = '']) => target.startsWith(IN_REPOSITORY) || !/^https?:/.test(target))
    .map(([link, text = '', target = '']) => {
      const [path = '', anchor] = target.replace(IN_REPOSITORY, '').split('#');
      if (target.startsWith(IN_REPOSITORY)) return { link, text, file: path, anchor };
      return { link, text, file: path === '' ? document : join(dirname(document), path), anchor };
    });
}

function isThere(file: string, anchor: string | undefined): boolean {
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || headingsOf(file).map(slug).includes(anchor);
}

function headingsOf(document: string): readonly string[] {
  return [...withoutCode(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
}

/** Returns the anchor that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function nameIn(text: string): string {
  return text.replaceAll('`', '').split('.').at(-1) ?? '';
}

/** Returns the lines of `part` that `whole` does not have in the same order. */
function linesMissingIn(whole: string, part: string): readonly string[] {
  const lines = whole.split('\n');
  return part.split('\n').filter((line) => {
    const i = lines.indexOf(line);
    if (i >= 0) lines.splice(0, i + 1);
    return i < 0;
  });
}

function withoutCode(document: string): string {
  return read(document).replace(/^```.*?^```$/gms, '');
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
