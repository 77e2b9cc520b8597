import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { endWithRun, freePort, missingBinaries } from './server-process.js';

// Jaeger 2 is a Collector with many of its components, and with the storage and the pages of Jaeger.
const BINARY = 'jaeger';

/** Whether tests that send traces to Jaeger and to a Collector must be skipped. */
export const isJaegerMissing: boolean = missingBinaries(BINARY).length > 0;
if (isJaegerMissing) {
  const how = 'build cmd/jaeger of github.com/jaegertracing/jaeger v1.76.0, which is Jaeger 2.13.0, as .ci/run does';
  process.stderr.write(`SKIPPING the tests with a real Jaeger and Collector: no jaeger on the PATH: ${how}\n`);
}

/** A program that receives spans over OTLP. */
export interface Receiver {
  /** The address for OTLP over HTTP. */
  readonly otlp: string;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** A Jaeger that keeps traces in memory. */
export interface Jaeger extends Receiver {
  /** The address of its pages, and of its API. */
  readonly pages: string;
}

/** Starts a Jaeger on loopback. */
export async function startJaeger(): Promise<Jaeger> {
  const [pages, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const receiver = await startCollector({
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: { storage: { traces: 'memory' }, http: { endpoint: pages }, grpc: { endpoint: grpc } },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
    },
  });
  return { ...receiver, pages: `http://${pages}` };
}

/** Starts a Collector on loopback, with a configuration whose receiver is `otlp`. */
export async function startCollector({ service, ...components }: CollectorConfiguration): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-collector-'));
  const address = `127.0.0.1:${await freePort()}`;
  const configuration = {
    ...components,
    receivers: { otlp: { protocols: { http: { endpoint: address } } } },
    // Its own metrics would be at a port that is always the same.
    service: { ...service, telemetry: { metrics: { level: 'none' } } },
  };
  const file = join(folder, 'collector.yaml');
  await writeFile(file, stringify(configuration));
  const child = spawn(BINARY, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const close = endWithRun(child, folder);
  const otlp = `http://${address}`;
  const headers = { 'content-type': 'application/json' };
  const isReady = async (): Promise<void> => {
    const { ok } = await fetch(`${otlp}/v1/traces`, { method: 'POST', headers, body: '{}' });
    if (!ok) throw new Error('the receiver is not ready');
  };
  await vi.waitFor(isReady, { timeout: 100_000, interval: 50 }).catch(async (cause) => {
    await close();
    throw new Error(`the Collector does not become ready: ${said}`, { cause });
  });
  return { otlp, close };
}

interface CollectorConfiguration {
  readonly service: {
    readonly extensions?: readonly string[];
    readonly pipelines: Readonly<Record<string, object>>;
  };
  readonly [kind: string]: object;
}
