import type { SourceObject } from './objects.js';

/** Returns objects, those nearest to another object first. */
export type NearestFirst = (to: SourceObject) => readonly SourceObject[];

/**
 * Returns a function that sorts objects by their nearness to another object: in its file, in its folder, then in the folders
 * around it. The folders of two environments or of two services often have objects of the same names, and each is applied
 * alone.
 */
export function nearestFirstOf(objects: readonly SourceObject[]): NearestFirst {
  const placed = objects.map((object) => ({ object, file: fileOf(object), folders: foldersOf(fileOf(object)) }));
  // Once for each file: its objects have the same neighbours.
  const sorted = new Map<string, readonly SourceObject[]>();
  return (to) => {
    const file = fileOf(to);
    let nearest = sorted.get(file);
    if (nearest === undefined) {
      const folders = foldersOf(file);
      nearest = placed
        .map((each) => ({
          object: each.object,
          shared: each.file === file ? SAME_FILE : sharedBy(each.folders, folders),
        }))
        .sort((a, b) => b.shared - a.shared)
        .map(({ object }) => object);
      sorted.set(file, nearest);
    }
    return nearest;
  };
}

// More than any number of folders.
const SAME_FILE = Number.MAX_SAFE_INTEGER;

/** Returns how many folders two paths share from the start. */
function sharedBy(folders: readonly string[], others: readonly string[]): number {
  const differing = folders.findIndex((folder, i) => folder !== others[i]);
  return differing === -1 ? folders.length : differing;
}

function fileOf(object: SourceObject): string {
  return object.at([]).file;
}

function foldersOf(file: string): readonly string[] {
  return file.split(/[\\/]/).slice(0, -1);
}
