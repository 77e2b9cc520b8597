import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AnalysisError } from '../analysis-error.js';
import { entriesOf, expandGlob, isGlob, isPassedOver } from './glob.js';

/** A file to read. */
interface GatheredFile {
  readonly path: string;
  /** Whether it was found in a folder, and not named by the user. */
  readonly isFound: boolean;
}

/** A file or a folder that was not read, and the reason. */
export interface PassedOver {
  readonly source: string;
  readonly reason: string;
}

/** The files behind the named sources. */
export interface Gathered {
  readonly files: readonly GatheredFile[];
  readonly passedOver: readonly PassedOver[];
}

const MANIFEST = /\.(?:ya?ml|json)$/i;
const NO_MANIFEST = 'is not a .yaml, .yml or .json file';
// A folder with more files is almost certainly the wrong one.
const MOST_FILES = 10_000;

/**
 * Returns the files behind paths, folders and patterns, each once, in the order in which they were named. A folder
 * stands for the `.yaml`, `.yml` and `.json` files below it. `-` is kept. Rejects with `AnalysisError` if nothing is
 * found.
 */
export async function gatherFiles(named: readonly string[]): Promise<Gathered> {
  const files = new Map<string, GatheredFile>();
  const passedOver = new Map<string, PassedOver>();
  for (const path of named) await add(path);
  return { files: [...files.values()], passedOver: [...passedOver.values()] };

  async function add(path: string): Promise<void> {
    const status = path === '-' ? undefined : await statusOf(path);
    if (status === undefined && path !== '-' && isGlob(path)) await addMatches(path);
    else if (status?.isDirectory()) await addFolder(path);
    // The reader of a missing file reports it.
    else keep(path, false);
  }

  async function addMatches(pattern: string): Promise<void> {
    const matches = await expandGlob(pattern);
    if (matches.length === 0) throw new AnalysisError(`${pattern} matches no file`);
    // `*.txt` names files of one kind; `**` takes any file.
    const isNamed = /\.[^*./]+$/.test(pattern);
    for (const path of matches) {
      const status = await statusOf(path);
      if (status === undefined) pass(path, 'is a link to nothing');
      else if (status.isDirectory()) await addFolder(path);
      else if (isNamed || MANIFEST.test(path)) keep(path, !isNamed);
      else pass(path, NO_MANIFEST);
    }
  }

  async function addFolder(folder: string): Promise<void> {
    const before = files.size;
    await walk(folder);
    if (files.size === before && !folderHasFile(folder)) {
      throw new AnalysisError(`${folder} has no .yaml, .yml or .json file`);
    }
  }

  function folderHasFile(folder: string): boolean {
    return [...files.keys()].some((path) => path.startsWith(resolve(folder) + sep));
  }

  async function walk(folder: string): Promise<void> {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      const status = entry.isSymbolicLink() ? await statusOf(path) : entry;
      if (entry.isDirectory()) {
        if (isPassedOver(entry.name)) pass(path, 'is a folder of tools');
        else await walk(path);
      } else if (status === undefined) pass(path, 'is a link to nothing');
      // A link to a folder may lead back to the folder that contains it.
      else if (status.isDirectory()) pass(path, 'is a link to a folder');
      else if (!status.isFile()) pass(path, 'is not a regular file');
      else if (MANIFEST.test(path)) keep(path, true);
      else pass(path, NO_MANIFEST);
    }
  }

  function keep(path: string, isFound: boolean): void {
    const key = path === '-' ? path : resolve(path);
    passedOver.delete(key);
    const known = files.get(key);
    // A file that is also named does not count as found only.
    files.set(key, known === undefined ? { path, isFound } : { ...known, isFound: known.isFound && isFound });
    if (files.size > MOST_FILES) throw new AnalysisError(`there are more than ${MOST_FILES} files: name fewer`);
  }

  function pass(source: string, reason: string): void {
    if (!files.has(resolve(source))) passedOver.set(resolve(source), { source, reason });
  }
}

async function statusOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
