import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readPackages, root } from './packages.js';

const run = promisify(execFile);

/**
 * Packs the built packages as they are published, and returns the tarballs, each after the tarballs that it depends on.
 *
 * @param {string} folder that takes the tarballs
 * @returns {Promise<{ name: string, version: string, tarball: string }[]>}
 */
export async function packPackages(folder) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [command, ...pnpm] = scripts.pnpm.split(' ');
  const args = [...pnpm, '-r', '--filter=./packages/*', 'pack', '--json', '--pack-destination', folder];
  const { stdout } = await run(command, args, { cwd: root, shell: process.platform === 'win32' });
  const packed = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return readPackages().map(({ name, manifest: { version } }) => {
    const { filename } = packed.find((each) => each.name === name);
    return { name, version, tarball: filename };
  });
}
