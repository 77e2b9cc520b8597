import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packPackages } from '../../release/pack.js';

const run = promisify(execFile);
const isWindows = process.platform === 'win32';
/** The packages and bytes of each framework alone, by its name and version. */
const frameworks = new Map();

/** Packs our packages, and returns their tarballs by name. */
export async function packInto(folder) {
  return Object.fromEntries((await packPackages(folder)).map(({ name, tarball }) => [name, `file:${tarball}`]));
}

/**
 * Returns how many packages and bytes npm installs for these packages, in addition to their framework.
 *
 * @param {Record<string, string>} dependencies
 * @param {Record<string, string>} framework
 */
export async function measureInstall(dependencies, framework) {
  const key = JSON.stringify(framework);
  if (!frameworks.has(key)) frameworks.set(key, await install(framework));
  const bare = frameworks.get(key);
  const whole = await install({ ...framework, ...dependencies });
  return { packages: whole.packages - bare.packages, bytes: whole.bytes - bare.bytes };
}

async function install(dependencies) {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-install-'));
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
    await run('npm', args, { cwd: folder, shell: isWindows });
    const files = await filesIn(join(folder, 'node_modules'));
    const manifests = files.filter((file) =>
      /node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+[\\/]package\.json$/.test(file),
    );
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return { packages: manifests.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Returns the version of a package that these tests use. */
export async function versionOf(name) {
  const { dependencies } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return dependencies[name];
}
