import { isMapping } from '@coalmine/options';
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type ParsedNode } from 'yaml';
import { scalarOf } from './scalar.js';

export type Path = readonly (string | number)[];

/** A document with content that has no value. */
export class UnreadableYaml extends Error {
  /** The index in the text, from 0. */
  readonly offset: number;
  /** Whether the document has no end, or almost none: then not even its faults are known. */
  readonly isEndless: boolean;

  constructor(message: string, offset: number, isEndless = false) {
    super(message);
    this.offset = offset;
    this.isEndless = isEndless;
  }
}

/** Finds the node that an alias refers to. */
type Resolve = (node: Node) => Node | undefined;

// A text without aliases has fewer nodes than characters.
const NODES_OF_ALIASES = 100_000;

/**
 * Returns the value of a YAML document as kubectl reads it: aliases are followed and merge keys are merged. Throws
 * `UnreadableYaml` for an alias that refers to nothing, to itself, or to too much, and for what kubectl does not read.
 */
export function readValue(contents: ParsedNode | null, resolve: Resolve, text: string): unknown {
  const isJson = /^\s*[[{]/.test(text);
  let left = text.length + NODES_OF_ALIASES;
  const within = new Set<Node>();
  return read(contents);

  function read(node: Node | null): unknown {
    if (node === null) return null;
    left -= 1;
    if (left < 0) throw new UnreadableYaml('its aliases expand to more than can be read', startOf(node), true);
    if (isScalar(node)) {
      if (!isJson && node.type === 'QUOTE_DOUBLE') refuseSlash(node);
      return scalarOf(node);
    }
    if (isSeq(node)) return node.items.map((item) => read(item as Node));
    if (isMap(node)) return readMapping(node.items);
    const target = resolve(node);
    if (target === undefined) throw new UnreadableYaml('it has an alias without an anchor before it', startOf(node));
    if (within.has(target)) throw new UnreadableYaml('it has an alias within its own anchor', startOf(node), true);
    within.add(target);
    const value = read(target);
    within.delete(target);
    return value;
  }

  function readMapping(items: readonly Pair[]): object {
    const value: Record<string, unknown> = {};
    const names = new Set<string>();
    for (const [key, each, start] of entriesOf(items)) {
      if (key === MERGE) {
        for (const source of sourcesOf(each).reverse()) Object.assign(value, mergeSource(source));
        continue;
      }
      if (names.has(key)) throw new UnreadableYaml('a mapping has one key twice', start);
      names.add(key);
      setOwn(value, key, read(each));
    }
    return value;
  }

  /** Refuses an escaped slash, which kubectl reads in JSON, but not in YAML. */
  function refuseSlash(node: Node): void {
    const [start, end] = node.range ?? [0, 0];
    const [before] = /^(?:[^\\]|\\[^/])*(?=\\\/)/s.exec(text.slice(start, end)) ?? [];
    if (before !== undefined)
      throw new UnreadableYaml('it escapes a slash (\\/) in double quotes', start + before.length);
  }

  function mergeSource(source: Node | null): object {
    const value = read(source);
    if (isMapping(value)) return value;
    throw new UnreadableYaml('it merges (<<) a value that is not a mapping', source === null ? 0 : startOf(source));
  }
}

/** Returns the node at a path, or `undefined` if there is none. */
export function nodeAt(contents: Node | null, path: Path, resolve: Resolve): Node | undefined {
  const node = contents !== null && isAlias(contents) ? resolve(contents) : contents;
  if (node === null || node === undefined) return undefined;
  const [key, ...rest] = path;
  if (key === undefined) return node;
  if (isSeq(node)) return nodeAt((node.items[Number(key)] ?? null) as Node | null, rest, resolve);
  return isMap(node) ? nodeAt(childOf(node.items, String(key), resolve) ?? null, rest, resolve) : undefined;
}

const MERGE = Symbol('<<');

type Entry = readonly [key: string | typeof MERGE, value: Node | null, start: number];

function entriesOf(items: readonly Pair[]): readonly Entry[] {
  return items.map(({ key, value }) => {
    if (isScalar(key) && key.source === '<<' && key.type === 'PLAIN')
      return [MERGE, value as Node | null, startOf(key)];
    const name = isScalar(key) ? scalarOf(key) : undefined;
    if (name === null) throw new UnreadableYaml('it has null as a key', startOf(key as Node));
    if (name !== undefined) return [String(name), value as Node | null, startOf(key as Node)];
    throw new UnreadableYaml(
      'it has a mapping or a list as a key, such as {{ … }} without quotes',
      isNode(key) ? startOf(key) : 0,
    );
  });
}

/** Returns the mappings that a merge key names. If there are several, the first overrides the others. */
function sourcesOf(node: Node | null): (Node | null)[] {
  return isSeq(node) ? (node.items as Node[]).slice() : [node];
}

/** Returns the value of a key. As in kubectl, a merged value overrides a value before it. */
function childOf(items: readonly Pair[], name: string, resolve: Resolve): Node | null | undefined {
  let found: Node | null | undefined;
  for (const [key, value] of entriesOf(items)) {
    if (key === name) found = value;
    if (key !== MERGE) continue;
    const sources = sourcesOf(value).map((source) => nodeAt(source, [name], resolve));
    found = sources.find((source) => source !== undefined) ?? found;
  }
  return found;
}

/** Sets a field, even if it has the name of a member that all objects have. */
function setOwn(value: Record<string, unknown>, key: string, field: unknown): void {
  Object.defineProperty(value, key, { value: field, enumerable: true, configurable: true, writable: true });
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
