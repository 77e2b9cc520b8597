import type { SourceObject } from './objects.js';

/**
 * Returns objects, those nearest to another object first: in its file, in its folder, then in the folders around it. The
 * folders of two environments or of two services often have objects of the same names, and each is applied alone.
 */
export function nearestFirst(objects: readonly SourceObject[], to: SourceObject): readonly SourceObject[] {
  const { file } = to.at([]);
  const nearness = new Map(objects.map((object) => [object, nearnessOf(object.at([]).file, file)]));
  return objects.toSorted((a, b) => (nearness.get(b) ?? 0) - (nearness.get(a) ?? 0));
}

/** Returns how many folders two paths share from the start; more than any number of folders for the same file. */
function nearnessOf(file: string, other: string): number {
  if (file === other) return Number.MAX_SAFE_INTEGER;
  const [folders, others] = [foldersOf(file), foldersOf(other)];
  const differing = folders.findIndex((folder, i) => folder !== others[i]);
  return differing === -1 ? folders.length : differing;
}

function foldersOf(file: string): readonly string[] {
  return file.split(/[\\/]/).slice(0, -1);
}
