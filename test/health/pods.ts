import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CoalmineOptions } from '@coalmine/node';

/** A process of a service. */
export interface Pod {
  readonly port: number;
  readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** What a path answers, as `200 pass`. */
  probe(path: string): Promise<string>;
  /** Waits until a path answers it, for ten seconds at most. Throws after that. */
  until(path: string, answer: string): Promise<void>;
}

export const POD_FRAMEWORKS = ['fastify', 'express', 'node'] as const;

const running = new Set<ChildProcess>();

/** Starts a pod from what is built. */
export async function startPod(
  framework: (typeof POD_FRAMEWORKS)[number],
  options: CoalmineOptions,
  databaseUrl?: string,
): Promise<Pod> {
  const args = [framework, JSON.stringify(options), ...(databaseUrl === undefined ? [] : [databaseUrl])];
  // It runs what users run: the source condition of the tests is not passed on.
  const child = fork(fileURLToPath(new URL('./fixtures/pod.mjs', import.meta.url)), args, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  running.add(child);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  });
  const [message] = (await Promise.race([
    once(child, 'message'),
    ended.then((code) => {
      throw new Error(`the pod ended with ${code}`);
    }),
  ])) as [{ port: number }];
  const pod: Pod = {
    port: message.port,
    child,
    ended,
    async probe(path) {
      const response = await fetch(`http://127.0.0.1:${message.port}${path}`, { headers: { connection: 'close' } });
      return `${response.status} ${(await response.text()).trim()}`;
    },
    async until(path, answer) {
      const deadline = Date.now() + 10_000;
      let last = '';
      while (last !== answer) {
        if (Date.now() > deadline) throw new Error(`${path} still answers ${last}, not ${answer}`);
        last = await pod.probe(path);
        await delay(20);
      }
    },
  };
  return pod;
}

/** Ends those that still run. */
export function endPods(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
