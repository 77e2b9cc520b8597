import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

// node:sqlite exists since Node 22.5.
const node = binaryOf('node24');
if (node === undefined) process.stderr.write('SKIPPING the tests of SQLite: there is no Node 24 for this platform\n');

describe.skipIf(node === undefined && process.env.CI !== 'true')('a schema in SQLite', () => {
  it('is read through node:sqlite', async () => {
    const script = fileURLToPath(new URL('./fixtures/sqlite.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(node ?? 'node24', [script]);
    expect(JSON.parse(stdout)).toEqual({
      'no table': 'unmigrated',
      drizzle: 'compatible',
      'drizzle, by range': 'compatible',
      prisma: 'compatible',
      'prisma, that failed': 'failed',
      'dbmate, lacking one': 'behind',
      // SQLite has no lock that could show a running migration.
      'golang-migrate, dirty': 'migrating',
      'golang-migrate taken for dbmate': 'unknown',
      user_version: 'compatible',
      'a floor above': 'incompatible',
    });
  });
});

function binaryOf(name: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node');
  } catch {
    return undefined;
  }
}
