import { IncomingMessage } from 'node:http';
import type { HealthOptions, Log } from '@coalmine/health';
import { type MetricsOptions, type Objective, type ObjectiveOptions, parseObjective } from '@coalmine/metrics';
import { booleanOption, functionOption, InvalidOption, objectOption } from '@coalmine/options';
import type { TrafficOptions } from '@coalmine/traffic';
import type { PrimeOptions, WarmupOptions } from '@coalmine/warmup';
import type { AdminOptions } from './admin.js';
import type { Authorize } from './metrics-endpoint.js';
import { parseTelemetry } from './start-telemetry.js';
import type { Telemetry } from './telemetry.js';

/** The options of Coalmine: the same for every framework, all of them optional. */
export interface CoalmineOptions extends Pick<MetricsOptions, 'registry' | 'objective'> {
  readonly metrics?: Omit<MetricsOptions, 'registry' | 'objective' | 'now'> & {
    /** The path of the metrics; `false` for none. @defaultValue `'/metrics'` */
    readonly path?: string | false;
    /** Whether to add the client's default process metrics to the registry. @defaultValue `false` */
    readonly defaultMetrics?: boolean;
    /** Decides who may scrape; anybody else gets a 403. @defaultValue anybody may */
    readonly authorize?: Authorize;
  };
  /** Which requests are not users': see docs/traffic.md. @defaultValue only requests to the endpoints of Coalmine */
  readonly traffic?: TrafficOptions;
  /**
   * While a new pod is cold, its durations are withheld; `false` for never. @defaultValue 30 s from the first user on
   */
  readonly warmup?: false | WarmupGroup;
  /** Health endpoints, from checks in the background; `false` for none. @defaultValue `/livez`, `/readyz`, `/startupz` */
  readonly health?: false | HealthOptions;
  /** A separate listener for the endpoints of Coalmine. @defaultValue none: the app serves them */
  readonly admin?: AdminOptions;
  /** Traces and OpenTelemetry metrics: `otel()` of `@coalmine/otel`. @defaultValue none */
  readonly telemetry?: Telemetry;
  /** The log for readiness and draining; `false` for none. @defaultValue `app.log` of Fastify, or `console` */
  readonly log?: Log | false;
}

/** The options under `warmup`. */
export interface WarmupGroup extends Omit<WarmupOptions, 'now'> {
  /** Requests that the service sends to itself before it is ready. @defaultValue none */
  readonly prime?: PrimeOptions;
}

/** The options of one route; `false` is short for `{ exclude: true }`. */
export type RouteOptions =
  | false
  | {
      readonly objective?: ObjectiveOptions;
      /** Whether its requests are excluded; they show in the excluded series. @defaultValue `false` */
      readonly exclude?: boolean;
    };

/** Parsed {@link RouteOptions}. */
export interface RouteSettings {
  readonly objective: Objective;
  readonly exclude: boolean;
}

/** Parsed {@link CoalmineOptions}. Each group is passed on to its package, which checks the rest. */
export interface Settings {
  readonly path: string | false;
  readonly defaultMetrics: boolean;
  readonly authorize: Authorize | undefined;
  readonly admin: AdminOptions | undefined;
  readonly metrics: MetricsOptions;
  readonly traffic: TrafficOptions;
  readonly warmup: WarmupGroup;
  readonly health: false | HealthOptions;
  readonly telemetry: Telemetry | undefined;
  readonly log: Log | false | undefined;
}

const GROUPS = [
  'registry',
  'objective',
  'metrics',
  'traffic',
  'warmup',
  'health',
  'admin',
  'telemetry',
  'log',
] as const;

/** Parses the options. Throws `InvalidOption`, which names the option, the value and what is accepted. */
export function parseOptions(options: CoalmineOptions | undefined): Settings {
  if (isRequest(options)) {
    throw new InvalidOption(
      'options',
      'an object, not a request: write app.use(coalmine()), with parentheses',
      options,
    );
  }
  const {
    metrics,
    admin,
    traffic,
    warmup,
    health = {},
    telemetry,
    log,
    ...shared
  } = objectOption('options', options, GROUPS);
  const { path, defaultMetrics, authorize, ...rest } = objectOption('metrics', metrics, [
    'path',
    'buckets',
    'durationStatus',
    'created',
    'labels',
    'maxRoutes',
    'names',
    'defaultMetrics',
    'authorize',
  ]);
  return {
    path: path === false ? false : parsePath('metrics.path', path, '/metrics', 'false or '),
    defaultMetrics: booleanOption('metrics.defaultMetrics', defaultMetrics, false),
    authorize: functionOption('metrics.authorize', authorize),
    admin: admin === undefined ? undefined : parseListener('admin', admin),
    metrics: { ...shared, ...rest },
    traffic: objectOption('traffic', traffic, ['exclude', 'countErrors', 'maxExcludedShare']),
    warmup: parseWarmup(warmup),
    health,
    telemetry: parseTelemetry(telemetry),
    log: parseLog(log),
  };
}

/** Parses the options of a route. Throws `InvalidOption`. */
export function parseRouteOptions(
  options: RouteOptions | undefined,
  service: { readonly objective: Objective },
): RouteSettings {
  if (options === false) return { objective: service.objective, exclude: true };
  const { objective, exclude } = objectOption('coalmine', options, ['objective', 'exclude']);
  return {
    objective: parseObjective(objective, service.objective),
    exclude: booleanOption('coalmine.exclude', exclude, false),
  };
}

/** Parses the option `log`. Throws `InvalidOption`. */
export function parseLog(log: CoalmineOptions['log']): Settings['log'] {
  if (log === undefined || log === false) return log;
  if (typeof log?.info !== 'function' || typeof log.warn !== 'function') {
    throw new InvalidOption('log', 'false or a logger with the methods info(message) and warn(message)', log);
  }
  return log;
}

/** Without a warm-up, a pod is warm from its first moment. */
function parseWarmup(warmup: CoalmineOptions['warmup']): WarmupGroup {
  if (warmup === false) return { minSeconds: 0 };
  return objectOption('warmup', warmup, ['minSeconds', 'minRequests', 'maxSeconds', 'withhold', 'prime']);
}

/** Parses a path that is served. Throws {@link InvalidOption}. */
export function parsePath(name: string, path: string | undefined, fallback: string, others = ''): string {
  if (path === undefined) return fallback;
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
    throw new InvalidOption(name, `${others}a path that begins with '/' and has no query`, path);
  }
  return path;
}

/** Parses where to listen, which a user typed as the option `name`. Throws {@link InvalidOption}. */
export function parseListener(name: string, listener: AdminOptions): AdminOptions {
  const { port, host } = objectOption(name, listener, ['port', 'host']);
  if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidOption(`${name}.port`, 'an integer from 0 to 65535', port);
  }
  if (host !== undefined && typeof host !== 'string') throw new InvalidOption(`${name}.host`, 'a string', host);
  return { port, ...(host === undefined ? {} : { host }) };
}

/** Whether this is what a middleware of Express or Koa gets: `app.use(coalmine)` makes the factory a middleware. */
function isRequest(options: object | undefined): boolean {
  const { req = options } = (options ?? {}) as { readonly req?: unknown };
  return req instanceof IncomingMessage;
}
