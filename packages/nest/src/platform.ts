import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CoalmineOptions, coalmine as express, type Instrument } from '@coalmine/express';
import { coalmine as fastify } from '@coalmine/fastify';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { routeOptionsOf } from './route.js';

/** The route of requests that matched nothing. */
const UNMATCHED = '(unmatched)';

type Register = (...args: unknown[]) => unknown;
type RequestHandler = (request: IncomingMessage, response: ServerResponse, next: unknown) => unknown;

/** What Coalmine does for an app of Nest. */
export interface Platform {
  readonly instrument: Instrument;
  /** Called when the app is about to listen. */
  start(): void;
  /** Called when the app has closed. */
  close(): Promise<void>;
}

/** Adds Coalmine to an app of Nest, before its routes. Returns `undefined` on a platform other than Express and Fastify. */
export async function install(adapter: AbstractHttpAdapter, options: CoalmineOptions): Promise<Platform | undefined> {
  switch (adapter.getType()) {
    case 'express':
      return installOnExpress(adapter, options);
    case 'fastify':
      return installOnFastify(adapter, options);
    default:
      return undefined;
  }
}

function installOnExpress(adapter: AbstractHttpAdapter, options: CoalmineOptions): Platform {
  const middleware = express(options);
  const { instrument } = middleware;
  adapter.use(middleware);
  aroundRoutes(adapter, (register, [path, ...handlers]) => {
    const route = routeOptionsOf(handlers.at(-1));
    return route === undefined ? register(path, ...handlers) : register(path, express.route(route), ...handlers);
  });
  nameUnmatched(adapter, instrument);
  return {
    instrument,
    start: () => instrument.attach(adapter.getHttpServer()),
    close: () => instrument.close(),
  };
}

/**
 * Counts the responses of Nest for a path without a route as unmatched: below the global prefix, Nest 12 sends them
 * from a route.
 */
function nameUnmatched(adapter: AbstractHttpAdapter, instrument: Instrument): void {
  const setNotFoundHandler = adapter.setNotFoundHandler?.bind(adapter) as Register | undefined;
  if (setNotFoundHandler === undefined) return;
  adapter.setNotFoundHandler = (handler: Register, ...rest: unknown[]) => {
    const named: RequestHandler = (request, response, next) => {
      instrument.route(response, UNMATCHED);
      return handler(request, response, next);
    };
    return setNotFoundHandler(named, ...rest);
  };
}

async function installOnFastify(adapter: AbstractHttpAdapter, options: CoalmineOptions): Promise<Platform> {
  const app: FastifyInstance = adapter.getInstance();
  let route: ReturnType<typeof routeOptionsOf>;
  aroundRoutes(adapter, (register, args) => {
    route = routeOptionsOf(args.at(-1));
    try {
      return register(...args);
    } finally {
      route = undefined;
    }
  });
  // Before the hook of the plugin, which reads the config. Fastify calls both while a route is registered.
  app.addHook('onRoute', (added) => {
    if (route !== undefined) added.config = { ...added.config, coalmine: route };
  });
  await app.register(fastify, options);
  // The plugin attaches and closes itself.
  return { instrument: app.coalmine, start: () => {}, close: async () => {} };
}

// The methods with which Nest registers the routes of controllers; Nest 10 and 11 lack some of these.
const METHODS = [
  'all',
  'copy',
  'delete',
  'get',
  'head',
  'lock',
  'mkcol',
  'move',
  'options',
  'patch',
  'post',
  'propfind',
  'proppatch',
  'put',
  'query',
  'search',
  'unlock',
] as const;

/** Calls `around` for each route that is registered from now on. */
function aroundRoutes(
  adapter: AbstractHttpAdapter,
  around: (register: Register, args: readonly unknown[]) => unknown,
): void {
  const methods = adapter as unknown as Record<string, Register | undefined>;
  for (const method of METHODS) {
    const register = methods[method]?.bind(adapter);
    if (register !== undefined) methods[method] = (...args) => around(register, args);
  }
}
