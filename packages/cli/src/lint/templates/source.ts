import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';

/** A file of YAML. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** A place in a file. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export type Path = readonly (string | number)[];

/** A Kubernetes object, and where it stands. */
export interface SourceObject {
  readonly kind: string;
  readonly name: string;
  /** As it is looked at. */
  readonly spec: unknown;
  /** As it is written. */
  readonly written: unknown;
  /** The whole object as it is written, with its apiVersion, kind and metadata. */
  readonly whole: Readonly<Record<string, unknown>>;
  /** Where the value at a path stands; what holds it, where there is none. */
  at(path: Path): Place;
  /** Where the name of the field at a path stands; what holds it, where there is none. */
  keyAt(path: Path): Place;
  /** Where a character of the text at a path stands, counted from 0. */
  within(path: Path, offset: number): Place;
}

/** Why a file cannot be read. */
export interface SourceError extends Place {
  readonly message: string;
}

/** The objects of files, and what in these is no YAML. Documents without a kind are left out. */
export function objectsIn(files: readonly SourceFile[]): {
  readonly objects: readonly SourceObject[];
  readonly errors: readonly SourceError[];
} {
  const parsed = files.flatMap(({ file, text }) => {
    const lines = new LineCounter();
    return [...parseAllDocuments(text, { lineCounter: lines })].map((document) => ({ file, text, lines, document }));
  });
  return {
    objects: parsed.flatMap(({ document, ...file }) => (document.errors.length > 0 ? [] : objectOf(document, file))),
    errors: parsed.flatMap(({ document, file, lines }) =>
      document.errors.slice(0, 1).map((e) => errorOf(e, file, lines)),
    ),
  };
}

interface Source extends SourceFile {
  readonly lines: LineCounter;
}

function errorOf(error: YAMLError, file: string, lines: LineCounter): SourceError {
  const [message = ''] = error.message.split(/ at line \d|\n/, 1);
  return { file, line: lines.linePos(error.pos[0]).line, message };
}

function objectOf(document: Document.Parsed, { file, text, lines }: Source): readonly SourceObject[] {
  const value = document.toJS() as { kind?: unknown; metadata?: { name?: unknown }; spec?: unknown } | null;
  if (typeof value?.kind !== 'string') return [];
  const lineAt = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
  const nodeAt = (path: Path): Node | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node) && node.range != null) return node;
    return path.length === 0 ? undefined : nodeAt(path.slice(0, -1));
  };
  const keyOf = (path: Path): Node | undefined => {
    const holder = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    if (isNode(pair?.key)) return pair.key;
    const isItem = typeof path.at(-1) === 'number' && document.hasIn(path);
    return path.length === 0 || isItem ? nodeAt(path) : keyOf(path.slice(0, -1));
  };
  return [
    {
      kind: value.kind,
      name: String(value.metadata?.name ?? ''),
      spec: {},
      written: value.spec,
      whole: value as Readonly<Record<string, unknown>>,
      at: (path) => lineAt(nodeAt(path)?.range?.[0] ?? 0),
      keyAt: (path) => lineAt(keyOf(path)?.range?.[0] ?? 0),
      within(path, offset) {
        const start = nodeAt(path)?.range?.[0] ?? 0;
        const value = document.getIn(path);
        if (typeof value !== 'string') return lineAt(start);
        // What ends too early does so with its last character.
        const last = value.trimEnd().length - 1;
        return lineAt(offsetIn(text, start, value.slice(0, Math.min(offset, last))));
      },
    },
  ];
}

// What YAML may add to a text or take from it, folding and quoting it.
const INSIGNIFICANT = /[\s\\"']/;

/** Where in the source the character after `before` stands, of a text that begins at `start`. */
function offsetIn(source: string, start: number, before: string): number {
  const isBlock = /[|>]/.test(source[start] ?? '');
  let left = before.replace(/[\s\\"']/g, '').length;
  let at = isBlock ? source.indexOf('\n', start) : start;
  while (at < source.length && (left > 0 || INSIGNIFICANT.test(source[at] ?? ''))) {
    if (!INSIGNIFICANT.test(source[at] ?? '')) left -= 1;
    at += 1;
  }
  return at;
}
