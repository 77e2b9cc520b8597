import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../support/server-process.js';

/** An example that runs as a user would run it. */
export interface Example {
  readonly url: string;
  readonly port: number;
  /** Sends a signal, by default SIGTERM, and returns the exit code; `null` if the signal ended the process. */
  close(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `node server.js` of an example, or the same on another runtime, on a free port. Rejects as {@link startServer}. */
export function startExample(name: string, runtime: readonly string[] = [process.execPath]): Promise<Example> {
  return startServer([...runtime, 'server.js'], `examples/${name}`);
}

/**
 * Runs a command that starts a server, in a folder of the repository. If the command ends instead of listening, rejects with its
 * output.
 */
export async function startServer([file = '', ...args]: readonly string[], folder: string): Promise<Example> {
  const child = spawn(file, args, {
    cwd: pathOf(folder),
    // Vitest sets NODE_ENV to `test`, which changes what servers do: Apollo Server then ignores signals.
    env: { ...process.env, NODE_ENV: undefined, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithRun(child);
  const exited = once(child, 'exit');
  let said = '';
  const url = new Promise<string>((resolve) => {
    const listen = (chunk: string): void => {
      said += chunk;
      const [, found] = /^Listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
  });
  const first = await Promise.race([url, exited]);
  if (typeof first !== 'string') throw new Error(`${folder} ended before it listened (npm run build?):\n${said}`);
  return {
    url: first,
    port: Number(new URL(first).port),
    close: async (signal) => {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Returns the text of a file, by its path in the repository. */
export function textOf(path: string): string {
  return readFileSync(pathOf(path), 'utf8');
}

/** Returns the absolute path of a file of the repository. */
export function pathOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
