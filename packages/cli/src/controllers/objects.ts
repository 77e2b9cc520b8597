import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { chartOffset } from './helm.js';
import { splitJson, type TextPart } from './json-stream.js';
import { nodeAt, type Path, readValue, UnreadableYaml } from './yaml.js';

export type { Path } from './yaml.js';

/** A file of YAML or JSON. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** A place in a file. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The column, in a file with a single line, such as JSON from a program. */
  readonly column?: number;
}

/** A Kubernetes object, and its place. */
export interface SourceObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent if it is set when the object is applied. */
  readonly namespace?: string;
  /** The spec that is linted. */
  readonly spec: unknown;
  /** The whole object, as it is written. */
  readonly written: Readonly<Record<string, unknown>>;
  /** Returns the place of the value at a path, or of its parent if there is no value. */
  at(path: Path): Place;
  /** Returns the place of the name of the field at a path, or of its parent if there is no field. */
  keyAt(path: Path): Place;
  /** Returns the place of a character in the text at a path, counted from 0. */
  within(path: Path, offset: number): Place;
}

/** A document that was not read, and the reason. */
export interface Unread extends Place {
  /** `chart` is the source of a chart; `yaml` is not valid YAML; `endless` has no end, or almost none. */
  readonly kind: 'chart' | 'yaml' | 'endless';
  readonly message: string;
}

