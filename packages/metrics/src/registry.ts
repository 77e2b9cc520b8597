import { createRequire } from 'node:module';
import { CoalmineError, InvalidOption, warn } from '@coalmine/options';
import type { Exemplar } from './exemplar.js';

/** One sample of a metric, as a registry asks for it. */
export interface MetricValue {
  value: number;
  labels: Record<string, string | number>;
  /** Defaults to the name of the metric. */
  metricName?: string;
  /** Labels shared by many rows; only where text is rendered. */
  sharedLabels?: Readonly<Record<string, string>>;
  exemplar?: { labelSet: Record<string, string>; value: number; timestamp: number } | null;
}

/** An exemplar as a row has it: a copy, since whoever gets the row may change it. */
export function exemplified(exemplar: Exemplar | undefined): Pick<MetricValue, 'exemplar'> {
  return exemplar === undefined ? {} : { exemplar: { ...exemplar, labelSet: { ...exemplar.labelSet } } };
}

/** What `get()` of a metric answers. */
export interface MetricObject {
  name: string;
  help: string;
  type: string;
  values: MetricValue[];
  aggregator?: string;
}

/** A metric as prom-client keeps it, or whatever else somebody has registered. */
export interface RegisteredMetric {
  readonly name: unknown;
  get(): unknown;
}

/**
 * The part of a prom-client registry that Coalmine uses: `Registry` of `prom-client` 15 and of
 * `@prometheus-io/client` both fit, told by shape so that several copies can live in one process.
 */
export interface RegistryLike {
  readonly contentType: string;
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  getMetricsAsArray(): unknown[];
  metrics(): Promise<string>;
}

interface Client {
  readonly register: RegistryLike;
  collectDefaultMetrics(options: { register: RegistryLike }): void;
}

const CLIENTS = ['prom-client', '@prometheus-io/client'] as const;
const METHODS = ['registerMetric', 'getSingleMetric', 'getMetricsAsArray', 'metrics'] as const;

const require = createRequire(import.meta.url);

/** The registry given, or the global one of the installed client. Throws {@link CoalmineError}. */
export function parseRegistry(registry: RegistryLike | undefined): RegistryLike {
  if (registry === undefined) return installedClient().register;
  const candidate = registry as unknown as Record<string, unknown> | null;
  if (candidate === null || METHODS.some((method) => typeof candidate[method] !== 'function')) {
    throw new InvalidOption('registry', 'a Registry of prom-client or @prometheus-io/client', registry);
  }
  return registry;
}

/**
 * Registers the default process metrics of the client that `registry` belongs to, unless they are there.
 * Throws {@link CoalmineError} when no client is installed.
 */
export function collectDefaultMetrics(registry: RegistryLike): void {
  if (registry.getSingleMetric('process_cpu_user_seconds_total') !== undefined) return;
  const clients = CLIENTS.map(load).filter((client) => client !== undefined);
  const prototype = Object.getPrototypeOf(registry);
  const own = clients.find((client) => Object.getPrototypeOf(client.register) === prototype);
  (own ?? installedClient()).collectDefaultMetrics({ register: registry });
}

/**
 * Says so, once, when metrics sit in the global registry of the other client: whoever shows `registry` does not show
 * them. Each client has a global registry of its own, and a library that brings the other one is easily missed.
 */
export function warnOfOtherClient(registry: RegistryLike): void {
  const registers = CLIENTS.flatMap((name) => loaded(name)?.register ?? []);
  const other = registers.find((each) => each !== registry && each.getMetricsAsArray().length > 0);
  if (other === undefined || !registers.includes(registry)) return;
  warn(
    'COALMINE_TWO_CLIENTS',
    'Metrics are registered with both prom-client and @prometheus-io/client, and those of one global registry are not shown: register all of them with one client.',
    registry,
  );
}

function installedClient(): Client {
  const client = CLIENTS.map(load).find((each) => each !== undefined);
  if (client === undefined) {
    throw new CoalmineError('COALMINE_NO_CLIENT', 'Install prom-client (or @prometheus-io/client), or pass `registry`');
  }
  return client;
}

function load(name: string): Client | undefined {
  try {
    return require(name) as Client;
  } catch (error) {
    // Only "not installed" is an answer; a client that fails to load is the user's to see.
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The client, if somebody has loaded it already. */
function loaded(name: string): Client | undefined {
  try {
    return require.cache[require.resolve(name)]?.exports as Client | undefined;
  } catch {
    return undefined;
  }
}
