import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The paths from the root of all documents for users and contributors. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...filesIn('docs', /\.md$/),
  ...filesIn('packages', /README\.md$/),
  ...filesIn('examples', /README\.md$/),
];

/** A block of code in a document. */
export interface Block {
  readonly document: string;
  /** The nearest heading above. */
  readonly heading: string;
  /** The number of its first line in the document, from 1. */
  readonly line: number;
  /** Empty if the document names no language. */
  readonly language: string;
  /** The text, without the indentation of a list item around the block. */
  readonly text: string;
  /** The file that the block is from, if the document names it. */
  readonly from: string | undefined;
}

interface OpenBlock {
  readonly indent: string;
  readonly start: Omit<Block, 'text'>;
  readonly lines: string[];
}

/** Returns the blocks of code in a document. Throws if a block is not closed. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let from: string | undefined;
  let open: OpenBlock | undefined;
  for (const [i, text] of readFileSync(join(root, document), 'utf8').split('\n').entries()) {
    const [fence, indent = '', language = ''] = /^( *)```(\w*) *$/.exec(text) ?? [];
    if (open === undefined) {
      [, heading = heading] = /^#+ (.*)$/.exec(text) ?? [];
      if (fence !== undefined) open = { indent, start: { document, heading, line: i + 2, language, from }, lines: [] };
      // The comment about a block is directly above the block.
      if (text !== '') [, from] = /^<!-- from (\S+) -->$/.exec(text) ?? [];
    } else if (fence === undefined) {
      open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    } else {
      blocks.push({ ...open.start, text: open.lines.join('\n') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the block in line ${open.start.line} of ${document} is not closed`);
  return blocks;
}

/** Returns the block of a document whose first line says the name of a file: `// server.js`, `# prometheus.yml`. */
export function fileIn(document: string, name: string): string {
  const [found, ...more] = blocksOf(document).filter(({ text }) => nameOf(text) === name);
  if (found === undefined) throw new Error(`${document} has no block of ${name}`);
  if (more.length > 0) throw new Error(`${document} has ${more.length + 1} blocks of ${name}`);
  return found.text;
}

/** Returns the name of the file in the first line of a block. */
export function nameOf(text: string): string | undefined {
  return /^(?:\/\/|#) (\S+\.\w+)$/.exec(text.split('\n', 1)[0] ?? '')?.[1];
}

/** Returns the paths from the root of the files below a folder, without installed and built files. */
export function filesIn(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(join(root, path)).isDirectory() ? filesIn(path, pattern) : [path]))
    .filter((path) => pattern.test(path));
}
