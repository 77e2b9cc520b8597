import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { isPrometheusMissing } from '../support/prometheus.js';
import { missingBinaries } from '../support/server-process.js';

const release = fileURLToPath(new URL('../../examples/nginx-canary/release.js', import.meta.url));

// nginx prints its version with -v, and does not know --version.
const isNginxMissing = missingBinaries('nginx').length > 0 && process.env.CI !== 'true';
if (isNginxMissing) {
  process.stderr.write('SKIPPING the canary release behind nginx: install the Debian package nginx-light\n');
}

function run(...args: readonly string[]): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [release, ...args], { timeout: 250_000 }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trim().split('\n') });
    });
  });
}

// Both releases mostly wait, and use different ports.
const options = { concurrent: true };

describe.skipIf(isNginxMissing || isPrometheusMissing)('a canary release behind nginx', options, () => {
  it('promotes a good version, and no request fails', async ({ expect }) => {
    const { code, lines } = await run();
    expect(lines.slice(1)).toEqual([
      'v2 has 20 % of the users',
      expect.stringMatching(/^promote: /),
      'v2 has 50 % of the users',
      expect.stringMatching(/^promote: /),
      expect.stringMatching(/^v2 is promoted: 0 of \d{4} requests failed$/),
    ]);
    expect(code).toBe(0);
  });

  it('rolls a version back that fails', async ({ expect }) => {
    const { code, lines } = await run('errors');
    expect(lines.slice(1)).toEqual([
      'v2 has 20 % of the users',
      expect.stringMatching(/^rollback: \d+ of \d+ requests failed .*; at least [\d.]+ % is proven, 1 % is allowed/),
      expect.stringMatching(/^v1 has all users again: \d+ of \d+ requests failed$/),
    ]);
    expect(code).toBe(1);
  });
});
