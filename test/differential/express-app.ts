import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response, Router } from 'express';
import { EXCHANGE_DEEDS } from './exchange-deeds.js';
import { ERROR_DEEDS, EXPRESS_DEEDS, PASSING_DEEDS } from './express-deeds.js';
import type { ExpressPlan, ExpressVersion, Handler, Part, Path } from './express-plan.js';
import { describeError, keysOf, type Trace } from './trace.js';

const require = createRequire(import.meta.url);
const FILES = fileURLToPath(new URL('files', import.meta.url));

/** Builds the Express app of a plan. `install` gets the app when it has its settings. */
export function buildExpress(
  version: ExpressVersion,
  plan: ExpressPlan,
  trace: Trace,
  install: (app: Express) => void,
): Server {
  const express: typeof import('express') = require(version === 'express4' ? 'express4' : 'express53');
  const app = appOf(plan);
  app.on('mount', () => trace.app.push('the app was mounted'));
  trace.app.push(`app: ${keysOf(app)}`, ...stackOf(app));
  return createServer(app);

  function appOf({ settings, parts }: ExpressPlan, isRoot = true): Express {
    const made = express();
    made.engine('test', (path, options, done) => done(null, `${path} ${JSON.stringify(Object.keys(options))}`));
    made.set('view engine', 'test');
    made.set('env', 'test');
    for (const [name, value] of settings) made.set(name, value);
    if (isRoot) install(made);
    put(made, parts);
    return made;
  }

  function put(target: Router, parts: readonly Part[]): void {
    for (const part of parts) {
      try {
        add(target, part);
      } catch (error) {
        trace.app.push(`${part.kind} throws ${describeError(error)}`);
      }
    }
  }

  function add(target: Router, part: Part): void {
    switch (part.kind) {
      case 'use':
        if (part.path === undefined) target.use(...part.handlers.map(handlerOf));
        else target.use(pathOf(part.path), ...part.handlers.map(handlerOf));
        return;
      case 'route': {
        const route = part.isChained ? target.route(pathOf(part.path) as string) : undefined;
        for (const method of part.methods as readonly 'get'[]) {
          if (route === undefined) target[method](pathOf(part.path), ...part.handlers.map(handlerOf));
          else route[method](...part.handlers.map(handlerOf));
        }
        return;
      }
      case 'router':
      case 'called router': {
        const router = express.Router(Object.fromEntries(part.options));
        put(router, part.parts);
        const call: RequestHandler = (request, response, next) => router(request, response, next);
        target.use(pathOf(part.path), part.kind === 'router' ? router : call);
        return;
      }
      case 'app':
        target.use(pathOf(part.path), appOf(part, false));
        return;
      case 'param': {
        const handler = handlerOf(part.handler) as RequestHandler;
        target.param('p', (request, response, next, value, name) => {
          trace.of(request, response).note(`param ${name} ${value}`);
          return handler(request, response, next);
        });
        return;
      }
      case 'parser':
        target.use(express[part.parser](Object.fromEntries(part.options)));
        return;
      case 'static':
        target.use(pathOf(part.path), express.static(FILES, Object.fromEntries(part.options)));
        return;
      default:
        part satisfies never;
    }
  }

  function handlerOf({ name, deed, isForErrors }: Handler): RequestHandler {
    if (isForErrors) {
      const act = ERROR_DEEDS[deed] as NonNullable<(typeof ERROR_DEEDS)[string]>;
      const handler: ErrorRequestHandler = (error, request, response, next) => {
        const notes = trace.of(request, response);
        notes.note(`${name} gets ${describeError(error)}`);
        notes.note(`${name} ${deed}: ${describe(request, response, next)}`);
        return act(error, request, response, next, notes) as undefined;
      };
      return Object.defineProperty(handler, 'name', { value: name }) as unknown as RequestHandler;
    }
    const act = PASSING_DEEDS[deed] ?? EXPRESS_DEEDS[deed];
    const exchange = EXCHANGE_DEEDS[deed];
    const handler: RequestHandler = (request, response, next) => {
      const notes = { ...trace.of(request, response), isRejectionLost: version === 'express4' };
      notes.note(`${name} ${deed}: ${describe(request, response, next)}`);
      if (act !== undefined) return act(request, response, next, notes) as undefined;
      return exchange?.(request, response, notes) as undefined;
    };
    return Object.defineProperty(handler, 'name', { value: name });
  }
}

function pathOf(path: Path): string | RegExp {
  if (typeof path === 'string') return path;
  return 'regexp' in path ? new RegExp(path.regexp) : (path.map((each) => each) as never);
}

/** Returns what a function of an app sees of its request. */
function describe(request: Request, response: Response, next: NextFunction): string {
  const { method, url, originalUrl, baseUrl, params, route } = request;
  const seen = { method, url, originalUrl, baseUrl, params, route: (route as { path?: unknown } | undefined)?.path };
  return [
    JSON.stringify(seen),
    `next: ${next.name} ${next.length}`,
    // docs/architecture.md: with Coalmine, `route` is an accessor on the prototype.
    `request: ${keysOf(request).replace(/ route\b/, '')}`,
    `response: ${keysOf(response)} ${JSON.stringify(response.getHeaders())} ${response.statusCode}`,
  ].join('; ');
}

interface Layer {
  readonly name?: string;
  readonly handle: { readonly name: string; readonly length: number; readonly stack?: readonly Layer[] };
  readonly route?: { readonly path: unknown; readonly methods: object; readonly stack: readonly Layer[] };
}

/** Returns what an app finds in its router, without the layer of Coalmine. */
function stackOf(app: Express): string[] {
  const routers = app as unknown as { readonly _router?: Layer['handle']; readonly router: Layer['handle'] };
  // Express 4 has the first property, and throws at the second.
  const { stack = [] } = routers._router ?? routers.router;
  return describeLayers(
    stack.filter(({ handle }) => handle.name !== 'middleware'),
    '',
  );
}

function describeLayers(stack: readonly Layer[], indent: string): string[] {
  return stack.flatMap((layer) => [
    `${indent}layer ${layer.name} ${layer.handle.name} ${layer.handle.length} ${keysOf(layer)} ${keysOf(layer.handle)}`,
    ...describeLayers(layer.handle.stack ?? [], `${indent}  `),
    ...(layer.route === undefined
      ? []
      : [
          `${indent}  route ${String(layer.route.path)} ${JSON.stringify(layer.route.methods)} ${keysOf(layer.route)}`,
          ...describeLayers(layer.route.stack, `${indent}    `),
        ]),
  ]);
}
