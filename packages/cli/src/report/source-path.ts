import { isAbsolute, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Returns the path of a source as other tools name a file: with slashes, from the working directory; `undefined` for
 * stdin and addresses.
 */
export function pathOf(source: string): string | undefined {
  if (source === '-' || isAddress(source)) return undefined;
  return normalize(source).split(sep).join('/');
}

/** Returns a source as a URI, relative to the working directory if it is a file below it. */
export function uriOf(source: string): string {
  if (isAddress(source)) return encodeURI(source);
  const path = pathOf(source);
  if (path === undefined) return 'stdin';
  return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodeURIComponent).join('/');
}

function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
