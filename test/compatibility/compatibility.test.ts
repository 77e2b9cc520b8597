import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const exercise = fileURLToPath(new URL('./exercise.js', import.meta.url));
const binary = (name: string): string => fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url));

const RELEASES = [
  { release: '20', path: process.version.startsWith('v20.') ? process.execPath : undefined },
  { release: '22', path: binary('node22') },
  { release: '24', path: binary('node24') },
  { release: '26', path: binary('node26') },
];

const over = (http: 'http1' | 'http2') => ({
  requests: {
    '/ok 200': 1,
    '/cut 500': 1,
    '/hang 499': http === 'http1' ? 4 : 2,
    '/hang 504': 1,
    '/stall 200': http === 'http1' ? 2 : 1,
    '/events 200': 1,
    ...(http === 'http1' && { '/destroy 500': 1, '/large 200': 1, '(unmatched) 101': 1 }),
  },
  observed: {
    '/ok 200': 1,
    '/cut 500': 1,
    '/hang 499': 1,
    '/hang 504': 1,
    ...(http === 'http1' && { '/destroy 500': 1, '/large 200': 1 }),
  },
});

describe.each(RELEASES)('on Node $release', ({ release, path }) => {
  const isThere = path !== undefined && existsSync(path);
  if (!isThere) {
    const reason = release === '20' ? `this is Node ${process.version}` : 'its binary is only there on Linux x64';
    process.stderr.write(`SKIPPING the compatibility test of Node ${release}: ${reason}\n`);
  }

  // Skipped only where no binary of that release can be had, as said above.
  it.skipIf(!isThere)('every framework counts the same', { timeout: 60_000 }, async () => {
    const version = await run(path ?? '', ['--version']);
    expect(version.stdout).toMatch(new RegExp(`^v${release}\\.`));
    const { stdout } = await run(path ?? '', [exercise]);
    expect(JSON.parse(stdout)).toEqual({
      fastify: over('http1'),
      express: over('http1'),
      'node:http': over('http1'),
      'node:http2': over('http2'),
    });
  });
});
