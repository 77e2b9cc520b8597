import {
  type CoalmineOptions,
  createInstrument,
  endpointFor,
  type Instrument,
  warnOfUnreadRoutes,
} from '@coalmine/node';
import { follow, followersOf } from './follower.js';
import type { KoaApp, KoaContext, KoaMiddleware } from './koa.js';
import { Routes } from './routes.js';
import { Trail } from './trail.js';

/** The middleware that `coalmine()` returns, with the instrument of the app. */
export type CoalmineMiddleware = KoaMiddleware & { readonly instrument: Instrument };

export function createMiddleware(options?: CoalmineOptions): CoalmineMiddleware {
  const instrument = createInstrument(options);
  const routes = new Routes(instrument);
  const host = { instrument, routes, warnUnread };
  const appsRead = new WeakSet<object>();
  void instrument.listen();

  return Object.assign(middleware, { instrument });

  async function middleware(context: KoaContext, next: () => Promise<unknown>): Promise<unknown> {
    const { req, res } = context;
    const exchange = instrument.begin(req, res);
    const match = endpointFor(instrument.endpoints, req);
    try {
      readRoutes(context.app as KoaApp, match?.endpoint.reason);
      if (match === undefined) follow(context, new Trail(followersOf(context), host, exchange));
    } catch (error) {
      warnUnread(error);
    }
    if (match === undefined) return next();
    context.respond = false;
    return match.endpoint.handle(req, res, match.check);
  }

  /**
   * Reads the routes of an app, so that their series exist before their first request. Routes that are added later are
   * read at a scrape.
   */
  function readRoutes(app: KoaApp, reason: string | undefined): void {
    if (appsRead.has(app) && reason !== 'metrics') return;
    routes.read(app);
    appsRead.add(app);
  }

  function warnUnread(error: unknown): void {
    warnOfUnreadRoutes(instrument, 'Koa', error);
  }
}
