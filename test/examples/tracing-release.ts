import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endGroupWithRun } from '../support/server-process.js';
import { pathOf } from './example.js';

/** A run of the release of examples/otel-tracing. */
export interface Run {
  readonly child: ChildProcess;
  /** Returns the output until now. */
  said(): string;
  readonly ended: Promise<number | null>;
}

/** Starts the release, with more variables in its environment. */
export function startRelease(env: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, [pathOf('examples/otel-tracing/release.js')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A release that is stopped ends everything that it has started.
    detached: true,
  });
  endGroupWithRun(child);
  let text = '';
  const listen = (chunk: string): void => {
    text += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  const ended = once(child, 'close').then(([code]) => code);
  return { child, said: () => text, ended };
}

/** How many users of each pod got which response, by the output of a release. */
export function responsesIn(output: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
  return new Map(
    [...output.matchAll(/^users of (\S+) got (.*)$/gm)].map(([, pod = '', got = '']) => [
      pod,
      Object.fromEntries(
        got.split(', ').map((each) => {
          const [count, status = ''] = each.split(' × ');
          return [status === 'no response' ? '504' : status, Number(count)];
        }),
      ),
    ]),
  );
}
