import type { Dirent } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AnalysisError } from '../analysis-error.js';

// A pattern with more entries almost certainly names the wrong folder.
const MOST_ENTRIES = 100_000;

/** Whether a path contains a character of a pattern. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Whether no pattern and no walk enters a folder, unless it is named. */
export function isPassedOver(folder: string): boolean {
  return folder.startsWith('.') || folder === 'node_modules';
}

/** Returns the expression for a pattern of a shell: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for folders of any depth. */
export function globExpression(pattern: string): RegExp {
  let expression = '';
  let depth = 0;
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i] as string;
    const isFirst = i === 0 || pattern[i - 1] === '/';
    // Only a dot that is written out matches the first character of a hidden name.
    const visible = isFirst ? '(?!\\.)' : '';
    const [, set] = /^\[(!?[^\]/]+)\]/.exec(pattern.slice(i)) ?? [];
    if (pattern.startsWith('**/', i) && isFirst) {
      expression += '(?:(?!\\.)[^/]+/)*';
      i += 2;
    } else if (pattern.slice(i) === '**' && isFirst) {
      expression += '(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+';
      i += 1;
    } else if (character === '*') expression += `${visible}[^/]*`;
    else if (character === '?') expression += `${visible}[^/]`;
    else if (set !== undefined) {
      expression += `${visible}[${set.replace(/^!/, '^').replace(/[\\[]/g, '\\$&')}]`;
      i += set.length + 1;
    } else if (character === '{') {
      depth += 1;
      expression += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      expression += ')';
    } else if (character === ',' && depth > 0) expression += '|';
    else expression += character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  }
  try {
    return new RegExp(`^${expression}$`, 's');
  } catch {
    throw new AnalysisError(`${pattern} is not a pattern: a bracket in it is not closed`);
  }
}

/** Returns the files and folders that a pattern matches, in the order of their names. Rejects with `AnalysisError`. */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  const parts = pattern.replace(/^\.\//, '').split('/');
  const first = parts.findIndex(isGlob);
  const base = parts.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const expression = globExpression(parts.join('/'));
  const depth = parts.some((part) => part.includes('**')) ? Number.POSITIVE_INFINITY : parts.length - first;
  // A folder that a pattern names, such as `.github/*.yml`, is entered.
  const named = new Set(parts);
  const found: string[] = [];
  let entries = 0;
  const isThere = await access(base).then(
    () => true,
    () => false,
  );
  if (isThere) await walk(base, 1);
  return found.sort();

  async function walk(folder: string, level: number): Promise<void> {
    for (const entry of await entriesOf(folder)) {
      entries += 1;
      if (entries > MOST_ENTRIES) throw new AnalysisError(`${pattern} looks through more than ${MOST_ENTRIES} files`);
      const path = folder === '.' ? entry.name : join(folder, entry.name);
      if (expression.test(path)) found.push(path);
      const isOpen = entry.isDirectory() && (named.has(entry.name) || !isPassedOver(entry.name));
      if (isOpen && level < depth) await walk(path, level + 1);
    }
  }
}

/** Returns the entries of a folder, in the order of their names. Rejects with `AnalysisError`. */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new AnalysisError(`${folder} cannot be read: ${(error as Error).message}`);
  }
}
