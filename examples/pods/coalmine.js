import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('dist/bin.js', import.meta.resolve('@coalmine/cli/package.json')));

/**
 * Runs the command line of Coalmine, and returns its exit code and what it printed.
 *
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, signal?: AbortSignal }} [options] `quiet` hides the progress; `signal` ends the process
 */
export async function coalmine(args, { quiet = false, signal } = {}) {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
    signal,
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out };
}
