import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeWithRun } from './server-process.js';

it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'a run that gets %s leaves neither a process nor a folder',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'coalmine-leftovers-'));
    const remove = removeWithRun(folder);
    const started = join(folder, 'started.json');
    const run = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/support/fixtures/abandoned.config.ts'],
      { stdio: 'ignore', env: { ...process.env, STARTED: started } },
    );
    const ended = once(run, 'exit');
    await expect.poll(() => existsSync(started) && readFileSync(started, 'utf8').endsWith('}')).toBe(true);
    const left = JSON.parse(readFileSync(started, 'utf8')) as {
      readonly pids: readonly number[];
      readonly folder: string;
    };
    expect(left.pids.map(isAlive)).toEqual([true, true, true]);
    run.kill(signal);
    await ended;
    await expect.poll(() => left.pids.some(isAlive)).toBe(false);
    await expect.poll(() => existsSync(left.folder)).toBe(false);
    await remove();
  },
);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
