import { spawn } from 'node:child_process';
import { judge } from '../controllers/judges/judges.js';
import { until } from './client.js';
import { startBackfilledPrometheus } from './prometheus.js';
import { endWithRun, freePort, untilReady } from './server-process.js';

/** A real Prometheus with a real sidecar of Thanos. */
export interface Replica {
  /** The address of its Prometheus. */
  readonly prometheus: string;
  /** The address at which Thanos reads from the sidecar. */
  readonly store: string;
  /** Ends both processes and removes their data. */
  close(): Promise<void>;
}

/** A real `thanos query`, which speaks the HTTP API of Prometheus. */
export interface ThanosQuery {
  readonly address: string;
  close(): Promise<void>;
}

/** Starts a Prometheus 3 that has the samples of an OpenMetrics text and the label `replica`, and a sidecar beside it. */
export async function startReplica(replica: string, openMetrics: Iterable<string>): Promise<Replica> {
  const prometheus = await startBackfilledPrometheus(openMetrics, {
    configuration: { global: { external_labels: { replica } } },
    binary: judge('prometheus'),
  });
  try {
    const sidecar = await startThanos('sidecar', [`--prometheus.url=${prometheus.address}`]);
    return {
      prometheus: prometheus.address,
      store: sidecar.grpc,
      async close() {
        await sidecar.close();
        await prometheus.close();
      },
    };
  } catch (error) {
    await prometheus.close();
    throw error;
  }
}

/** Starts a `thanos query` that removes the duplicates of replicas. If it is strict, it forgets no store that is away. */
export async function startThanosQuery(
  stores: readonly string[],
  { isStrict = false }: { readonly isStrict?: boolean } = {},
): Promise<ThanosQuery> {
  const query = await startThanos('query', [
    ...stores.map((store) => `--endpoint${isStrict ? '-strict' : ''}=${store}`),
    '--query.replica-label=replica',
  ]);
  try {
    await until(async () => (await storesOf(query.address)) >= stores.length, 'the stores of thanos query');
    return query;
  } catch (error) {
    await query.close();
    throw error;
  }
}

interface Thanos {
  readonly address: string;
  readonly grpc: string;
  close(): Promise<void>;
}

/** Starts a component of the Thanos that `npm run judges` has built, and waits until it is ready. */
async function startThanos(component: string, flags: readonly string[]): Promise<Thanos> {
  const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const child = spawn(
    judge('thanos'),
    [
      component,
      `--http-address=${http}`,
      `--grpc-address=${grpc}`,
      '--grpc-grace-period=0s',
      '--http-grace-period=0s',
      ...flags,
    ],
    { stdio: 'ignore' },
  );
  const close = endWithRun(child);
  const address = `http://${http}`;
  await untilReady(child, `${address}/-/ready`, close);
  return { address, grpc, close };
}

/** Returns how many stores a `thanos query` has found. */
async function storesOf(address: string): Promise<number> {
  const { data } = (await (await fetch(`${address}/api/v1/stores`)).json()) as {
    data: Readonly<Record<string, readonly { readonly lastError: unknown }[]>>;
  };
  return Object.values(data)
    .flat()
    .filter(({ lastError }) => lastError === null).length;
}
