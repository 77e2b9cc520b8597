import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

// The parts that all servers share that tests start as processes.

/** Returns the binaries that are not on the PATH. */
export function missingBinaries(...binaries: readonly string[]): readonly string[] {
  return binaries.filter((binary) => spawnSync(binary, ['--version']).error !== undefined);
}

/** Asks a process to end and waits until it has ended. Kills the process after ten seconds. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const stubborn = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(stubborn);
}

/**
 * Waits until a server that runs as a process responds to a URL with success. If the process ends, or does not become ready
 * within 100 seconds, calls `close` and throws.
 */
export async function untilReady(child: ChildProcess, url: string, close: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 100_000;
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      throw new Error(`${child.spawnfile} does not become ready`);
    }
    await delay(50);
  }
}

/**
 * Ends a process at the end of the test run, however the run ends. Returns a function that ends the process earlier and removes
 * the folder that only this process uses.
 */
export function endWithRun(child: ChildProcess, folder?: string): () => Promise<void> {
  const { pid } = child;
  if (pid !== undefined) {
    tellLeftovers('add', pid);
    child.once('exit', () => tellLeftovers('delete', pid));
  }
  const remove = folder === undefined ? undefined : removeWithRun(folder);
  return async () => {
    await end(child);
    await remove?.();
  };
}

/** Ends the process group of a process at the end of the test run, however the run ends. */
export function endGroupWithRun(leader: ChildProcess): void {
  if (leader.pid === undefined) return;
  const group = -leader.pid;
  tellLeftovers('add', group);
  leader.once('exit', () => tellLeftovers('delete', group));
}

/** Removes a folder at the end of the test run, however the run ends. Returns a function that removes the folder earlier. */
export function removeWithRun(folder: string): () => Promise<void> {
  tellLeftovers('add', folder);
  return async () => {
    await rm(folder, { recursive: true, force: true });
    tellLeftovers('delete', folder);
  };
}

let leftovers: Writable | undefined;

/** Tells the process that outlives this run what to clean up: the id of a process, the negative id of a group, or a folder. */
function tellLeftovers(change: 'add' | 'delete', leftover: number | string): void {
  leftovers ??= startLeftovers();
  leftovers.write(`${JSON.stringify([change, leftover])}\n`);
}

function startLeftovers(): Writable {
  const file = fileURLToPath(new URL('leftovers.mjs', import.meta.url));
  // Runs in its own process group, so that Ctrl-C does not end it.
  const child = spawn(process.execPath, [file], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.unref();
  (child.stdin as Socket).unref();
  // A worker outlives a Vitest that was killed. process.exit() throws in a worker of Vitest.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  return child.stdin;
}

/** Returns the ids of the user for a server that refuses to run as root, or undefined if this process is not root. */
export function ownerFor(user: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/**
 * Returns a port on which nobody listens at the moment. The port is below the range that the system gives to connections and to
 * servers that ask for any port (from 32768 on Linux), so that none of them takes the port before its server does.
 */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(20_000, 32_768);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch (error) {
      if (tries === 100) throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
