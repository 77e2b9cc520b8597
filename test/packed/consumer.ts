import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packPackages } from '../../release/pack.js';

const execute = promisify(execFile);
// pnpm sets NODE_PATH to the packages of this repository, which a user does not have.
const { NODE_PATH: _, ...env } = process.env;
const root = fileURLToPath(new URL('../..', import.meta.url));
const isWindows = process.platform === 'win32';

/** The result of a process. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of a user: npm installs the tarballs that would be published, and nothing else of this repository. */
export interface Consumer {
  readonly folder: string;
  /** Runs a file of the project, by default with the Node of this process. */
  node(file: string, path?: string, ...args: readonly string[]): Promise<Ended>;
  /** Runs a command that a package of the project has installed. */
  command(name: string, args: readonly string[]): Promise<Ended>;
  close(): Promise<void>;
}

/** Returns the dependencies of a project on every package. The packages are packed into `folder` as for publishing. */
export async function packInto(folder: string): Promise<Readonly<Record<string, string>>> {
  const packed = await packPackages(folder);
  return Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
}

/** Installs a project with these dependencies, the compiler of this repository and the consumers of this folder. */
export async function createConsumer(dependencies: Readonly<Record<string, string>>): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-consumer-'));
  await cp(new URL('./consumers', import.meta.url), folder, { recursive: true });
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const tools = { '@types/node': devDependencies['@types/node'], typescript: devDependencies.typescript };
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { ...dependencies, ...tools } }),
  );
  const run = async (file: string, args: readonly string[], shell = false): Promise<Ended> => {
    const { code = 0, stdout, stderr } = await execute(file, args, { cwd: folder, env, shell }).catch((error) => error);
    return { code, stdout, stderr };
  };
  const installed = await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], isWindows);
  if (installed.code !== 0) throw new Error(installed.stderr);
  return {
    folder,
    node: (file, path = process.execPath, ...args) => run(path, [join(folder, file), ...args]),
    command: (name, args) => run(join(folder, 'node_modules/.bin', name), args, isWindows),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Compiles files of the project as one program, and returns the errors of the compiler. The names of the files have
 * a space between them.
 */
export async function compile(consumer: Consumer, files: string, flags: readonly string[]): Promise<string> {
  const always = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node'];
  return (await consumer.command('tsc', [...always, ...flags, ...files.split(' ')])).stdout;
}
