import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Exposition } from '../support/exposition.js';
import type { Bundle } from './bundlers.js';

/** The responses of a bundled service, and the output of its process. */
export interface Responses {
  readonly item: string;
  readonly ready: number;
  readonly exposition: Exposition;
  readonly stderr: string;
}

/** The packages beside a bundle: the packages of the tests, a client that must not be loaded, or nothing. */
export type Installed = 'everything' | 'a client that throws' | 'nothing';

const INSTALLED = fileURLToPath(new URL('../node_modules', import.meta.url));
// pnpm sets NODE_PATH to the packages of this repository, which a user does not have.
const { NODE_PATH: _, ...env } = process.env;

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
}

/** Creates a folder in which a bundle runs. */
export async function makeFolder(folder: string, installed: Installed): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (installed === 'everything') await symlink(INSTALLED, join(folder, 'node_modules'));
  if (installed !== 'a client that throws') return;
  const client = join(folder, 'node_modules/prom-client');
  await mkdir(client, { recursive: true });
  await writeFile(join(client, 'index.js'), "throw new Error('the copy on disk was loaded');");
}

/** Bundles and runs a service, and returns how its process ended. */
export async function run(bundle: Bundle, bundler: (bundle: Bundle) => Promise<unknown>): Promise<Exit> {
  await bundler(bundle);
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle.file], { env }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

interface Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Reads the output of a service. Throws the error output if there is none. */
export function responsesOf({ stdout, stderr }: Exit): Responses {
  if (stdout === '') throw new Error(`the service said: ${stderr}`);
  const { item, ready, metrics } = JSON.parse(stdout);
  return { item: item.text, ready: ready.status, exposition: new Exposition(metrics.text), stderr };
}
