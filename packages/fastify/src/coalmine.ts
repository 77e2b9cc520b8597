import {
  type CoalmineOptions,
  createInstrument,
  type HttpExchange,
  type Instrument,
  type Objective,
  parseRouteOptions,
  type Route,
  type RouteOptions,
} from '@coalmine/node';
import type { FastifyInstance, FastifyPluginAsync, FastifyPluginOptions, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import './types.js';

/** What is known of a Fastify route: everything a request needs, resolved at registration. */
interface RouteState {
  readonly pattern: string;
  readonly objective: Objective | false;
  readonly byMethod: Map<string, Route>;
}

// On the config of each route; a symbol survives the copy that Fastify makes of it.
const stateKey: unique symbol = Symbol('coalmine.route');

interface Config {
  readonly coalmine?: RouteOptions;
  [stateKey]?: RouteState;
}

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
  const instrument = createInstrument(options);
  const routes = createRoutes(app, instrument);
  app.decorate('coalmine', instrument);
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, [stateKey]: routes.declare(route) } as typeof route.config & Config;
  });
  app.addHook('onRequest', (request, reply, done) => {
    routes.assign(instrument.begin(request.raw, reply.raw), request);
    done();
  });
  app.addHook('onReady', async () => {
    await instrument.listen();
  });
  app.addHook('onClose', () => instrument.close());
  // Fastify answers a malformed URL, and a request that comes while it closes, before any hook.
  instrument.attach(app.server);
  for (const endpoint of instrument.endpoints) {
    app.route({
      method: ['GET', 'HEAD'],
      url: endpoint.path,
      config: { coalmine: false },
      logLevel: 'silent',
      // What @fastify/swagger reads to leave a route out.
      schema: { hide: true } as object,
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        reply.hijack();
        endpoint.handle(request.raw, reply.raw);
      },
    });
  }
};

/**
 * Clean canary metrics for Fastify 4 and 5: `await app.register(coalmine)`.
 *
 * Register it before the routes and await it, so that every route has its zero series from the start. Registering it
 * again on the same app does nothing. Rejects with `CoalmineError` when an option is invalid (see docs/errors.md).
 */
export const coalmine: FastifyPluginAsync<CoalmineOptions> = fastifyPlugin(install, {
  fastify: '4.x || 5.x',
  name: '@coalmine/fastify',
});

interface Routes {
  /** What a route needs at request time; throws when its options are invalid. */
  declare(route: RouteLike): RouteState;
  /** Names the route of an exchange, or drops it. */
  assign(exchange: HttpExchange, request: FastifyRequest): void;
}

function createRoutes(app: FastifyInstance, { metrics }: Instrument): Routes {
  let hasWarned = false;

  return {
    declare,
    assign(exchange, request) {
      const { url, method, config } = request.routeOptions;
      if (url === undefined) return;
      const state = (config as Config)[stateKey] ?? declareLate(url, method, config);
      if (state.objective === false) metrics.drop(exchange);
      else exchange.route = state.byMethod.get(request.method) ?? open(state, request.method, state.objective);
    },
  };

  function declare({ url, method, config }: RouteLike): RouteState {
    const objective = parseRouteOptions((config as Config | undefined)?.coalmine, metrics);
    const state: RouteState = { pattern: patternOf(url), objective, byMethod: new Map() };
    if (objective === false) return state;
    // HEAD is mostly Fastify's own addition to a GET; its series wait for a first request.
    for (const each of [method].flat()) if (each !== 'HEAD') open(state, each, objective);
    return state;
  }

  function open({ pattern, byMethod }: RouteState, method: string, objective: Objective): Route {
    const route = metrics.route(method, pattern, objective);
    byMethod.set(method, route);
    return route;
  }

  /** A route that was registered before us, or in the same tick as a `register` that nobody awaited. */
  function declareLate(url: string, method: string | string[] = [], config: Config): RouteState {
    if (!hasWarned) {
      hasWarned = true;
      app.log.warn(
        `coalmine first heard of ${url} from a request: its series were missing until now. Await app.register(coalmine) before the routes`,
      );
    }
    let state: RouteState;
    try {
      state = declare({ url, method, config });
    } catch (error) {
      app.log.warn(error, `coalmine cannot use the options of ${url}`);
      state = declare({ url, method });
    }
    config[stateKey] = state;
    return state;
  }
}

function patternOf(url: string): string {
  return url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url;
}

/** Our options, without those that Fastify itself reads from `register`. */
function ownOptions(registered: CoalmineOptions): CoalmineOptions {
  const { prefix, logLevel, logSerializers, ...options } = registered as CoalmineOptions & FastifyPluginOptions;
  return options;
}
