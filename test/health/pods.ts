import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CoalmineOptions } from '@coalmine/node';
import { endWithRun } from '../support/server-process.js';

/** A process of a service. */
export interface Pod {
  readonly port: number;
  readonly child: ChildProcess;
  /** The exit code of the process, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Returns the response of a path, such as `200 pass`. */
  probe(path: string): Promise<string>;
  /** Waits until a path has this response. Throws after ten seconds. */
  until(path: string, answer: string): Promise<void>;
}

export const POD_FRAMEWORKS = ['fastify', 'express', 'node'] as const;

const running = new Set<ChildProcess>();

/** Starts a pod with the built packages. */
export async function startPod(
  framework: (typeof POD_FRAMEWORKS)[number],
  options: CoalmineOptions,
  databaseUrl?: string,
): Promise<Pod> {
  const args = [framework, JSON.stringify(options), ...(databaseUrl === undefined ? [] : [databaseUrl])];
  // Does not pass the source condition of the tests on, so that the pod runs what users run.
  const child = fork(fileURLToPath(new URL('./fixtures/pod.mjs', import.meta.url)), args, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  running.add(child);
  endWithRun(child);
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
      const deadline = Date.now() + 100_000;
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

/** Ends all running pods. */
export function endPods(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
