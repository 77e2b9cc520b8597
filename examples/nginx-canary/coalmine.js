import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('dist/bin.js', import.meta.resolve('@coalmine/cli/package.json')));

/**
 * Runs the command line of Coalmine. Answers the code it ended with, and its output.
 *
 * @param {string[]} args
 * @param {AbortSignal} [signal] ends it
 */
export async function coalmine(args, signal) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'], signal });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out };
}
