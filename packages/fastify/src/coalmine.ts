import {
  CoalmineError,
  type CoalmineOptions,
  createInstrument,
  createLog,
  type Endpoint,
  type HttpExchange,
  type Instrument,
  type Log,
  pathTaken,
  type RouteOptions,
  type RoutePattern,
} from '@coalmine/node';
import type { FastifyInstance, FastifyPluginAsync, FastifyPluginOptions, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** What a route's `config.coalmine` takes. (In the augmentation, RouteOptions may mean Fastify's own.) */
export type CoalmineConfig = RouteOptions;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` takes the requests of the route for no users'. */
    coalmine?: CoalmineConfig;
  }
  interface FastifyInstance {
    /** What Coalmine does for this app. */
    coalmine: Instrument;
  }
}

// On the config of each route; a symbol survives the copy that Fastify makes of it.
const patternKey: unique symbol = Symbol('coalmine.route');

interface Config {
  readonly coalmine?: RouteOptions;
  [patternKey]?: Pick<RoutePattern, 'assign'>;
}

// The endpoints say themselves what they are.
const ENDPOINT: Config = { [patternKey]: { assign: () => {} } };

interface RouteLike {
  readonly url: string;
  readonly method: string | string[];
  readonly config?: unknown;
}

const install: FastifyPluginAsync<CoalmineOptions> = async (app, registered) => {
  const options = ownOptions(registered);
  if (app.hasDecorator('coalmine')) {
    if (Object.keys(options).length > 0) {
      app.log.warn('coalmine is registered already: the options of this second registration have no effect');
    }
    return;
  }
  const instrument = createInstrument(options, {
    debug: (message) => app.log.debug(message),
    log: app.log,
    close: () => close(),
  });
  const close = closeAfterDrain(app, instrument, createLog(options.log ?? app.log));
  // A signal while the app boots ends the process.
  instrument.health?.heedSignals();
  const routes = createRoutes(app, instrument);
  app.decorate('coalmine', instrument);
  const served = new Map<string, Endpoint>();
  app.addHook('onRoute', (route) => {
    if ((route.config as Config | undefined)?.[patternKey] !== undefined) return;
    const endpoint = served.get(route.url);
    if (endpoint !== undefined && isSame(route)) throw new CoalmineError('COALMINE_PATH_TAKEN', pathTaken(endpoint));
    route.config = { ...route.config, [patternKey]: routes.declare(route) } as typeof route.config & Config;
  });
  // @fastify/otel begins its span in a hook, which comes after ours where it is registered after us.
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
  app.addHook('onClose', () => instrument.close());
  // Fastify answers a malformed URL, and a request that comes while it closes, before any hook. In a scope these are
  // nobody's: the requests of other scopes are not ours to count.
  if (isRoot(app)) instrument.attach(app.server);
  for (const endpoint of instrument.endpoints) {
    serve(endpoint, endpoint.path);
    if (endpoint.hasChecks) serve(endpoint, `${endpoint.path}/:check`);
  }

  function serve(endpoint: Endpoint, url: string): void {
    const route = {
      method: ['GET', 'HEAD'] as ['GET', 'HEAD'],
      url,
      config: ENDPOINT,
      logLevel: 'silent' as const,
      // What @fastify/swagger reads to leave a route out.
      schema: { hide: true } as object,
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        const { check } = request.params as { readonly check?: string };
        if (check === '') return reply.callNotFound();
        reply.hijack();
        endpoint.handle(request.raw, reply.raw, check);
      },
    };
    try {
      app.route(route);
    } catch (error) {
      // Fastify 4 has no code for it.
      if (!/already declared/.test(String(error))) throw error;
      throw new CoalmineError('COALMINE_PATH_TAKEN', pathTaken(endpoint), { cause: error });
    }
    served.set(`${app.prefix}${url}`, endpoint);
  }
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

/** Has `app.close()` wait until a drain is over. Returns what closes the app at once. */
function closeAfterDrain(app: FastifyInstance, { health }: Instrument, log: Log): () => PromiseLike<unknown> {
  const close = app.close.bind(app) as () => PromiseLike<unknown>;
  if (health === undefined) return close;
  app.close = ((...listener: []) => {
    if (health.isDraining) return health.served().then(() => close(...listener));
    if (health.wasProbed && app.server.listening) {
      log.info(
        'app.close() closes without a drain, and requests on their way are refused: await app.coalmine.health.drain() before',
      );
    }
    return close(...listener);
  }) as typeof app.close;
  return close;
}

interface Routes {
  /** A route as it becomes known; throws when its options are invalid. */
  declare(route: RouteLike): RoutePattern;
  /** Has an exchange counted on its route. */
  assign(exchange: HttpExchange, request: FastifyRequest): void;
}

function createRoutes(app: FastifyInstance, instrument: Instrument): Routes {
  let hasWarned = false;

  return {
    declare,
    assign(exchange, request) {
      const { url, method, config } = request.routeOptions;
      if (url === undefined) return;
      const pattern = (config as Config)[patternKey] ?? declareLate(url, method, config);
      pattern.assign(exchange);
    },
  };

  function declare({ url, method, config }: RouteLike): RoutePattern {
    const options = config as (Config & Partial<StaticFile>) | undefined;
    const pattern = instrument.pattern(patternOf(url, options), options?.coalmine);
    // HEAD is mostly Fastify's own addition to a GET; its series wait for a first request.
    pattern.declare([method].flat().filter((each) => each !== 'HEAD'));
    return pattern;
  }

  /** A route that was registered before us, or in the same tick as a `register` that nobody awaited. */
  function declareLate(url: string, method: string | string[] = [], config: Config): RoutePattern {
    if (!hasWarned) {
      hasWarned = true;
      app.log.warn(
        `coalmine first heard of ${url} from a request: its series were missing until now. Await app.register(coalmine) before the routes`,
      );
    }
    let pattern: RoutePattern;
    try {
      pattern = declare({ url, method, config });
    } catch (error) {
      app.log.warn(error, `coalmine cannot use the options of ${url}`);
      pattern = declare({ url, method });
    }
    config[patternKey] = pattern;
    return pattern;
  }
}

/** Whether a route would answer what an endpoint of ours does: `GET`, for any host and version. */
function isSame({ method, constraints }: RouteLike & { readonly constraints?: object | undefined }): boolean {
  return [method].flat().includes('GET') && Object.keys(constraints ?? {}).length === 0;
}

/** A scope inherits from the app that it is in. */
function isRoot(app: FastifyInstance): boolean {
  return !('hasDecorator' in Object.getPrototypeOf(app));
}

/** What `@fastify/static` leaves on each route that it makes of a file, with `wildcard: false`. */
interface StaticFile {
  /** Below the prefix of the plugin, which the URL of the route begins with. */
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

/** Our options, without those that Fastify itself reads from `register`. */
function ownOptions(registered: CoalmineOptions): CoalmineOptions {
  const { prefix, logLevel, logSerializers, ...options } = registered as CoalmineOptions & FastifyPluginOptions;
  return options;
}
