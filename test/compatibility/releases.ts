import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A supported release of Node, and the path of its binary. */
export interface NodeRelease {
  readonly release: string;
  readonly path: string;
}

/** The lowest supported Node, and the newest release of each later line. Their packages are only for Linux on x64. */
const SUPPORTED = ['20.19', '22', '24', '26'];

/** Returns the releases whose binary exists, and prints the missing releases on stderr. */
export function nodeReleases(): readonly NodeRelease[] {
  return SUPPORTED.flatMap((release) => {
    const path = fileURLToPath(
      new URL(`../node_modules/node${Number.parseInt(release, 10)}/bin/node`, import.meta.url),
    );
    if (existsSync(path)) return [{ release, path }];
    process.stderr.write(`SKIPPING Node ${release}: its binary is only installed on Linux on x64\n`);
    return [];
  });
}
