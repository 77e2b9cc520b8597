import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { missingBinaries } from '../support/server-process.js';

const folder = fileURLToPath(new URL('../../.github/workflows/', import.meta.url));
const FILES = readdirSync(folder);
const isMissing = missingBinaries('actionlint').length > 0;
if (isMissing)
  process.stderr.write('SKIPPING the lint of the workflows: actionlint is not on the PATH (.ci/run installs it)\n');

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: object; readonly steps?: readonly { uses?: string }[] }>
  >;
}

describe('the workflows', () => {
  it.skipIf(isMissing)('pass actionlint', () => {
    const { status, stdout } = spawnSync('actionlint', FILES, { cwd: folder, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });

  it('pin each action to a commit, and may only read, except the workflow that publishes', () => {
    const workflows = FILES.map((file) => parse(readFileSync(`${folder}${file}`, 'utf8')) as Workflow);
    const jobs = workflows.flatMap(({ jobs }) => Object.entries(jobs));
    const used = jobs.flatMap(([, { steps = [] }]) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/@[0-9a-f]{40}$/);
    for (const { permissions } of workflows) expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.filter(([, { permissions }]) => permissions).map(([name]) => name)).toEqual(['publish']);
  });
});
