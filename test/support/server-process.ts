import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';

// What the servers have in common that tests start as processes of their own.

/** Those binaries that are not on the PATH. */
export function missingBinaries(...binaries: readonly string[]): readonly string[] {
  return binaries.filter((binary) => spawnSync(binary, ['--version']).error !== undefined);
}

/** Asks a process to end and waits until it has; after ten seconds it is made to. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const stubborn = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(stubborn);
}

/**
 * Has a process end with the run of the tests, whatever becomes of the run. Returns what ends it before, and removes the
 * folder that it alone uses.
 */
export function endWithRun(child: ChildProcess, folder?: string): () => Promise<void> {
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  return async () => {
    process.off('exit', kill);
    await end(child);
    if (folder !== undefined) await rm(folder, { recursive: true });
  };
}

/** The ids of a user that a server runs as, where it refuses to run as root; undefined where nobody is root. */
export function ownerFor(user: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A port that nobody listens on, for the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
