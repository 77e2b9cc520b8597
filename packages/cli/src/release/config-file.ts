import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CoalmineError } from '@coalmine/options';
import { parse } from 'yaml';
import type { ReleaseOptions } from './release.js';

/** Where the options of a release are looked for, in this order, where no file is named. */
const CONFIG_FILES = ['coalmine.config.json', 'coalmine.config.yaml', 'coalmine.config.yml'] as const;

/**
 * Reads the options of a release from a file, or from the first of {@link CONFIG_FILES} in the working directory; `{}`
 * where there is none of these. Throws `CoalmineError` where a named file cannot be read, or one cannot be parsed.
 */
export async function readConfig(named: string | undefined): Promise<ReleaseOptions> {
  for (const file of named === undefined ? CONFIG_FILES : [named]) {
    const text = await textOf(file, named !== undefined);
    if (text !== undefined) return parsed(file, text);
  }
  return {};
}

async function textOf(file: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await readFile(resolve(file), 'utf8');
  } catch (error) {
    if (!isNamed && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${file} cannot be read: ${(error as Error).message}`);
  }
}

function parsed(file: string, text: string): ReleaseOptions {
  let value: unknown;
  try {
    // YAML is a superset of JSON.
    value = parse(text);
  } catch (error) {
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${file} is neither YAML nor JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CoalmineError('COALMINE_CONFIG_FILE', `${file} must hold the options of a release, as an object`);
  }
  return value;
}
