import { isDeepStrictEqual } from 'node:util';
import {
  CoalmineError,
  type CoalmineOptions,
  createInstrument,
  createLog,
  endpointFor,
  type HttpExchange,
  type Instrument,
  type Log,
  pathTaken,
  type RouteOptions,
  type RoutePattern,
  UNMATCHED,
  warn,
} from '@coalmine/node';
import type { FastifyInstance, FastifyPluginAsync, FastifyPluginOptions, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { absoluteEndpoints, serveEndpoints } from './endpoint-routes.js';
import { liveWhileClosing } from './live-while-closing.js';
import { patternKey, type RouteConfig } from './route-config.js';

/** The value of a route's `config.coalmine`. (In the augmentation, RouteOptions may mean Fastify's own.) */
export type CoalmineConfig = RouteOptions;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` excludes the requests of the route. */
    coalmine?: CoalmineConfig;
  }
  interface FastifyInstance {
    /** The instrument of this app. */
    coalmine: Instrument;
  }
}

// The options with which each service was registered.
const optionsOf = new WeakMap<Instrument, CoalmineOptions>();

interface RouteLike {
  readonly url: string;
  readonly method: string | string[];
  readonly config?: unknown;
}

const install: FastifyPluginAsync<CoalmineOptions> = async (app, registered) => {
  const options = ownOptions(registered);
  if (app.hasDecorator('coalmine')) {
    warnOfOtherOptions(app.coalmine, options);
    return;
  }
  const instrument = createInstrument(options, {
    debug: (message) => app.log.debug(message),
    log: app.log,
    close: () => close(),
    beforeClose(exchange) {
      // A hook that runs before ours may have refused a scrape.
      if (exchange.route.pattern === UNMATCHED) endpointFor(endpoints, exchange.request)?.endpoint.assign(exchange);
    },
  });
  const endpoints = absoluteEndpoints(app, instrument);
  const close = closeAfterDrain(app, instrument, createLog(options.log ?? app.log));
  app.addHook('onClose', () => instrument.close());
  // A signal ends the process while the app boots.
  instrument.health?.heedSignals();
  const routes = createRoutes(app, instrument);
  app.decorate('coalmine', instrument);
  optionsOf.set(instrument, options);
  const served = serveEndpoints(app, instrument);
  liveWhileClosing(app, instrument);
  app.addHook('onRoute', (route) => {
    const endpoint = served.get(route.url);
    if (endpoint !== undefined && isSame(route)) throw new CoalmineError('COALMINE_PATH_TAKEN', pathTaken(endpoint));
    routes.declare(route);
  });
  // @fastify/otel starts its span in a hook, which runs after ours if it is registered after us.
  const isSpanBefore = app.hasRequestDecorator('opentelemetry');
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = instrument.begin(request.raw, reply.raw);
    if (isSpanBefore) instrument.trace(exchange);
    routes.assign(exchange, request);
    done();
  });
  if (options.telemetry !== undefined && !isSpanBefore) {
    app.addHook('preParsing', (request, reply, _payload, done) => {
      instrument.trace(instrument.begin(request.raw, reply.raw));
      done();
    });
  }
  app.addHook('onReady', async () => {
    await instrument.listen();
  });
  // Fastify responds to a malformed URL, and to a request that comes while it closes, before any hook. A plugin in a
  // scope ignores these requests, because requests of other scopes must not be counted.
  if (isRoot(app)) instrument.attach(app.server);
};

/**
 * Clean canary metrics for Fastify 4 and 5: `await app.register(coalmine)`.
 *
 * Register it before the routes and await it, so that every route has its zero series from the start. Registering it
 * again on the same app does nothing. Rejects with `CoalmineError` when an option is invalid (see docs/errors.md).
 */
export const coalmine: FastifyPluginAsync<CoalmineOptions> = fastifyPlugin(install, {
  fastify: '^4.23.0 || ^5.0.0',
  name: '@coalmine/fastify',
});

/** Makes `app.close()` wait until a drain is over. Returns a function that closes the app at once. */
function closeAfterDrain(app: FastifyInstance, { health }: Instrument, log: Log): () => PromiseLike<unknown> {
  const close = app.close.bind(app) as () => PromiseLike<unknown>;
  if (health === undefined) return close;
  app.close = ((...listener: []) => {
    if (health.isDraining) return health.served().then(() => close(...listener));
    if (health.wasProbed && app.server.listening) {
      log.info(
        'app.close() closes without a drain and refuses requests that are on their way: await app.coalmine.health.drain() before',
      );
    }
    return close(...listener);
  }) as typeof app.close;
  return close;
}

interface Routes {
  /** Declares a route as it becomes known, and leaves it as it is. Throws if its options are invalid. */
  declare(route: RouteLike): void;
  /** Counts an exchange on its route. */
  assign(exchange: HttpExchange, request: FastifyRequest): void;
}

interface Declared {
  readonly options: CoalmineConfig | undefined;
  readonly pattern: RoutePattern;
}

function createRoutes(app: FastifyInstance, instrument: Instrument): Routes {
  // Routes of one method and URL differ in their constraints, and may differ in their options.
  const declared = new Map<string, Declared[]>();
  let hasWarned = false;

  return {
    declare(route) {
      const key = keyOf(route.url, route.method);
      const { coalmine: options } = (route.config ?? {}) as RouteConfig;
      const others = declared.get(key) ?? [];
      declared.set(key, [...others, { options, pattern: declare(route) }]);
    },
    assign(exchange, request) {
      const { url, method = [], config } = request.routeOptions;
      if (url === undefined) return;
      const pattern = (config as RouteConfig)[patternKey] ?? keep(url, method, config);
      pattern.assign(exchange);
    },
  };

  /** Keeps the pattern of a route on its config, at its first request: hooks of the app see the config before that. */
  function keep(url: string, method: string | string[], config: RouteConfig): RoutePattern {
    const same = declared.get(keyOf(url, method))?.find(({ options }) => options === config.coalmine);
    const pattern = same?.pattern ?? declareLate(url, method, config);
    config[patternKey] = pattern;
    return pattern;
  }

  function declare({ url, method, config }: RouteLike): RoutePattern {
    const options = config as (RouteConfig & Partial<StaticFile>) | undefined;
    const pattern = instrument.pattern(patternOf(url, options), options?.coalmine);
    // Fastify itself usually adds HEAD to a GET, so the series of HEAD wait for a first request.
    pattern.declare([method].flat().filter((each) => each !== 'HEAD'));
    return pattern;
  }

  /**
   * Declares a route that was registered before the plugin, or in the same tick as a `register` that nobody awaited.
   */
  function declareLate(url: string, method: string | string[], config: RouteConfig): RoutePattern {
    if (!hasWarned) {
      hasWarned = true;
      app.log.warn(
        `coalmine learned of ${url} only from a request, so its series were missing until now. Await app.register(coalmine) before the routes`,
      );
    }
    try {
      return declare({ url, method, config });
    } catch (error) {
      app.log.warn(error, `coalmine cannot use the options of ${url}`);
      return declare({ url, method });
    }
  }
}

function keyOf(url: string, method: string | string[]): string {
  return `${method} ${url}`;
}

/** Warns of options that a second registration on the same app has, and the first has not. */
function warnOfOtherOptions(instrument: Instrument, options: CoalmineOptions): void {
  const first = optionsOf.get(instrument) ?? {};
  const names = Object.keys(options) as (keyof CoalmineOptions)[];
  const others = names.filter((name) => !isDeepStrictEqual(options[name], first[name]));
  if (others.length === 0) return;
  warn(
    'COALMINE_REGISTERED_TWICE',
    `coalmine is registered already, so these options of a second registration have no effect: ${others.join(', ')}. Register it once, or give another app a \`registry\` of its own`,
  );
}

