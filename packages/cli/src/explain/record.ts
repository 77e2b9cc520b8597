import { isMapping } from '@coalmine/options';
import { AnalysisError } from '../analysis-error.js';
import { readContents } from '../contents.js';
import { readObjects } from '../controllers/objects.js';
import { gatherFiles } from '../files/gather.js';

/** A Kubernetes object from the cluster, with the status that its controller has written. */
export interface RecordedObject {
  readonly kind: string;
  readonly metadata: Fields;
  readonly spec: Fields;
  readonly status: Fields;
  /** The whole object: an Event has fields beside `metadata`. */
  readonly fields: Fields;
}

/** The fields of an object. Whoever wrote the object may have filled them with anything. */
export type Fields = Readonly<Record<string, unknown>>;

// The kinds that an explanation reads. In a folder, `explain` skips files without them.
const KINDS = /\b(?:AnalysisRun|Rollout|Canary|Event|(?:Cluster)?AnalysisTemplate)\b/;

/**
 * Returns the objects of files, folders and stdin (`-`). Rejects with `AnalysisError` for input that cannot be read.
 */
export async function recordsIn(sources: readonly string[]): Promise<readonly RecordedObject[]> {
  const { files } = await gatherFiles(sources);
  const read = await Promise.all(
    files.map(async ({ path, isFound }) => {
      const { text } = await readContents(path);
      return isFound && !KINDS.test(text) ? [] : recordsOf(text, path === '-' ? 'stdin' : path);
    }),
  );
  return read.flat();
}

/** Returns the objects of a text, YAML or JSON. Throws `AnalysisError` for a text that is neither. */
export function recordsOf(text: string, file: string): readonly RecordedObject[] {
  const { objects, unread } = readObjects([{ file, text: normalizeJson(text) }]);
  const [first] = unread;
  if (objects.length === 0 && /^API Version:\s+\S/m.test(text)) {
    throw new AnalysisError(`${file} is the output of kubectl describe: give the output of kubectl get … -o yaml`);
  }
  if (first !== undefined) throw new AnalysisError(`${file}:${first.line} cannot be read: ${first.message}`);
  return objects.map(({ written }) => recordOf(written));
}

/** Returns a text in a form that kubectl reads: the objects of an array become a list, as `jq .items` prints them. */
function normalizeJson(text: string): string {
  return /^\s*\[/.test(text) ? `{"kind":"List","items":${text}}` : text;
}

/** Returns an object split into its parts. */
export function recordOf(fields: Fields): RecordedObject {
  return {
    kind: textIn(fields, 'kind') ?? '',
    metadata: fieldsIn(fields, 'metadata'),
    spec: fieldsIn(fields, 'spec'),
    status: fieldsIn(fields, 'status'),
    fields,
  };
}

/** Returns the fields at a key; empty if there is no object. */
export function fieldsIn(fields: Fields, key: string): Fields {
  return asFields(fields[key]);
}

/** Returns the objects of the list at a key. */
export function listIn(fields: Fields, key: string): readonly Fields[] {
  const list = fields[key];
  return Array.isArray(list) ? list.map(asFields) : [];
}

/** Returns the text at a key; a number or a boolean becomes text. */
export function textIn(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Returns the number at a key, also if it is written as text, which an IntOrString of Kubernetes may be. */
export function numberIn(fields: Fields, key: string): number | undefined {
  const text = textIn(fields, key);
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether a key has `true`. */
export function isTrueIn(fields: Fields, key: string): boolean {
  return fields[key] === true;
}

/** Returns the namespace of an object, if it has one. */
export function namespaceOf({ metadata }: Pick<RecordedObject, 'metadata'>): string | undefined {
  return textIn(metadata, 'namespace');
}

/** Returns the arguments of kubectl for an object with a name, in the namespace of another object. */
export function inNamespaceOf(object: Pick<RecordedObject, 'metadata'>, name: string): string {
  const namespace = namespaceOf(object);
  return namespace === undefined ? name : `${name} -n ${namespace}`;
}

/** Returns the time at a key, in epoch seconds. */
export function secondsIn(fields: Fields, key: string): number | undefined {
  const time = Date.parse(textIn(fields, key) ?? '');
  return Number.isNaN(time) ? undefined : time / 1000;
}

/** Returns the name of an object for messages: `Rollout shop/checkout`. */
export function nameOf({ kind, metadata }: RecordedObject): string {
  const namespace = namespaceOf({ metadata });
  const name = textIn(metadata, 'name') ?? '(unnamed)';
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function asFields(value: unknown): Fields {
  return isMapping(value) ? value : {};
}
