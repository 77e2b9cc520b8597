import {
  type CoalmineOptions,
  createInstrument,
  endpointFor,
  type HttpExchange,
  type Instrument,
  warnOfUnreadRoutes,
} from '@coalmine/node';
import { InvalidOption } from '@coalmine/options';
import { alreadySent, type HonoApp, type HonoContext, type HonoMiddleware, nodeBindingsOf } from './hono.js';
import { Routes } from './routes.js';
import { Trail } from './trail.js';

/** The middleware that `coalmine(app)` returns, with the instrument of the app. */
export type CoalmineMiddleware = HonoMiddleware & { readonly instrument: Instrument };

export function createMiddleware(app: HonoApp, options?: CoalmineOptions): CoalmineMiddleware {
  if (!Array.isArray(app?.routes)) {
    throw new InvalidOption('app', 'the Hono app that uses it, as in app.use(coalmine(app))', app);
  }
  const instrument = createInstrument(options, { beforeClose });
  const routes = new Routes(instrument, app, middleware);
  const trails = new WeakMap<HttpExchange, Trail>();
  void instrument.listen();

  return Object.assign(middleware, { instrument });

  async function middleware(context: HonoContext, next: () => Promise<void>): Promise<Response | undefined> {
    const bindings = nodeBindingsOf(context);
    // A test calls the app without a server.
    if (bindings === undefined) return passOn(next);
    const { incoming, outgoing } = bindings;
    const exchange = instrument.begin(incoming, outgoing);
    readRoutes();
    const match = endpointFor(routes.endpoints, incoming);
    if (match === undefined) {
      follow(context, exchange);
      return passOn(next);
    }
    match.endpoint.handle(incoming, outgoing, match.check);
    return alreadySent();
  }

  function readRoutes(): void {
    try {
      routes.read();
    } catch (error) {
      warnUnread(error);
    }
  }

  function follow({ req }: HonoContext, exchange: HttpExchange): void {
    try {
      const trail = new Trail(req, exchange, routes);
      trails.set(exchange, trail);
      trail.begin();
    } catch (error) {
      warnUnread(error);
    }
  }

  function beforeClose(exchange: HttpExchange): void {
    try {
      trails.get(exchange)?.setFinalRoute();
    } catch (error) {
      warnUnread(error);
    }
  }

  function warnUnread(error: unknown): void {
    warnOfUnreadRoutes(instrument, 'Hono', error);
  }
}

async function passOn(next: () => Promise<void>): Promise<undefined> {
  await next();
  return undefined;
}