/** Whether a route would serve the requests of an endpoint of Coalmine: `GET`, for any host and version. */
function isSame({ method, constraints }: RouteLike & { readonly constraints?: object | undefined }): boolean {
  return [method].flat().includes('GET') && Object.keys(constraints ?? {}).length === 0;
}

/** Whether an app is the root: a scope inherits from the app that contains it. */
function isRoot(app: FastifyInstance): boolean {
  return !('hasDecorator' in Object.getPrototypeOf(app));
}

/** The properties that `@fastify/static` sets on each route of a file, with `wildcard: false`. */
interface StaticFile {
  /** The file below the prefix of the plugin; the URL of the route begins with the prefix. */
  readonly file: string;
  readonly rootPath: string;
}

/** Returns the label of a route. Files of one directory share the pattern that they have with `wildcard: true`. */
function patternOf(url: string, { file, rootPath }: Partial<StaticFile> = {}): string {
  if (typeof file === 'string' && typeof rootPath === 'string' && url.endsWith(file)) {
    return `${stripSlash(url.slice(0, url.length - file.length))}/*`;
  }
  return stripSlash(url) || '/';
}

function stripSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

/** Returns the options of Coalmine, without the options that Fastify itself reads from `register`. */
function ownOptions(registered: CoalmineOptions): CoalmineOptions {
  const { prefix = '/', logLevel, logSerializers, ...options } = registered as CoalmineOptions & FastifyPluginOptions;
  if (stripSlash(prefix) !== '') {
    warn(
      'COALMINE_INVALID_OPTION',
      `\`prefix\` has no effect on the endpoints of coalmine, got "${prefix}". Set \`metrics.path\` and \`health.paths\`, or register coalmine in a scope with this prefix, which counts only the requests of the scope`,
    );
  }
  return options;
}
