import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { CoalmineOptions } from '@coalmine/node';
import { endWithRun } from '../support/server-process.js';

/** A service in a process that other code uses as well. */
export interface Service {
  readonly child: ChildProcess;
  /** Returns what the service has printed until now. */
  readonly output: string;
  /** The exit code of the process, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Returns the response of a path, such as `200 pass`, or the code of the error. */
  ask(path: string): Promise<string>;
  connect(): Promise<Socket>;
  /** Resolves when the service has printed a text. Rejects if it ends before. */
  prints(text: string): Promise<void>;
}

export interface ServiceOptions {
  readonly framework?: 'fastify' | 'express';
  readonly options?: CoalmineOptions;
  /** The names of the code that shares the process: see the fixture. */
  readonly others?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Returns the command that runs another one. @defaultValue the command itself */
  readonly launch?: (command: readonly string[]) => readonly string[];
  /** The arguments of Node instead of the fixture. */
  readonly script?: readonly string[];
}

export const fixture = fileURLToPath(new URL('./fixtures/ending.mjs', import.meta.url));
const running = new Set<ChildProcess>();

/** Starts a service with the built packages, and waits until it listens or boots. */
export async function startService(start: ServiceOptions = {}): Promise<Service> {
  const { framework = 'express', options = {}, others = [], launch = (all) => all, script = [fixture] } = start;
  const [command = '', ...args] = launch([process.execPath, ...script, framework, JSON.stringify(options), ...others]);
  const child = spawn(command, args, { env: { ...process.env, ...start.env }, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  endWithRun(child);
  let output = '';
  const waiting = new Set<() => void>();
  const add = (chunk: Buffer): void => {
    output += String(chunk);
    for (const look of waiting) look();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 0);
    });
  });
  const service: Service = {
    child,
    ended,
    get output() {
      return output;
    },
    ask: (path) =>
      fetch(`http://127.0.0.1:${port()}${path}`, { headers: { connection: 'close' } }).then(
        async (response) => `${response.status} ${(await response.text()).trim()}`,
        (error: Error) => String((error.cause as NodeJS.ErrnoException).code),
      ),
    connect: () =>
      new Promise((resolve, reject) => {
        const socket: Socket = connect(port(), '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      }),
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!output.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then((code) =>
          reject(new Error(`the service ended with ${code}, and never said ${text}:\n${output}`)),
        );
      }),
  };
  await service.prints(others.includes('boots') ? 'booting' : 'serving on');
  return service;

  function port(): number {
    return Number([...output.matchAll(/serving on (\d+)/g)].at(-1)?.[1]);
  }
}

/** Ends all running services. */
export function endServices(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
