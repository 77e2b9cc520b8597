import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('dist/bin.js', import.meta.resolve('@coalmine/cli/package.json')));

/**
 * Runs the command line of Coalmine, and answers what it prints and what it ends with.
 *
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, signal?: AbortSignal }} [options] whether its progress is not to be seen; what ends it
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
