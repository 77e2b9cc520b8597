import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A runtime that runs services written for Node. */
export interface Runtime {
  readonly name: string;
  /** The command that runs a script. */
  readonly command: readonly string[];
}

const RUNTIMES: readonly Runtime[] = [
  { name: 'Bun', command: ['@oven/bun-linux-x64-baseline/bin/bun'] },
  { name: 'Deno', command: ['@deno/linux-x64-glibc/deno', 'run', '--allow-all', '--no-lock'] },
];

/** Returns the runtimes whose binary exists, and prints the missing runtimes on stderr. */
export function runtimes(): readonly Runtime[] {
  return RUNTIMES.flatMap(({ name, command: [binary = '', ...args] }) => {
    const path = fileURLToPath(new URL(`../node_modules/${binary}`, import.meta.url));
    if (existsSync(path)) return [{ name, command: [path, ...args] }];
    process.stderr.write(`SKIPPING ${name}: its binary is only installed on Linux on x64\n`);
    return [];
  });
}
