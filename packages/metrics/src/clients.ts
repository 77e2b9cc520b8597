import nodeModule from 'node:module';
import { join, resolve, sep } from 'node:path';
import { filename, requirePromClient, requirePrometheusClient } from '../client-imports.cjs';

/**
 * The part of a prom-client registry that Coalmine uses. `Registry` of `prom-client` 15 and of `@prometheus-io/client`
 * both fit: Coalmine looks at the shape, so that several copies can live in one process.
 */
export interface RegistryLike {
  readonly contentType: string;
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  getMetricsAsArray(): unknown[];
  metrics(): Promise<string>;
}

/** What Coalmine uses of the exports of `prom-client` and `@prometheus-io/client`. */
export interface Client {
  /** The global registry, which has every metric that is not given another registry. */
  readonly register: RegistryLike;
  collectDefaultMetrics(options: { readonly register: RegistryLike }): void;
}

const NAMES = ['prom-client', '@prometheus-io/client'] as const;
// The files that Node has loaded as a client, however many copies there are.
const FILES = NAMES.map((name) => sep + join('node_modules', name, 'index.js'));

/**
 * Returns the clients that the app may use: the clients in its bundle, then the clients that Node has loaded. If there
 * are none, returns the client that is installed, after loading it.
 */
export function findClients(): readonly Client[] {
  const bundled = filename === undefined ? requireClients() : [];
  const known = distinct([...bundled, ...findLoadedClients()]);
  return known.length > 0 ? known : requireInstalled();
}

/** Returns the clients that Node has loaded, our peer first. Clients in a bundle are not among them. */
export function findLoadedClients(): readonly Client[] {
  // A bundle has no file name of ours, and any file name leads to the one cache of the process.
  const require = nodeModule.createRequire(filename ?? process.execPath);
  const files = Object.keys(require.cache).filter((file) => FILES.some((end) => file.endsWith(end)));
  // Our peer is most likely the client of the app as well.
  const peers = files.length > 1 ? NAMES.map((name) => resolveFrom(require, name)) : [];
  return distinct([...peers, ...files].map((file = '') => require.cache[file]?.exports).filter(isClient));
}

/** Returns the installed client, if any: beside Coalmine, or beside the bundle if the bundle cannot require. */
function requireInstalled(): readonly Client[] {
  if (filename !== undefined) return [requirePromClient() ?? requirePrometheusClient()].filter(isClient);
  const [, program] = process.argv;
  if (program === undefined) return [];
  const require = nodeModule.createRequire(resolve(program));
  const file = NAMES.map((name) => resolveFrom(require, name)).find((each) => each !== undefined);
  return [file === undefined ? undefined : require(file)].filter(isClient);
}

function requireClients(): readonly Client[] {
  return [requirePromClient(), requirePrometheusClient()].filter(isClient);
}

function resolveFrom(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function isClient(exports: unknown): exports is Client {
  const { register } = (exports ?? {}) as Partial<Client>;
  return typeof register?.registerMetric === 'function';
}

function distinct(clients: readonly Client[]): readonly Client[] {
  return clients.filter(({ register }, i) => clients.findIndex((each) => each.register === register) === i);
}
