import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An example that runs as a user would run it. */
export interface Example {
  readonly url: string;
  readonly port: number;
  /** Sends SIGTERM, and returns the exit code; `null` if the signal ended the process. */
  close(): Promise<number | null>;
}

/**
 * Starts `node server.js` of an example, or Node with other arguments, on a free port. Rejects with what it said when it ends
 * instead of listening.
 */
export async function startExample(name: string, args: readonly string[] = ['server.js']): Promise<Example> {
  const child = spawn(process.execPath, args, {
    cwd: pathOf(`examples/${name}`),
    // Vitest sets NODE_ENV to `test`, which changes what servers do: Apollo Server then ignores signals.
    env: { ...process.env, NODE_ENV: undefined, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  // A run that is given up must leave nothing behind.
  process.once('exit', kill);
  const exited = once(child, 'exit').finally(() => process.off('exit', kill));
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
  if (typeof first !== 'string')
    throw new Error(`examples/${name} ended before it listened (npm run build?):\n${said}`);
  return {
    url: first,
    port: Number(new URL(first).port),
    close: async () => {
      child.kill();
      const [code] = await exited;
      return code;
    },
  };
}

/** The text of a file, by its path in the repository. */
export function textOf(path: string): string {
  return readFileSync(pathOf(path), 'utf8');
}

/** Where a file of the repository is. */
export function pathOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
