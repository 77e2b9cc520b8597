import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../support/server-process.js';
import type { ExpressPlan, ExpressVersion } from './express-plan.js';
import type { FastifyPlan } from './fastify-plan.js';
import type { Visit } from './visits.js';
import { play } from './wire.js';

/** A generated app and its visitors, as plain data. */
export type Case = {
  readonly visits: readonly Visit[];
  /** Whether the app listens for the events of its requests and responses. */
  readonly isWatching: boolean;
  /** The name of the options of Coalmine. */
  readonly options: string;
} & (
  | { readonly framework: ExpressVersion; readonly plan: ExpressPlan }
  | { readonly framework: 'fastify5'; readonly plan: FastifyPlan }
);

/** A message of a host to its parent. */
export type Said =
  | { readonly kind: 'listens'; readonly port: number }
  | { readonly kind: 'hangs'; readonly id: string; readonly text: string }
  /** The host has done nothing for a while. */
  | { readonly kind: 'rested' }
  | { readonly kind: 'report'; readonly lines: readonly string[] };

/** A process that builds one app after the other: all with Coalmine, or all without. */
export interface Side {
  /** Returns all that users and the app have seen. */
  play(played: Case): Promise<string>;
  close(): Promise<void>;
}

// Uses processes, because Coalmine replaces methods on prototypes that all apps of a process share.
export function startSide(isMeasured: boolean): Side {
  const host = fork(fileURLToPath(new URL('host.ts', import.meta.url)), [isMeasured ? 'with' : 'without'], {
    // No package needs a build.
    execArgv: ['--import', 'tsx', '--conditions=@coalmine/source', '--stack-trace-limit=0', '--no-warnings'],
    // tsx is installed there.
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'test', NO_DEPRECATION: '*' },
  });
  endWithRun(host);
  host.setMaxListeners(0);

  return {
    async close() {
      // A signal would make apps with Coalmine drain.
      host.disconnect();
      if (host.exitCode === null) await once(host, 'exit');
    },
    async play(played) {
      const hangs = new Map<string, string>();
      const rest = async (): Promise<void> => {
        const rested = next(host, 'rested');
        host.send('rest');
        await rested;
      };
      const served = { hangs, changed: () => {}, rest };
      const hear = (said: Said): void => {
        if (said.kind !== 'hangs') return;
        hangs.set(said.id, said.text);
        served.changed();
      };
      host.on('message', hear);
      try {
        const listening = next(host, 'listens');
        host.send(played);
        const { port } = await listening;
        const seen: string[] = [];
        for (const [i, visit] of played.visits.entries()) {
          seen.push(`\n== visit ${i}\n${(await play(port, visit, served)).replaceAll('\r\n', '\n')}`);
        }
        const reported = next(host, 'report');
        host.send('finish');
        return [...seen, ...(await reported).lines].join('\n');
      } finally {
        host.off('message', hear);
      }
    },
  };
}

async function next<K extends Said['kind']>(host: ChildProcess, kind: K): Promise<Extract<Said, { kind: K }>> {
  const exited = new AbortController();
  const fail = (): void => exited.abort(new Error('the host has ended'));
  host.once('exit', fail);
  try {
    for (;;) {
      const [said] = (await once(host, 'message', { signal: exited.signal })) as [Said];
      if (said.kind === kind) return said as Extract<Said, { kind: K }>;
    }
  } finally {
    host.off('exit', fail);
  }
}
