import type { Cluster } from 'node:cluster';
import type { ServerResponse } from 'node:http';
import { createLog, type Ended, type Log, onSignals } from '@coalmine/health';
import {
  type Format,
  ProcessNumbers,
  parseRegistry,
  type RegistryLike,
  renderProcesses,
  type SnapshotPiece,
  snapshotRegistry,
} from '@coalmine/metrics';
import { functionOption, objectOption, secondsOption, timerSeconds } from '@coalmine/options';
import { type Admin, type AdminOptions, createAdmin } from '../admin.js';
import type { Request, Response } from '../http.js';
import { type Authorize, type MetricsEndpointOptions, metricsEndpoint } from '../metrics-endpoint.js';
import { parseListener, parseLog, parsePath } from '../options.js';
import { endWorkers } from './end-workers.js';
import { Primary } from './primary.js';
import { COLLECT_MILLISECONDS, joinCluster } from './worker.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
// Time for the log and for other work of the primary, after its workers and its port are closed.
const LINGER_SECONDS = 0.1;

export interface ClusterMetricsOptions {
  /**
   * In a worker, the registry that the primary collects. In the primary, a registry with metrics of the primary itself.
   * @defaultValue the global registry of the installed client, in a worker; none, in the primary
   */
  readonly registry?: RegistryLike;
  /** The path at which {@link ClusterMetrics.listen} serves the metrics. @defaultValue `'/metrics'` */
  readonly path?: string;
  /** Decides who may scrape; anybody else gets a 403. @defaultValue anybody may */
  readonly authorize?: Authorize;
  /**
   * In the primary, the seconds after `SIGTERM` or `SIGINT` within which the workers have to end: more than their
   * `drainSeconds` and `closeSeconds`, and less than the grace period. A worker that takes longer is killed.
   * @defaultValue `28`
   */
  readonly endSeconds?: number;
  /** The log of the primary for its end; `false` for none. @defaultValue `console` */
  readonly log?: Log | false;
}

interface PrimarySettings extends Pick<MetricsEndpointOptions, 'path' | 'authorize'> {
  readonly endSeconds: number;
  readonly log: Log;
}

/** The metrics of all workers of a cluster, as one. */
export interface ClusterMetrics {
  /**
   * Serves the metrics on a port of the primary, and resolves with the port. Does nothing in a worker. Rejects with
   * `COALMINE_ADMIN_LISTEN`.
   */
  listen(options: AdminOptions): Promise<number | undefined>;
  /** Responds to a scrape, for a server of the primary itself. A worker responds with a 503. */
  handle(request: Request, response: Response): void;
  /** Closes the port, if any, and ends the exchange between worker and primary. */
  close(): Promise<void>;
}

/**
 * Joins a process to the metrics of its cluster: call it in the primary, before the primary forks, and in each worker.
 * The primary shows the sum of what its workers have counted, including workers that have ended. At `SIGTERM` and
 * `SIGINT`, the primary makes its workers drain, and ends when they have ended. Throws `CoalmineError` if an option is
 * invalid, or a worker has no registry.
 */
export function createClusterMetrics(options?: ClusterMetricsOptions): ClusterMetrics {
  const given = objectOption('options', options, ['registry', 'path', 'authorize', 'endSeconds', 'log']);
  const { registry } = given;
  const settings = {
    path: parsePath('path', given.path, '/metrics'),
    authorize: functionOption('authorize', given.authorize),
    endSeconds: timerSeconds(secondsOption('endSeconds', given.endSeconds, 28)),
    log: createLog(parseLog(given.log) ?? console),
  };
  // Loaded only here, because some application servers crash if it is loaded.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster;
  if (cluster.isWorker) return workerMetrics(joinCluster(parseRegistry(registry)));
  return primaryMetrics(cluster, settings, registry === undefined ? undefined : parseRegistry(registry));
}

function workerMetrics(leave: () => void): ClusterMetrics {
  return {
    listen: async () => undefined,
    handle(_request, response) {
      if (response.headersSent) return;
      (response as ServerResponse).writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('The primary of the cluster has the metrics\n');
    },
    async close() {
      leave();
    },
  };
}

function primaryMetrics(
  cluster: Cluster,
  { endSeconds, log, ...settings }: PrimarySettings,
  registry: RegistryLike | undefined,
): ClusterMetrics {
  const primary = new Primary(cluster);
  const own = new ProcessNumbers();
  const endpoint = metricsEndpoint({ ...settings, render, scraped: () => {} });
  let admin: Admin | undefined;
  const forgetSignals = onSignals(SIGNALS, {
    end,
    cut: () => log.warn('a second SIGINT: the workers are not waited for'),
    log,
  });
  return {
    async listen(options) {
      admin ??= createAdmin(parseListener('listen', options), [endpoint], 'listen');
      return admin.listen();
    },
    handle: (request, response) => endpoint.handle(request, response),
    close,
  };

  async function end(signal: NodeJS.Signals): Promise<Ended> {
    const startedAt = performance.now();
    log.info(`${signal}: the workers drain`);
    await endWorkers(cluster, endSeconds);
    log.info(`all workers have ended ${((performance.now() - startedAt) / 1_000).toFixed(1)} s after ${signal}`);
    await close();
    return { hasServed: true, deadline: startedAt + 1_000 * endSeconds, lingerSeconds: LINGER_SECONDS };
  }

  async function close(): Promise<void> {
    forgetSignals();
    primary.close();
    await admin?.close();
  }

  async function* render(format: Format): AsyncGenerator<string, void, undefined> {
    const missing = new Set<string>();
    await Promise.all([primary.refresh(), readOwn(missing)]);
    own.add([workersOf(primary)]);
    own.complete([...missing]);
    yield* renderProcesses([...primary.families, own.families], format);
  }

  async function readOwn(missing: Set<string>): Promise<void> {
    if (registry === undefined) return;
    for await (const pieces of snapshotRegistry(registry, COLLECT_MILLISECONDS, missing)) own.add(pieces);
  }
}

function workersOf({ counts }: Primary): SnapshotPiece {
  const name = 'coalmine_cluster_workers';
  return {
    name,
    help: 'Workers of the cluster, by whether they respond to the primary',
    type: 'gauge',
    aggregator: 'sum',
    samples: Object.entries(counts).map(([state, count]) => [`${name}{state="${state}"}`, count]),
    exemplars: [],
  };
}
