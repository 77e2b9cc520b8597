import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// The command as users install it. `npm test` has built it.
const BIN = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/** The result of a run of the command line. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs `coalmine` in a folder, with `input` on its stdin. */
export function coalmineIn(folder: string, args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: 'pipe' });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  // Some commands do not read their stdin.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, said })));
}
