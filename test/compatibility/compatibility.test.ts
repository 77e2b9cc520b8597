import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { COUNTED } from './counted.js';
import { nodeReleases } from './releases.js';

const run = promisify(execFile);
const exercise = fileURLToPath(new URL('./exercise.js', import.meta.url));

// The short form of `npm run matrix`: every Node, with the dependencies of this repository. Other systems have only their own Node.
const installed = nodeReleases();
const releases = installed.length > 0 ? installed : [{ release: process.versions.node, path: process.execPath }];

describe.each(releases)('on Node $release', ({ release, path }) => {
  it('every framework counts the same', async () => {
    const version = await run(path, ['--version']);
    expect(version.stdout.trim()).toMatch(new RegExp(`^v${release.replaceAll('.', '\\.')}(\\.|$)`));
    const { stdout } = await run(path, [exercise]);
    expect(JSON.parse(stdout)).toEqual(COUNTED);
  });
});
