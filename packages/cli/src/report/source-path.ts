import { isAbsolute, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startsAsAddress } from '../address.js';

/**
 * Returns the path of a source as other tools name a file: with slashes, from the working directory; `undefined` for
 * stdin and addresses.
 */
export function pathOf(source: string): string | undefined {
  if (source === '-' || startsAsAddress(source)) return undefined;
  return normalize(source).split(sep).join('/');
}

/** Returns a source as a URI, relative to the working directory if it is a file below it. */
export function uriOf(source: string): string {
  if (startsAsAddress(source)) return encodeURI(source);
  const path = pathOf(source);
  if (path === undefined) return 'stdin';
  return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodeURIComponent).join('/');
}
