import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../support/server-process.js';

/** The options of {@link startService}. */
export interface Plan {
  readonly framework: 'express' | 'fastify' | 'node';
  /** The address of an OTLP receiver. */
  readonly receiver: string;
  /** Which of them is loaded first. */
  readonly order?: 'sdk-first' | 'coalmine-first';
  /** When @fastify/otel is registered. Not registered by default. */
  readonly fastifyOtel?: 'before' | 'after';
  /** Whether node:http is instrumented. True by default. */
  readonly http?: boolean;
  readonly temporality?: 'cumulative' | 'delta';
  /** Whether the reader has our producer. True by default. */
  readonly producer?: boolean;
  readonly options?: object;
}

export interface Service {
  readonly port: number;
  /** Ends the service, which first sends all of its telemetry. */
  close(): Promise<void>;
}

/** Starts a service in its own process, with the built packages. `file` is one of the fixtures. */
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
