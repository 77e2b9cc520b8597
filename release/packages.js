import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Returns the packages that are published, each after the packages that it depends on.
 *
 * @typedef {{ name: string, directory: string, folder: string, manifest: Record<string, any> }} Package
 * @returns {Package[]}
 */
export function readPackages() {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(root, 'packages', name);
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { name: manifest.name, directory: `packages/${name}`, folder, manifest };
    });
  const sorted = new Set();
  const add = (added) => {
    for (const dependency of packages) {
      if (dependency.name in (added.manifest.dependencies ?? {})) add(dependency);
    }
    sorted.add(added);
  };
  for (const each of packages) add(each);
  return [...sorted];
}
