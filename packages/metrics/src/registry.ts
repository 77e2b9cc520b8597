import { CoalmineError, InvalidOption, warn } from '@coalmine/options';
import { countBundledCopies } from './bundled-copies.js';
import { type Client, findClients, findLoadedClients, type RegistryLike } from './clients.js';
import type { Exemplar } from './exemplar.js';

/** One sample of a metric, as a registry expects it. */
export interface MetricValue {
  value: number;
  labels: Record<string, string | number>;
  /** Defaults to the name of the metric. */
  metricName?: string;
  /** Labels shared by many rows; only when text is rendered. */
  sharedLabels?: Readonly<Record<string, string>>;
  exemplar?: { labelSet: Record<string, string>; value: number; timestamp: number } | null;
}

/** One sample of a metric, as an exposition shows it. */
export interface Sample {
  /** Name and labels. */
  readonly series: string;
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
}

/** Returns an exemplar for a row: a copy, because whoever gets the row may change it. */
export function copyExemplar(exemplar: Exemplar | undefined): Pick<MetricValue, 'exemplar'> {
  return exemplar === undefined ? {} : { exemplar: { ...exemplar, labelSet: { ...exemplar.labelSet } } };
}

/** What `get()` of a metric returns. */
export interface MetricObject {
  name: string;
  help: string;
  type: string;
  values: MetricValue[];
  aggregator?: string;
}

/** A metric as prom-client keeps it, or whatever somebody has registered. */
export interface RegisteredMetric {
  readonly name: unknown;
  get(): unknown;
}

const METHODS = ['registerMetric', 'getSingleMetric', 'getMetricsAsArray', 'metrics'] as const;

// The clients that were found beside the client of a registry. Clients in a bundle are in no cache.
const found = new WeakMap<RegistryLike, readonly Client[]>();

/** Returns the given registry, or the global registry of the client that the app uses. Throws {@link CoalmineError}. */
export function parseRegistry(registry: RegistryLike | undefined): RegistryLike {
  if (registry === undefined) return findRegistry();
  const candidate = registry as unknown as Record<string, unknown> | null;
  if (candidate === null || METHODS.some((method) => typeof candidate[method] !== 'function')) {
    throw new InvalidOption('registry', 'a Registry of prom-client or @prometheus-io/client', registry);
  }
  return registry;
}

/**
 * Registers the default process metrics of the client that `registry` belongs to, unless they are registered. Throws
 * {@link CoalmineError} if no client is found.
 */
export function collectDefaultMetrics(registry: RegistryLike): void {
  if (registry.getSingleMetric('process_cpu_user_seconds_total') !== undefined) return;
  const prototype = Object.getPrototypeOf(registry);
  const clients = findClients();
  const client = clients.find(({ register }) => Object.getPrototypeOf(register) === prototype) ?? clients[0];
  if (client === undefined) {
    throw new CoalmineError(
      'COALMINE_NO_CLIENT',
      'Install prom-client (or @prometheus-io/client), or replace `defaultMetrics` with `collectDefaultMetrics({ register: registry })` of your client',
    );
  }
  client.collectDefaultMetrics({ register: registry });
}

/**
 * Warns, once, of metrics in the global registry of another client, or of another copy of the same client: an endpoint
 * that shows `registry` does not show them. A library that brings its own client is easily missed.
 */
export function warnOfOtherClient(registry: RegistryLike): void {
  const registers = [...(found.get(registry) ?? []), ...findLoadedClients()].map(({ register }) => register);
  const isOtherUsed = registers.some((each) => each !== registry && isUsed(each));
  if (!isOtherUsed || !registers.includes(registry)) return;
  warn(
    'COALMINE_TWO_CLIENTS',
    'Metrics are registered with two clients (prom-client and @prometheus-io/client, or two copies of one), and /metrics does not show the metrics of one of them: register all metrics with one client, or pass the `registry` that has your metrics.',
    registry,
  );
}

function findRegistry(): RegistryLike {
  const clients = findClients();
  const { register } = clients.find((client) => isUsed(client.register)) ?? clients[0] ?? {};
  if (register === undefined) {
    throw new CoalmineError(
      'COALMINE_NO_CLIENT',
      "Install prom-client (or @prometheus-io/client), or pass `registry`: `import { register } from 'prom-client'`",
    );
  }
  found.set(register, clients);
  warnOfBundledCopies(clients, register);
  return register;
}

/** Warns if the app's bundle has a client that was not found otherwise. */
function warnOfBundledCopies(clients: readonly Client[], register: RegistryLike): void {
  const loaded = findLoadedClients();
  const bundled = clients.filter((client) => !loaded.includes(client));
  if (countBundledCopies() <= bundled.length) return;
  warn(
    'COALMINE_TWO_CLIENTS',
    "The app's bundle has a copy of prom-client or @prometheus-io/client that Coalmine cannot reach, so the metrics of the app may not be shown: pass `registry: register`, with `import { register } from 'prom-client'`, or keep the client out of the bundle.",
    register,
  );
}

function isUsed(register: RegistryLike): boolean {
  return register.getMetricsAsArray().length > 0;
}
