import { parseAllDocuments } from 'yaml';

/** A Kubernetes object with any content. */
export type Manifest = Record<string, unknown>;

type Key = string | number;

/** One change of one object among objects that are applied together. */
export interface Mutant {
  /** What was changed, for people and for the record. The same text means the same mutant. */
  readonly name: string;
  readonly objects: readonly Manifest[];
  /** The index of the changed object in `objects`. */
  readonly changed: number;
  /** The field that was changed. */
  readonly path: readonly Key[];
}

const OPERATIONS = ['delete', 'misspell', 'move', 'replace', 'replace', 'repeat'] as const;

const KINDS = ['Rollout', 'AnalysisTemplate', 'Canary', 'MetricTemplate'];

/** Returns the objects of a YAML file. */
export function objectsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    return object === null ? [] : [object as Manifest];
  });
}

/** Returns a number of different mutants of a file of manifests, always the same for the same seed. */
export function mutantsOf(file: string, text: string, seed: number, count: number): readonly Mutant[] {
  const random = createRandom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const mutants = new Map<string, Mutant>();
  const originals = objectsOf(text);
  for (let i = 0; mutants.size < count && i < 20 * count; i += 1) {
    const objects = structuredClone(originals) as Manifest[];
    const changed = pick(objects.flatMap(({ kind }, place) => (KINDS.includes(String(kind)) ? [place] : [])));
    const object = objects[changed] as Manifest;
    const path = pick(pathsIn(object).filter((each) => each[0] !== 'metadata'));
    const what = change(object, path, pick(OPERATIONS), random, pick);
    if (what === undefined) continue;
    const name = `${file} ${object.kind} ${path.join('.')} ${what}`;
    if (!mutants.has(name)) mutants.set(name, { name, objects, changed, path });
  }
  return [...mutants.values()];
}

/** Changes a field in place and returns how, or `undefined` if the operation does not fit the field. */
function change(
  object: Manifest,
  path: readonly Key[],
  operation: (typeof OPERATIONS)[number],
  random: () => number,
  pick: <T>(of: readonly T[]) => T,
): string | undefined {
  const holder = path.slice(0, -1).reduce<unknown>((of, key) => (of as Record<Key, unknown>)[key], object);
  const key = path.at(-1) as Key;
  const value = (holder as Record<Key, unknown>)[key];
  const isItem = Array.isArray(holder);
  const mapping = holder as Record<string, unknown>;
  switch (operation) {
    case 'delete':
      if (isItem) holder.splice(Number(key), 1);
      else delete mapping[key];
      return 'deleted';
    case 'misspell': {
      if (isItem || String(key).length < 4) return undefined;
      const name = misspelt(String(key), random);
      if (name in mapping) return undefined;
      mapping[name] = value;
      delete mapping[key];
      return `misspelt ${name}`;
    }
    case 'move': {
      const homes = pathsIn(object).filter((each) => isMapping(at(object, each)) && !isBelow(each, path));
      const home = pick(homes);
      const target = home === undefined ? undefined : (at(object, home) as Record<string, unknown>);
      if (isItem || target === undefined || target === mapping || key in target) return undefined;
      target[String(key)] = value;
      delete mapping[key];
      return `moved to ${home?.join('.')}`;
    }
    case 'repeat':
      if (!isItem) return undefined;
      holder.push(structuredClone(value));
      return 'repeated';
    case 'replace': {
      const other = pick(replacementsOf(value));
      if (other === value) return undefined;
      mapping[key] = other;
      return `replaced by ${JSON.stringify(other)}`;
    }
  }
}

function replacementsOf(value: unknown): readonly unknown[] {
  switch (typeof value) {
    case 'number':
      return [-1, 0, 101, '5x', 1.5, 3_000_000_000];
    case 'string':
      return ['', 'no-such', 5, '10', '-5s', '10 s', 'Not A Name', 'result[0] <', null, true];
    case 'boolean':
      return ['yes', 1, null];
    default:
      return [null, 'text', [], 7];
  }
}

/** Returns a name with two letters swapped. */
function misspelt(name: string, random: () => number): string {
  const i = 1 + Math.floor(random() * (name.length - 2));
  return name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2);
}

function at(object: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((of, key) => (of as Record<Key, unknown>)[key], object);
}

function isBelow(path: readonly Key[], holder: readonly Key[]): boolean {
  return holder.every((key, i) => path[i] === key);
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns every path within a value, without the path of the value itself. */
function pathsIn(value: unknown): readonly (readonly Key[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = Array.isArray(value) ? Number(name) : name;
    return [[key], ...pathsIn(inner).map((path) => [key, ...path])];
  });
}

/** Returns a source of numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
