import {
  booleanOption,
  functionOption,
  InvalidOption,
  type MetricsOptions,
  type Objective,
  type ObjectiveOptions,
  objectOption,
  parseObjective,
} from '@coalmine/metrics';
import type { AdminOptions } from './admin.js';
import type { Authorize } from './metrics-endpoint.js';

/** The options of Coalmine: the same for every framework, all of them optional. */
export interface CoalmineOptions extends Pick<MetricsOptions, 'registry' | 'objective'> {
  readonly metrics?: Omit<MetricsOptions, 'registry' | 'objective' | 'now'> & {
    /** Where the registry is served; `false` for nowhere. @defaultValue `'/metrics'` */
    readonly path?: string | false;
    /** Whether to add the client's default process metrics to the registry. @defaultValue `false` */
    readonly defaultMetrics?: boolean;
    /** Who may scrape; anybody else gets a 403. @defaultValue anybody */
    readonly authorize?: Authorize;
  };
  /** A separate listener for our endpoints. @defaultValue none: they are served by the app */
  readonly admin?: AdminOptions;
}

/** What one route may say of itself: `false` leaves it out of the series. */
export type RouteOptions = false | { readonly objective?: ObjectiveOptions };

/** Parsed {@link CoalmineOptions}; `metrics` is passed on to `createMetrics`, which checks the rest. */
export interface Settings {
  readonly path: string | false;
  readonly defaultMetrics: boolean;
  readonly authorize: Authorize | undefined;
  readonly admin: AdminOptions | undefined;
  readonly metrics: MetricsOptions;
}

/** Parses the options. Throws `InvalidOption`, which names the option, the value and what is accepted. */
export function parseOptions(options: CoalmineOptions | undefined): Settings {
  const { metrics, admin, ...shared } = objectOption('options', options, ['registry', 'objective', 'metrics', 'admin']);
  const { path, defaultMetrics, authorize, ...rest } = objectOption('metrics', metrics, [
    'path',
    'buckets',
    'labels',
    'maxRoutes',
    'names',
    'defaultMetrics',
    'authorize',
  ]);
  return {
    path: parsePath('metrics.path', path, '/metrics'),
    defaultMetrics: booleanOption('metrics.defaultMetrics', defaultMetrics, false),
    authorize: functionOption('metrics.authorize', authorize),
    admin: parseAdmin(admin),
    metrics: { ...shared, ...rest },
  };
}

/** Parses what a route says of itself; its latency must be a bucket bound. Throws `InvalidOption`. */
export function parseRouteOptions(
  options: RouteOptions | undefined,
  service: { readonly objective: Objective; readonly bounds: readonly number[] },
): Objective | false {
  if (options === false) return false;
  const { objective } = objectOption('coalmine', options, ['objective']);
  const parsed = parseObjective(objective, service.objective);
  if (!service.bounds.includes(parsed.latency)) {
    const accepted = `one of the bucket bounds ${service.bounds.join(', ')} (add it to metrics.buckets)`;
    throw new InvalidOption('objective.latency', accepted, parsed.latency);
  }
  return parsed;
}

function parsePath(name: string, path: string | false | undefined, fallback: string): string | false {
  if (path === undefined) return fallback;
  if (path !== false && (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path))) {
    throw new InvalidOption(name, "false or a path that begins with '/' and has no query", path);
  }
  return path;
}

function parseAdmin(admin: AdminOptions | undefined): AdminOptions | undefined {
  if (admin === undefined) return undefined;
  const { port, host } = objectOption('admin', admin, ['port', 'host']);
  if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidOption('admin.port', 'an integer from 0 to 65535', port);
  }
  if (host !== undefined && typeof host !== 'string') throw new InvalidOption('admin.host', 'a string', host);
  return { port, ...(host === undefined ? {} : { host }) };
}
