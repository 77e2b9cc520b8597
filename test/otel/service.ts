import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../support/server-process.js';

/** What a service of {@link startService} is made of. */
export interface Plan {
  readonly framework: 'express' | 'fastify' | 'node';
  /** Address of an OTLP receiver. */
  readonly receiver: string;
  /** Which is loaded first. */
  readonly order?: 'sdk-first' | 'coalmine-first';
  /** When @fastify/otel is registered; it is not, if not said. */
  readonly fastifyOtel?: 'before' | 'after';
  /** Whether node:http is instrumented. It is, if not said. */
  readonly http?: boolean;
  readonly temporality?: 'cumulative' | 'delta';
  /** Whether the reader has our producer. It has, if not said. */
  readonly producer?: boolean;
  readonly options?: object;
}

export interface Service {
  readonly port: number;
  /** Ends it, after it has sent all that it has. */
  close(): Promise<void>;
}

/** A service in a process of its own, on built packages. `file` is one of the fixtures. */
export async function startService(
  plan: Plan,
  file = 'fixtures/service.mjs',
  node = process.execPath,
): Promise<Service> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(node, [path, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const close = endWithRun(child);
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the service ended with ${code}`);
    }),
  ]);
  return {
    port: Number(String(line)),
    close,
  };
}