/** Whether a text contains Kubernetes objects, as YAML or as JSON, also on one line. */
export function isManifest(text: string): boolean {
  const has = (field: string): boolean =>
    new RegExp(String.raw`^\s*(?:-\s+)*"?${field}"?\s*:`, 'm').test(text) ||
    (/^\s*[[{]/.test(text) && new RegExp(String.raw`[[{,]\s*"?${field}"?\s*:`).test(text));
  if (!has('apiVersion') || !has('kind')) return false;
  const isAtTop = /^["']?kind["']?\s*:/m.test(text) || /^\s*\{\s*"(?:apiVersion|kind|items)"\s*:/.test(text);
  // The values of a chart may have a kind within them.
  return isAtTop || isReadable(readFile({ file: '', text }));
}

function isReadable({ objects, unread }: Read): boolean {
  return objects.length + unread.length > 0;
}

/**
 * Reads the Kubernetes objects of files as kubectl does, including the items of lists, and reports the documents that
 * could not be read. Documents without a kind are left out.
 */
export function readObjects(files: readonly SourceFile[]): {
  readonly objects: readonly SourceObject[];
  readonly unread: readonly Unread[];
} {
  return joinReads(files.map(readFile));
}

type Read = ReturnType<typeof readObjects>;

function joinReads(read: readonly Read[]): Read {
  return { objects: read.flatMap(({ objects }) => objects), unread: read.flatMap(({ unread }) => unread) };
}

function readFile({ file, text }: SourceFile): Read {
  const isOneLine = !text.trim().includes('\n');
  const readPart = (part: TextPart): Read => readText(file, part, isOneLine);
  const parts = splitJson(text);
  if (parts.length > 0) return joinReads(parts.map(readPart));
  const read = readPart({ text, line: 0, column: 0 });
  const isCutOff = read.unread.some(({ message }) => /^Missing closing ['"]quote/.test(message));
  const again = isCutOff ? readPart({ text: indentContinuations(text), line: 0, column: 0 }) : read;
  return again.unread.length < read.unread.length ? again : read;
}

function readText(file: string, part: TextPart, isOneLine: boolean): Read {
  // A byte order mark stands at the start of each file that was joined.
  const text = part.text.replace(/^\ufeff/gm, '');
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: part.line + Math.max(1, line), ...(isOneLine ? { column: part.column + col } : {}) };
  };
  const objects: SourceObject[] = [];
  const unread: Unread[] = [];
  const leave = (kind: Unread['kind'], offset: number, message: string): void => {
    unread.push({ ...place(offset), kind, message });
  };
  const leaveUnreadable = ({ isEndless, offset, message }: UnreadableYaml): void =>
    leave(isEndless ? 'endless' : 'yaml', offset, message);
  try {
    for (const document of documentsIn(text, lines)) {
      const [error] = document.errors;
      // Text that is not valid syntax in one document may start in another.
      const chart = error === undefined ? undefined : chartOffset(text, false);
      if (chart !== undefined) return { objects: [], unread: [{ ...place(chart), kind: 'chart', message: CHART }] };
      if (error === undefined) readDocument(document);
      else if (isTooDeep(error)) leave('endless', error.pos[0], TOO_DEEP);
      else leave('yaml', error.pos[0], messageOf(error));
    }
  } catch (error) {
    if (!(error instanceof UnreadableYaml)) throw error;
    leaveUnreadable(error);
  }
  return { objects, unread };

  function readDocument(document: Document.Parsed): void {
    const [start, , end] = document.range;
    const own = text.slice(start, end);
    let found: readonly SourceObject[] = [];
    let unreadable: UnreadableYaml | undefined;
    try {
      found = objectsOf(document, { text, place });
    } catch (error) {
      if (!(error instanceof UnreadableYaml)) throw error;
      unreadable = error;
    }
    const isOurs = unreadable !== undefined || found.some(isJudged);
    const chart = isOurs ? chartOffset(own, unreadable === undefined) : undefined;
    if (chart !== undefined) leave('chart', start + chart, CHART);
    else if (unreadable !== undefined) leaveUnreadable(unreadable);
    else if (isOurs && document.directives.yaml.explicit) leave('yaml', text.lastIndexOf('%YAML', start), DIRECTIVE);
    else objects.push(...found);
  }
}

const CHART = 'it is the source of a chart, which only Helm can render';
const TOO_DEEP = 'it is nested too deeply';
const DIRECTIVE = 'it has a %YAML directive, which kubectl does not read';

/** Whether the parser, which calls itself for each level, has given up on a document. */
function isTooDeep({ code }: YAMLError): boolean {
  return code === 'RESOURCE_EXHAUSTION';
}

/** Whether an object belongs to Argo Rollouts or to Flagger. */
export function isJudged({ apiVersion }: Pick<SourceObject, 'apiVersion'>): boolean {
  return /^(?:argoproj\.io|flagger\.app)\/|^$|\{\{/.test(apiVersion);
}

function messageOf({ message }: YAMLError): string {
  const [sentence = ''] = message.split(/ at line \d|\n/, 1);
  return sentence;
}

function documentsIn(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  try {
    return [...parseAllDocuments(text, { lineCounter, logLevel: 'error', uniqueKeys: false })];
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableYaml(TOO_DEEP, 0, true);
  }
}

const QUOTED = /(?<=(?::|-)[ \t]+)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/gs;

/**
 * Indents the continuation lines of quoted values. kubectl accepts them without indentation, the parser does not. Lines
 * and quoted values do not change.
 */
function indentContinuations(text: string): string {
  return text.replace(QUOTED, (quoted) => quoted.replaceAll('\n', `\n${' '.repeat(80)}`));
}

interface Source {
  readonly text: string;
  place(offset: number): Place;
}

interface Unchecked {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly items?: unknown;
}

function objectsOf(document: Document.Parsed, { text, place }: Source): readonly SourceObject[] {
  const targets = targetsOf(document);
  const resolve = (node: Node): Node | undefined => targets.get(node);
  const nodeNear = (path: Path): Node | undefined => {
    const node = nodeAt(document.contents, path, resolve);
    return node?.range != null || path.length === 0 ? node : nodeNear(path.slice(0, -1));
  };
  const startAt = (path: Path): number => nodeNear(path)?.range?.[0] ?? document.range[0];
  const keyStartAt = (path: Path): number => {
    const holder = path.length === 0 ? undefined : nodeAt(document.contents, path.slice(0, -1), resolve);
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    if (isScalar(pair?.key) && pair.key.range != null) return pair.key.range[0];
    const isItem = typeof path.at(-1) === 'number' && nodeAt(document.contents, path, resolve) !== undefined;
    return path.length === 0 || isItem ? startAt(path) : keyStartAt(path.slice(0, -1));
  };
  const whole = readValue(document.contents, resolve, text);
  return expandLists(whole, []).map(({ value, path: outer }) => ({
    apiVersion: textOf(value.apiVersion),
    kind: textOf(value.kind),
    name: textOf(value.metadata?.name),
    ...(value.metadata?.namespace == null ? {} : { namespace: textOf(value.metadata.namespace) }),
    spec: {},
    written: value as SourceObject['written'],
    at: (path) => place(startAt([...outer, ...path])),
    keyAt: (path) => place(keyStartAt([...outer, ...path])),
    within(path, offset) {
      const start = startAt([...outer, ...path]);
      const said = [...outer, ...path].reduce<unknown>(
        (of, key) => (of as Readonly<Record<string | number, unknown>> | null | undefined)?.[key],
        whole,
      );
      if (typeof said !== 'string') return place(start);
      // An error about an early end belongs to the last character.
      const last = said.trimEnd().length - 1;
      return place(offsetIn(text, start, said.slice(0, Math.min(offset, last))));
    },
  }));
}

/** Returns the node that each alias of a document refers to: the last one before it with the anchor. */
function targetsOf(document: Document.Parsed): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Node(_, node) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (target !== undefined) targets.set(node, target);
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** Returns the objects of a value: the items, if it is a list. */
function expandLists(value: unknown, path: Path): readonly { readonly value: Unchecked; readonly path: Path }[] {
  if (typeof value !== 'object' || value === null) return [];
  const object = value as Unchecked;
  if (typeof object.kind !== 'string') return [];
  if (!object.kind.endsWith('List') || !Array.isArray(object.items)) return [{ value: object, path }];
  // The items of a list of one kind may lack the kind.
  const own = { apiVersion: object.apiVersion, kind: object.kind.replace(/List$/, '') };
  return object.items.flatMap((item: unknown, i) =>
    typeof item === 'object' && item !== null
      ? expandLists(own.kind === '' ? item : { ...own, ...item }, [...path, 'items', i])
      : [],
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/** Returns the position in the source of the character after `before`, in a text that starts at `start`. */
function offsetIn(source: string, start: number, before: string): number {
  const isBlock = /[|>]/.test(source[start] ?? '');
  let left = before.replace(/[\s\\"']/g, '').length;
  // All but the characters that YAML may add to a text or remove from it, by folding and quoting.
  const significant = /[^\s\\"']+/g;
  significant.lastIndex = isBlock ? Math.max(start, source.indexOf('\n', start)) : start;
  for (let run = significant.exec(source); run !== null; run = significant.exec(source)) {
    if (left < run[0].length) return run.index + left;
    left -= run[0].length;
  }
  return source.length;
}
