import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A release of Node that is supported, and where its binary is. */
export interface NodeRelease {
  readonly release: string;
  readonly path: string;
}

/** The lowest Node that is supported, and the newest of each later line; their packages are for Linux on x64 alone. */
const SUPPORTED = ['20.19', '22', '24', '26'];

/** Returns the releases whose binary is there, and says on stderr which are not. */
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
