import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endGroupWithRun } from '../support/server-process.js';

/** A running script. */
export interface Script {
  readonly child: ChildProcess;
  /** The exit code of the process, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Returns what the script has written until now to stdout and stderr. */
  readonly said: string;
  /** Waits until the output matches. Rejects if the script ends before. */
  heard(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends SIGTERM to Node, or to all processes of its group. */
  terminate(whom?: 'process' | 'group'): void;
}

/** A running script that listens. */
export interface Service extends Script {
  readonly port: number;
  /** Returns the status of a path on a new connection, or `undefined` if nobody responds. */
  status(path: string): Promise<number | undefined>;
  /** Waits until a path has a status. */
  until(path: string, status: number): Promise<void>;
}

export interface ScriptOptions {
  readonly args?: readonly (string | number)[];
  readonly env?: NodeJS.ProcessEnv;
  /** The binary that runs the script. @defaultValue this Node */
  readonly command?: readonly [string, ...string[]];
  /** Whether the script is the first process of its namespace, as in a container. */
  readonly isFirst?: boolean;
}

const AS_ROOT = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const UNSHARE = ['unshare', ...AS_ROOT, '--pid', '--mount-proc', '--fork', '--kill-child'] as const;
const LISTENING = /^Listening on http:\/\/127\.0\.0\.1:(\d+)$/m;

/** Whether the machine allows no namespaces. */
export const areNamespacesMissing = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'true']).status !== 0;
if (areNamespacesMissing) process.stderr.write('SKIPPING processes with the id 1: unshare --pid is not allowed\n');

const running = new Set<ChildProcess>();

/** Starts a script of this folder with the built packages, as the leader of a process group. */
export function startScript(script: string, options: ScriptOptions = {}): Script {
  const { args = [], env = {}, command = [process.execPath], isFirst = false } = options;
  const file = fileURLToPath(new URL(script, import.meta.url));
  const [program, ...rest] = [...(isFirst ? UNSHARE : []), ...command, file, ...args.map(String)];
  const child = spawn(program ?? '', rest, {
    // Vitest sets NODE_ENV to `test`, which changes what servers do: Apollo Server then ignores signals.
    env: { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  endGroupWithRun(child);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const pidOf = (whom: 'process' | 'group'): number => {
    const pid = child.pid ?? 0;
    return whom === 'group' ? -pid : isFirst ? onlyChildOf(pid) : pid;
  };
  return {
    child,
    ended,
    get said() {
      return said;
    },
    async heard(pattern) {
      for (;;) {
        const found = pattern.exec(said);
        if (found !== null) return found;
        const code = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
        if (code !== undefined && !pattern.test(said)) throw new Error(`${script} ended with ${code}:\n${said}`);
      }
    },
    terminate(whom = 'process') {
      if (child.exitCode === null && child.signalCode === null) process.kill(pidOf(whom), 'SIGTERM');
    },
  };
}

/** Starts a script, and waits until it listens. */
export async function startService(file: string, options: ScriptOptions = {}): Promise<Service> {
  const script = startScript(file, options);
  const port = Number((await script.heard(LISTENING))[1]);
  const status = async (path: string): Promise<number | undefined> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  };
  const { child, ended, heard, terminate } = script;
  return {
    child,
    ended,
    get said() {
      return script.said;
    },
    heard,
    terminate,
    port,
    status,
    async until(path, wanted) {
      const deadline = Date.now() + 100_000;
      for (;;) {
        const last = await status(path);
        if (last === wanted) return;
        if (Date.now() > deadline) throw new Error(`${path} has ${last}, not ${wanted}:\n${script.said}`);
        await delay(20);
      }
    },
  };
}

/** Ends all running scripts with the processes that they have started. */
export async function endScripts(): Promise<void> {
  const ends = Array.from(running, async (child) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await exited;
  });
  running.clear();
  await Promise.all(ends);
}

function onlyChildOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return Number(child);
}
